import ArgumentParser
import Muster

extension Plugin {
    struct Reload: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let the running server read its plugins and what the configuration says about them anew.",
            discussion: """
                All changes take effect at once. A version that is broken is refused: its
                last good version goes on, and the reason is printed with file and line.
                Hooks that run meanwhile finish on the version with which they began.

                  muster plugin reload --data var

                Exit codes:
                  0   every plugin runs as it is in its folder, or is switched off
                  1   a version was refused, the configuration has mistakes, or no server runs
                """)
        @OptionGroup var data: DataOptions
        @Option(help: "Seconds to wait for the outcome.") var timeout = 60
        @Flag(help: "Print a JSON object.") var json = false

        func validate() throws {
            guard 1...3600 ~= timeout else { throw ValidationError("--timeout: a number from 1 to 3600 is wanted") }
        }

        func run() async throws {
            let answer = try await data.folder.requestReload(timeout: .seconds(timeout))
            if json {
                Output.line(answer.document.jsonText)
            } else {
                for line in answer.lines { Output.line(line) }
                if answer.lines.isEmpty { Output.line("There are no plugins.") }
            }
            if answer.isRefused { throw ExitCode.failure }
        }
    }
}
