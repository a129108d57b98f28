package import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How the files below some folders look from outside: sizes, times and numbers, without reading them.
package struct FolderState: Sendable, Hashable {
    /// What is looked at, at most.
    static let fileLimit = 20_000

    private struct Mark: Sendable, Hashable {
        var device: UInt64
        var inode: UInt64
        var size: Int64
        var seconds: Int
        var nanoseconds: Int
    }
    private var marks: [String: Mark] = [:]

    /// Looks now.
    /// - Parameters:
    ///   - plugins: Folders with one folder for each plugin.
    ///   - single: Folders of single plugins.
    ///   - files: Further files.
    package init(plugins: [URL] = [], single: [URL] = [], files: [URL] = []) {
        for folder in plugins {
            mark(folder.path)
            // As of the plugins themselves, `_x` is left out.
            for name in Self.names(in: folder.path) where !name.hasPrefix("_") { look(at: "\(folder.path)/\(name)") }
        }
        for folder in single { look(at: folder.path) }
        for file in files { mark(file.path) }
    }

    private mutating func look(at plugin: String) {
        guard mark(plugin) else { return }
        mark(plugin + "/plugin.json")
        mark(plugin + "/init.lua")
        if mark(plugin + "/lib") { walk(plugin + "/lib", depth: 0) }
    }

    private mutating func walk(_ folder: String, depth: Int) {
        guard depth < 4 else { return }
        for name in Self.names(in: folder) where mark("\(folder)/\(name)") && !name.hasSuffix(".lua") {
            walk("\(folder)/\(name)", depth: depth + 1)
        }
    }

    private static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix(".") }
    }

    /// Notes a file, or what a link leads to.
    /// - Returns: Whether there is one.
    @discardableResult
    private mutating func mark(_ path: String) -> Bool {
        var info = stat()
        guard marks.count < Self.fileLimit, stat(path, &info) == 0 else { return false }
        #if canImport(Glibc)
            let changed = info.st_ctim
        #else
            let changed = info.st_ctimespec
        #endif
        // The time of change, unlike that of the contents, cannot be set back by who copies a file.
        marks[path] = Mark(
            device: UInt64(info.st_dev), inode: UInt64(info.st_ino), size: Int64(info.st_size), seconds: changed.tv_sec,
            nanoseconds: changed.tv_nsec)
        return true
    }
}

/// Says when changed files have come to rest, so that a plugin which is half copied is not loaded.
package struct FolderWatch: Sendable {
    private var loaded: FolderState
    private var last: FolderState

    /// - Parameter loaded: How the files looked before they were read last.
    package init(loaded: FolderState) {
        self.loaded = loaded
        last = loaded
    }

    /// Takes in how the files look now.
    /// - Returns: Whether they are to be read: they are others than those that were read last, and have not changed since
    ///   the look before.
    package mutating func note(_ state: FolderState) -> Bool {
        defer { last = state }
        guard state != loaded, state == last else { return false }
        loaded = state
        return true
    }
}
