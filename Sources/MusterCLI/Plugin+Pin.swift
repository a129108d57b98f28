import ArgumentParser
import Foundation
import Muster
import MusterPlugins

extension Plugin {
    struct Pin: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Record the checksums of plugins: from then on, a version that differs does not load.",
            discussion: """
                The SHA-256 of plugin.json, init.lua and lib/**.lua go into plugins.lock in the
                data folder: sorted JSON, to be reviewed and kept under version control. As
                soon as it is there, a plugin that has changed or is not in it is refused, and
                its last good version goes on. 'pluginPins: required' in the configuration
                refuses all plugins also where the file is missing.

                  muster plugin pin --data var                  pins all plugins, as they are
                  muster plugin pin --data var welcome-mail     pins one, leaves the others
                  muster plugin pin --data var --verify         exit code 1 on a difference
                  muster plugin pin --data var welcome-mail --shadow ../next/welcome-mail

                A version that runs as a shadow has a pin of its own, welcome-mail@shadow: it
                has no effect, but it sees people and secrets.
                """)
        @Argument(help: "Names of plugins; without any, all, and pins of others are forgotten.") var names: [String] = []
        @Option(help: "The folder with one folder for each plugin.") var plugins = "Plugins"
        @OptionGroup var data: DataOptions
        @Option(help: "Pin the version in this folder as the shadow of the plugin that is named.") var shadow: String?
        @Flag(help: "Change nothing; compare all plugins with their pins.") var verify = false

        func validate() throws {
            if verify, !names.isEmpty { throw ValidationError("--verify looks at all plugins; leave the names out") }
            if shadow != nil, names.count != 1 || verify { throw ValidationError("--shadow goes with the name of one plugin") }
        }

        func run() async throws {
            let directory = URL(filePath: plugins, directoryHint: .isDirectory)
            let file = URL(filePath: data.folder.pinsPath)
            let pins = try PluginPins.read(file)
            if verify {
                guard let pins else { throw CommandFailure("nothing is pinned: there is no \(data.folder.pinsPath)") }
                return try verify(pins, directory)
            }
            var changed = pins ?? PluginPins()
            let pinned: [String]
            if let shadow {
                try changed.pin(shadow: URL(filePath: shadow, directoryHint: .isDirectory), of: names[0])
                pinned = [PluginPins.shadow(of: names[0])]
            } else {
                pinned = try changed.pin(names, in: directory)
            }
            try data.folder.create()
            try changed.write(to: file)
            for name in pinned { Output.line("\(name)  \(changed.plugins[name]?.sum ?? "")") }
            Output.line("\(pinned.count) pinned in \(data.folder.pinsPath)")
        }

        private func verify(_ pins: PluginPins, _ directory: URL) throws {
            let findings = try pins.verify(directory)
            for finding in findings { Output.line(finding.description) }
            guard findings.isEmpty else { throw ExitCode.failure }
            Output.line("\(pins.count) plugins are as they were pinned")
        }
    }

    struct Unpin: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take pins away.",
            discussion: """
                While any plugin is pinned, one that is not does not load.

                  muster plugin unpin --data var welcome-mail   the plugin is to load no more
                  muster plugin unpin --data var --all          any version loads again
                """)
        @Argument(help: "Names of plugins.") var names: [String] = []
        @OptionGroup var data: DataOptions
        @Flag(help: "Take all pins and plugins.lock away.") var all = false

        func validate() throws {
            guard all != !names.isEmpty else { throw ValidationError("name plugins, or --all") }
        }

        func run() async throws {
            let file = URL(filePath: data.folder.pinsPath)
            guard FileManager.default.fileExists(atPath: file.path) else {
                throw CommandFailure("nothing is pinned: there is no \(data.folder.pinsPath)")
            }
            if all {
                try FileManager.default.removeItem(at: file)
                return Output.line("nothing is pinned any more")
            }
            guard var pins = try PluginPins.read(file) else { return }
            let missing = Set(names).subtracting(pins.unpin(names)).sorted()
            guard missing.isEmpty else { throw CommandFailure("not pinned: \(missing.joined(separator: ", "))") }
            try pins.write(to: file)
            Output.line("\(names.joined(separator: ", ")): no longer pinned, and not to be loaded while others are")
        }
    }
}
