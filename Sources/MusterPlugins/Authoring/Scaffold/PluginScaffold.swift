package import Foundation
import SCIM

/// A new plugin that works, with a spec that passes: `muster plugin new`.
package struct PluginScaffold: Sendable {
    /// Why none is written.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// A file, by its path inside the plugin's folder.
    package struct File: Sendable {
        package var path: String
        package var text: String
    }

    private let name: String
    private let hooks: [APIHook]

    /// - Parameter hooks: Names of hooks; each counts once.
    /// - Throws: ``Failure`` for a name that is none, or a hook that is not there.
    package init(name: String, hooks names: [String]) throws(Failure) {
        guard PluginManifest.isName(name) else {
            throw Failure(description: "'\(name)' cannot be a plugin's name: use a-z, 0-9 and '-', at most 40")
        }
        let known = APIReference.plugins.hooks
        for hook in names where !known.contains(where: { $0.name.rawValue == hook }) {
            throw Failure(description: "'\(hook)' is no hook; " + NearestName.hint(hook, among: known.map(\.name.rawValue)))
        }
        self.name = name
        hooks = known.filter { names.contains($0.name.rawValue) }
    }

    /// Writes the folder.
    /// - Parameter directory: The folder with one folder for each plugin; it is made where it is missing.
    /// - Returns: The new folder.
    /// - Throws: ``Failure`` where there is something of this name.
    package func write(into directory: URL) throws -> URL {
        let folder = directory.appending(path: name)
        let manager = FileManager.default
        if manager.fileExists(atPath: folder.path) {
            throw Failure(description: "\(folder.relativePath) is there already; choose another name, or take it away first")
        }
        do {
            for file in files {
                let url = folder.appending(path: file.path)
                try manager.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(file.text.utf8).write(to: url, options: .withoutOverwriting)
            }
        } catch { throw Failure(description: "cannot write \(folder.relativePath): \(error.localizedDescription)") }
        return folder
    }

    /// All files.
    package var files: [File] {
        [
            File(path: "plugin.json", text: manifest), File(path: "init.lua", text: code),
            File(path: "spec/\(name)_spec.lua", text: spec), File(path: "README.md", text: readme),
        ]
    }

    private var manifest: String {
        let schedule = hooks.contains { $0.name == .onSchedule } ? ",\n  \"schedule\": \"0 6 * * *\"" : ""
        return """
            {
              "name": "\(name)",
              "version": "0.1.0",
              "api": 1,
              "description": "Says in a sentence what \(name) does."\(schedule)
            }

            """
    }

    private var code: String {
        let needsLog = hooks.contains { $0.example.contains("log.") }
        let head = (needsLog ? "local log = muster.log\n\n" : "") + "---@type muster.Plugin\nlocal plugin = {}\n\n"
        let functions = hooks.map { hook in
            Self.comment(hook.sentence) + "---@param ctx \(hook.context.name)\n" + hook.example + "\n\n"
        }
        return head + functions.joined() + "return plugin\n"
    }

    /// A sentence as comment lines.
    private static func comment(_ sentence: String) -> String {
        var lines = [""]
        for word in sentence.split(separator: " ") {
            let line = lines[lines.count - 1]
            if line.count + word.count > 100 {
                lines.append(String(word))
            } else {
                lines[lines.count - 1] = line.isEmpty ? String(word) : "\(line) \(word)"
            }
        }
        return lines.map { "--- \($0)\n" }.joined()
    }

    private var spec: String {
        let specs = hooks.map { hook in
            let indented = hook.spec.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "    \($0)" }
            return "  it(\"answers in \(hook.name.rawValue)\", function()\n\(indented.joined(separator: "\n"))\n  end)\n"
        }
        return "describe(\"\(name)\", function()\n\(specs.joined(separator: "\n"))end)\n"
    }

    private var readme: String {
        let list = hooks.map { "- `\($0.name.rawValue)`: \($0.sentence)" }
        return """
            # \(name)

            Says in a sentence what \(name) does, and for whom.

            ## Hooks

            \(list.joined(separator: "\n"))

            ## Settings

            None. Describe settings under `config` in plugin.json; the site gives them in muster.yaml:

            ```yaml
            plugins:
              \(name):
                config: {}
            ```

            ## Permissions

            None. Name here what plugin.json permits, and why.

            """
    }
}
