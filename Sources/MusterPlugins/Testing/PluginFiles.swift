package import Foundation

/// How the files of plugins looked at one moment: `muster test --watch` compares two of them.
package struct PluginFiles: Sendable, Equatable {
    private struct Stamp: Sendable, Equatable {
        var modified: Date?
        var size: Int?
    }

    private var plugins: [String: [String: Stamp]] = [:]

    /// Looks at the plugins below a folder.
    package init(in directory: URL) {
        for folder in (try? PluginFolder.all(in: directory)) ?? [] {
            var stamps: [String: Stamp] = [:]
            for file in folder.watchedFiles() {
                let values = try? file.resourceValues(forKeys: [.contentModificationDateKey, .fileSizeKey])
                stamps[file.path] = Stamp(modified: values?.contentModificationDate, size: values?.fileSize)
            }
            plugins[folder.name] = stamps
        }
    }

    /// The plugins that are new, gone, or have changed since `earlier`, sorted.
    package func changed(since earlier: PluginFiles) -> [String] {
        Set(plugins.keys).union(earlier.plugins.keys).filter { plugins[$0] != earlier.plugins[$0] }.sorted()
    }

    /// The plugins that there are.
    package var names: Set<String> { Set(plugins.keys) }
}

extension PluginFolder {
    /// What a run of specs depends on.
    fileprivate func watchedFiles() -> [URL] {
        let paths = ["plugin.json", "init.lua"] + names(below: "lib") + names(below: "spec")
        return paths.map { url.appending(path: $0) }
    }
}
