package import Foundation
import SCIM

/// The checksums with which plugins were pinned, as `plugins.lock` keeps them: JSON, sorted, so that a change can be reviewed.
///
/// The file stands in the data folder, out of the reach of whoever may only change plugins.
package struct PluginPins: Sendable, Hashable {
    static let fileLimit = 4 << 20

    /// The checksums by the plugins' names; that of a shadow by ``shadow(of:)``.
    package private(set) var plugins: [String: PluginDigest] = [:]

    package init() {}

    private static let shadowMark = "@shadow"

    /// What the shadow of a plugin is called among the pins; no plugin can be called so.
    package static func shadow(of name: String) -> String { name + shadowMark }

    /// How many plugins are pinned, shadows left out.
    package var count: Int { plugins.keys.count { !$0.hasSuffix(Self.shadowMark) } }

    /// Reads the file.
    /// - Returns: Nil when there is none.
    /// - Throws: ``Diagnostic`` when it is no such file.
    package static func read(_ file: URL) throws -> PluginPins? {
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        func problem(_ summary: String) -> Diagnostic {
            Diagnostic(
                .error, summary, detail: "mend the file, or write it anew with 'muster plugin pin'", file: file.lastPathComponent)
        }
        guard let data = FileManager.default.contents(atPath: file.path), data.count <= fileLimit else {
            throw problem("cannot be read, or is larger than \(fileLimit >> 20) MiB")
        }
        guard let document = try? AttributeValue(json: Array(data)), let listed = document["plugins"]?.complex else {
            throw problem("is not a list of pinned plugins")
        }
        var pins = PluginPins()
        for (name, pin) in listed.members.map({ ($0.name, $0.value) }) {
            let files = pin["files"]?.complex?.members.compactMap { member in member.value.string.map { (member.name, $0) } } ?? []
            let digest = PluginDigest(files: Dictionary(files) { first, _ in first })
            guard !files.isEmpty, pin["sha256"]?.string == digest.sum else {
                throw problem("the checksum of '\(name)' does not go with those of its files")
            }
            pins.plugins[name] = digest
        }
        return pins
    }

    /// Writes the file, at once or not at all.
    package func write(to file: URL) throws {
        var text = "{\n  \"plugins\": {"
        func quoted(_ text: String) -> String { AttributeValue.string(text).jsonText }
        for (number, name) in plugins.keys.sorted().enumerated() {
            let digest = plugins[name] ?? PluginDigest(files: [:])
            let files = digest.files.keys.sorted().map { "        \(quoted($0)): \(quoted(digest.files[$0] ?? ""))" }
            text += (number == 0 ? "\n" : ",\n") + "    \(quoted(name)): {\n      \"sha256\": \(quoted(digest.sum)),\n"
            text += "      \"files\": {\n\(files.joined(separator: ",\n"))\n      }\n    }"
        }
        text += (plugins.isEmpty ? "" : "\n  ") + "},\n  \"version\": 1\n}\n"
        try Data(text.utf8).write(to: file, options: .atomic)
    }

    // MARK: Pinning

    /// Pins plugins of a folder as they are now.
    /// - Parameter names: Which; empty for all that are there, in which case pins of others are forgotten.
    /// - Returns: The names that were pinned.
    /// - Throws: ``Diagnostic`` when a plugin is not there or cannot be read; nothing is pinned then.
    package mutating func pin(_ names: [String], in directory: URL) throws -> [String] {
        let folders = try PluginFolder.all(in: directory)
        for name in names where !folders.contains(where: { $0.name == name }) {
            throw Diagnostic(
                .error, "there is no plugin '\(name)' in \(directory.path)", detail: NearestName.hint(name, among: folders.map(\.name)))
        }
        var pins = names.isEmpty ? plugins.filter { $0.key.hasSuffix(Self.shadowMark) } : plugins
        let wanted = folders.filter { names.isEmpty || names.contains($0.name) }
        for folder in wanted {
            let folder = folder.read()
            guard let digest = PluginDigest(folder) else { throw folder.unreadable }
            pins[folder.name] = digest
        }
        plugins = pins
        return wanted.map(\.name)
    }

    /// Pins the version in a folder as the shadow of a plugin.
    /// - Throws: ``Diagnostic`` when it cannot be read.
    package mutating func pin(shadow folder: URL, of name: String) throws {
        let folder = PluginFolder(name: name, url: folder).read()
        guard let digest = PluginDigest(folder) else { throw folder.unreadable }
        plugins[Self.shadow(of: name)] = digest
    }

    /// Forgets pins.
    /// - Returns: The names that were pinned.
    package mutating func unpin(_ names: [String]) -> [String] { names.filter { plugins.removeValue(forKey: $0) != nil } }

    /// What differs between a folder and its pins: plugins that have changed, are not pinned, or are gone. Shadows stand elsewhere.
    package func verify(_ directory: URL) throws -> [Diagnostic] {
        let folders = try PluginFolder.all(in: directory)
        let gone = plugins.keys.sorted().filter { name in !name.hasSuffix(Self.shadowMark) && !folders.contains { $0.name == name } }
        return folders.compactMap { finding(for: $0.read()) }
            + gone.map { Diagnostic(.error, "is pinned but not there", detail: "take the pin away: muster plugin unpin \($0)", file: $0) }
    }

    // MARK: Checking

    /// Why a plugin must not be loaded; nil where it is as it was pinned.
    /// - Parameter isShadow: Whether it is to run as a shadow.
    func finding(for folder: PluginFolder, isShadow: Bool = false) -> Diagnostic? {
        guard let digest = PluginDigest(folder) else { return folder.unreadable }
        let options = isShadow ? "--data and --shadow \(folder.url.path)" : "--data and --plugins"
        let advice = "read what has changed, then run 'muster plugin pin \(folder.name)' with \(options)"
        guard let pinned = plugins[isShadow ? Self.shadow(of: folder.name) : folder.name] else {
            return Diagnostic(
                .error, "the \(isShadow ? "shadow" : "plugin") is not pinned; its SHA-256 is \(digest.sum)", detail: advice,
                file: folder.name)
        }
        guard pinned != digest else { return nil }
        let paths = Set(pinned.files.keys).union(digest.files.keys).sorted().filter { pinned.files[$0] != digest.files[$0] }
        let first = paths.first ?? ""
        func sum(_ digest: PluginDigest) -> String { digest.files[first].map { "SHA-256 \($0)" } ?? "no such file" }
        let more = paths.count > 1 ? ", and \(paths.count - 1) more files differ" : ""
        return Diagnostic(
            .error, "the file is not as it was pinned: expected \(sum(pinned)), found \(sum(digest))\(more)", detail: advice,
            file: "\(folder.name)/\(first)")
    }
}

/// Whether plugins must be as they were pinned.
package struct PinPolicy: Sendable, Hashable {
    /// `plugins.lock`.
    package var file: URL
    /// Whether nothing loads without it; else it counts where it is there.
    package var isRequired: Bool

    package init(file: URL, isRequired: Bool = false) {
        self.file = file
        self.isRequired = isRequired
    }

    /// Gives the reason why a plugin must not be loaded, as the file says now.
    /// - Parameter shadows: Whether it is asked of shadows.
    func check(shadows: Bool = false) -> (PluginFolder) -> Diagnostic? {
        do {
            guard let pins = try PluginPins.read(file) ?? (isRequired ? PluginPins() : nil) else { return { _ in nil } }
            return { pins.finding(for: $0, isShadow: shadows) }
        } catch {
            // Who can spoil the file must not be able to switch it off.
            let finding = error as? Diagnostic ?? Diagnostic(.error, "\(error)", file: file.lastPathComponent)
            return { _ in finding }
        }
    }
}

extension PluginFolder {
    /// Which of the files cannot be read.
    fileprivate var unreadable: Diagnostic {
        for path in (files ?? [:]).keys.sorted() { if case .failure(let problem)? = files?[path] { return problem } }
        return Diagnostic(.error, "cannot be read", file: name)
    }
}
