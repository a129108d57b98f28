import ArgumentParser
import Foundation
import MusterPlugins
import SCIM

extension Plugin {
    /// `muster plugin new`
    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a new plugin: plugin.json, init.lua, a spec that passes, and a README.",
            discussion: """
                  muster plugin new welcome-mail
                  muster plugin new badge-printer --hook onCreate --hook onDelete

                Nothing that is there is written over.
                """)

        @Argument(help: "The name: a-z, 0-9 and '-', at most 40.") var name: String
        @Option(name: .customLong("hook"), help: "A hook to begin with; may be given again. See 'muster plugin docs hooks'.")
        var hooks = [HookName.onCreate.rawValue]
        @Option(help: "The folder with one folder for each plugin.") var plugins = "Plugins"

        func run() throws {
            let scaffold = try PluginScaffold(name: name, hooks: hooks)
            _ = try scaffold.write(into: URL(filePath: plugins, directoryHint: .isDirectory))
            for file in scaffold.files { Output.line("wrote \(plugins)/\(name)/\(file.path)") }
            let folder = plugins == "Plugins" ? "" : " --plugins \(plugins)"
            Output.line()
            Output.line("Next:")
            for (command, purpose) in [
                ("muster test \(name)\(folder)", "runs its specs"), ("muster plugin check\(folder)", "looks for mistakes"),
                ("muster plugin docs \(hooks.first ?? "ctx")", "tells what the hook is given"),
                ("muster plugin definitions\(folder.replacing("--plugins", with: "--output"))", "makes your editor know the API"),
            ] { Output.line("  \(command.padding(toLength: max(command.count, 44), withPad: " ", startingAt: 0))  \(purpose)") }
        }
    }

    /// `muster plugin docs`
    struct Docs: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the API of plugins with examples.",
            discussion: """
                  muster plugin docs                    what there is
                  muster plugin docs muster.http.post   a function; muster.http for all of them
                  muster plugin docs onCreate           a hook and its ctx
                  muster plugin docs ctx.user           a field
                  muster plugin docs manifest           plugin.json
                """)

        @Argument(help: "A hook, function, field or table; an overview where it is left out.") var name: String?
        @Flag(help: "Print Markdown; without a name, all of it.") var markdown = false

        func run() throws {
            let page: ReferencePage
            if let name {
                guard let found = ReferenceBook.page(name) else {
                    let near = NearestName.suffix(name, among: ReferenceBook.names)
                    throw CommandFailure("there is nothing called '\(name)'\(near.isEmpty ? "; see 'muster plugin docs'" : near)")
                }
                page = found
            } else {
                page = markdown ? ReferenceBook.article : ReferenceBook.overview
            }
            FileHandle.standardOutput.write(Data((markdown ? page.markdown : page.terminal).utf8))
        }
    }

    /// `muster plugin definitions`
    struct Definitions: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write definitions of the API for editors, and settings that point to them.",
            discussion: """
                Editors whose Lua comes from LuaLS (lua-language-server) then complete muster.*,
                know what ctx is in each hook, and show types. Open the folder itself in the
                editor; write them anew after an update of muster.

                  muster plugin definitions                  Plugins/_definitions/muster.lua
                                                             and Plugins/.luarc.json
                """)

        @Option(help: "The folder that you open in your editor.") var output = "Plugins"

        func run() throws {
            let folder = URL(filePath: output, directoryHint: .isDirectory)
            let definitions = folder.appending(path: EditorDefinitions.folderName)
            try FileManager.default.createDirectory(at: definitions, withIntermediateDirectories: true)
            try Data(EditorDefinitions.text.utf8).write(to: definitions.appending(path: EditorDefinitions.fileName))
            Output.line("wrote \(output)/\(EditorDefinitions.folderName)/\(EditorDefinitions.fileName)")
            let settings = folder.appending(path: ".luarc.json")
            if FileManager.default.fileExists(atPath: settings.path) {
                Output.line("left \(output)/.luarc.json as it is; it should have \"\(EditorDefinitions.folderName)\" in workspace.library")
            } else {
                try Data(EditorDefinitions.settings.utf8).write(to: settings)
                Output.line("wrote \(output)/.luarc.json")
            }
        }
    }
}
