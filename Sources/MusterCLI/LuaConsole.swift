import ArgumentParser
import Foundation
import Muster
import MusterPlugins

/// `muster lua`
struct LuaConsole: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lua",
        abstract: "Try Lua in a plugin's machine, on a copy of the directory.",
        discussion: """
            Works beside a running server: the database is copied and the copy thrown away.
            The plugin's permissions and limits hold. Requests are shown, not sent, and
            answered with 200 and {}; mails are shown; values of muster.kv are not kept.

              muster lua --plugin welcome-mail --data var
              > users('userName sw "a"')[1].id
              > run("onCreate", "2819c223-7f76-453a-919d-413861904646")
              > run("mapUser", "2819c223-7f76-453a-919d-413861904646", { title = "Engineer" })
              > plugin.onCreate
              echo 'muster.time.iso()' | muster lua --plugin welcome-mail --data var

            \(help)

            Exit codes: 0 the end of the input or :quit, 1 it could not begin, or a text
            failed where the input is no terminal.
            """)

    private static let help = """
        run(HOOK, ID, CHANGES)   runs a hook on a user or group of the copy; CHANGES are
                                 attributes that the change sets, { member = ID } for
                                 onGroupAdd and onGroupRemove
        user(ID), group(ID)      what is stored
        users(FILTER, COUNT)     a page of users; groups(FILTER, COUNT) of groups
        plugin                   what init.lua returned
        muster                   as in a hook after the commit

        An expression is shown. Globals stay, locals end with their text. A text that is
        not finished goes on in the next line; an empty line ends it. :help, :quit.
        """

    @Option(help: "The plugin.") var plugin: String
    @OptionGroup var data: DataOptions
    @OptionGroup var configuration: ConfigurationOptions
    @Option(help: "The folder with one folder for each plugin.") var plugins = "Plugins"
    @Option(help: "The tenant whose directory is looked at.") var tenant = Tenant.default.name
    @Flag(name: .customLong("live-http"), help: "Send requests to the world.") var liveHTTP = false

    func run() async throws {
        let (folder, settings) = (try pluginsFolder(plugins), try configuration.load(data: data.data))
        let isTerminal = isatty(STDIN_FILENO) == 1
        let failures = try await data.withCopy { store in
            let world = try await ConsoleWorld(
                onCopy: store, plugins: folder, plugin: plugin, configuration: settings, tenant: Tenant(name: tenant),
                sendsRequests: liveHTTP, print: { Output.line(Self.harmless($0)) })
            for note in world.console.notes { Output.note(note) }
            if isTerminal { Output.line("\(plugin) on a copy of \(data.data); :help helps, :quit ends") }
            let failures = await read(world.console, isTerminal: isTerminal)
            await world.close()
            return failures
        }
        if failures > 0, !isTerminal { throw ExitCode.failure }
    }

    /// Reads to the end of the input.
    /// - Returns: How many texts failed.
    private func read(_ console: PluginConsole, isTerminal: Bool) async -> Int {
        var (text, failures) = ("", 0)
        func prompt() {
            if isTerminal { FileHandle.standardOutput.write(Data((text.isEmpty ? "> " : ">> ").utf8)) }
        }
        func show(_ answer: PluginConsole.Answer) {
            switch answer {
            case .incomplete: break
            case .value(let shown): if !shown.isEmpty { Output.line(Self.harmless(shown)) }
            case .failure(let problem):
                failures += 1
                FileHandle.standardError.write(Data((Self.harmless(problem) + "\n").utf8))
            }
        }
        prompt()
        while let line = readLine() {
            switch (text, line.trimmingCharacters(in: .whitespaces)) {
            case ("", ":quit"), ("", ":q"): return failures
            case ("", ":help"): Output.line(Self.help)
            case ("", ""): break
            case (_, let rest):
                text += (text.isEmpty ? "" : "\n") + line
                let answer = await console.evaluate(text, isWhole: rest.isEmpty)
                show(answer)
                if answer != .incomplete { text = "" }
            }
            prompt()
        }
        if !text.isEmpty { show(await console.evaluate(text, isWhole: true)) }
        return failures
    }

    /// Lines without what could command the terminal.
    private static func harmless(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { Output.harmless(String($0)) }.joined(separator: "\n")
    }
}
