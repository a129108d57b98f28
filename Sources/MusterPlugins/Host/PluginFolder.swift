import Foundation

/// The files of one plugin, read with limits; nothing outside of the folder is ever read.
struct PluginFolder: Sendable {
    /// A Lua file.
    struct Source: Sendable, Hashable {
        /// The name that `require` knows it by: `lib.text`.
        var module: String
        /// How errors name it: `welcome-mail/lib/text.lua`.
        var file: String
        /// Its text.
        var text: String
    }

    static let manifestLimit = 64 << 10
    static let sourceLimit = 256 << 10
    static let fileLimit = 64

    /// The folder's name.
    let name: String
    /// Where it is.
    let url: URL
    /// The files as they were read at one moment, by their paths; nil where each is read when it is wanted.
    private(set) var files: [String: Result<[UInt8], Diagnostic>]?

    init(name: String, url: URL) {
        self.name = name
        self.url = url
    }

    /// The plugins below a folder: those with a plugin.json, sorted by name; `_x` and `.x` are left out.
    /// - Throws: When the folder cannot be read.
    static func all(in directory: URL) throws -> [PluginFolder] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
            .filter { !$0.hasPrefix(".") && !$0.hasPrefix("_") }
            .map { PluginFolder(name: $0, url: directory.appending(path: $0)) }
            .filter { FileManager.default.fileExists(atPath: $0.url.appending(path: "plugin.json").path) }
    }

    /// `plugin.json` as it stands.
    func manifest() throws(Diagnostic) -> [UInt8] { try bytes("plugin.json", limit: Self.manifestLimit) }

    /// `init.lua`.
    func entry() throws(Diagnostic) -> Source { try source("init.lua", module: "init") }

    /// The files below `lib`, as `lib.x`.
    func library() throws(Diagnostic) -> [Source] { try sources(below: "lib") { $0.hasSuffix(".lua") } }

    /// The specs, as `spec.x_spec`.
    func specs() throws(Diagnostic) -> [Source] { try sources(below: "spec") { $0.hasSuffix("_spec.lua") } }

    private func sources(below folder: String, where isWanted: (String) -> Bool) throws(Diagnostic) -> [Source] {
        let names = try names(below: folder, depth: 0).filter(isWanted)
        guard names.count <= Self.fileLimit else {
            throw Diagnostic(.error, "there are more than \(Self.fileLimit) files in \(folder)/", file: "\(name)/\(folder)")
        }
        var found: [Source] = []
        for path in names { found.append(try source(path, module: path.dropLast(4).replacing("/", with: "."))) }
        return found
    }

    /// Relative paths of all files below a folder, sorted.
    private func names(below folder: String, depth: Int) throws(Diagnostic) -> [String] {
        if folder == "lib", let files { return files.keys.filter { $0.hasPrefix(folder + "/") }.sorted() }
        guard depth < 4, let entries = try? FileManager.default.contentsOfDirectory(atPath: url.appending(path: folder).path) else {
            return []
        }
        var found: [String] = []
        for entry in entries.sorted() where !entry.hasPrefix(".") {
            let path = "\(folder)/\(entry)"
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: url.appending(path: path).path, isDirectory: &isFolder) else { continue }
            if isFolder.boolValue { found += try names(below: path, depth: depth + 1) } else { found.append(path) }
        }
        return found
    }

    private func source(_ path: String, module: some StringProtocol) throws(Diagnostic) -> Source {
        let bytes = try bytes(path, limit: Self.sourceLimit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Diagnostic(.error, "is not valid UTF-8", detail: "save it as UTF-8", file: "\(name)/\(path)")
        }
        return Source(module: String(module), file: "\(name)/\(path)", text: text)
    }

    private func bytes(_ path: String, limit: Int) throws(Diagnostic) -> [UInt8] {
        if let file = files?[path] { return try file.get() }
        let file = url.appending(path: path)
        func problem(_ summary: String, _ detail: String = "") -> Diagnostic {
            Diagnostic(.error, summary, detail: detail, file: "\(name)/\(path)")
        }
        let (root, real) = (url.resolvingSymlinksInPath().path, file.resolvingSymlinksInPath().path)
        guard real.hasPrefix(root + "/") else { throw problem("leads out of the plugin's folder", "copy the file into the folder") }
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: real) else { throw problem("is missing") }
        guard attributes[.type] as? FileAttributeType == .typeRegular else { throw problem("is not a file") }
        guard let size = attributes[.size] as? Int, size <= limit else { throw problem("is larger than \(limit >> 10) KiB") }
        guard let data = FileManager.default.contents(atPath: real), data.count <= limit else { throw problem("cannot be read") }
        return Array(data)
    }
}

// MARK: All at one moment

extension PluginFolder {
    /// The folder with all that counts for running it (`plugin.json`, `init.lua` and `lib/**.lua`) read now: what is
    /// compared, pinned and loaded are then the same bytes. Specs are still read when they are wanted.
    func read() -> PluginFolder {
        var files: [String: Result<[UInt8], Diagnostic>] = [:]
        func take(_ path: String, limit: Int) {
            do { files[path] = .success(try bytes(path, limit: limit)) } catch { files[path] = .failure(error) }
        }
        take("plugin.json", limit: Self.manifestLimit)
        take("init.lua", limit: Self.sourceLimit)
        // One more than there may be, so that too many are found to be so.
        let library = (try? names(below: "lib", depth: 0))?.filter { $0.hasSuffix(".lua") } ?? []
        for path in library.prefix(Self.fileLimit + 1) { take(path, limit: Self.sourceLimit) }
        var folder = self
        folder.files = files
        return folder
    }

    /// What ``read()`` has read, by path; nil where a file could not be read.
    var contents: [String: [UInt8]]? { files.flatMap { files in try? files.mapValues { try $0.get() } } }
}

extension Diagnostic: Error {}
