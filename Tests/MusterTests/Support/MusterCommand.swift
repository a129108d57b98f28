import Foundation

/// The built `muster` command, run as a process of its own.
enum MusterCommand {
    /// How a command ended, and what it said.
    struct Result: Sendable {
        let status: Int32
        let output: String
        let error: String

        /// The lines of standard output.
        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// Runs the command to its end.
    /// - Parameters:
    ///   - environment: All that it finds there, but for PATH.
    ///   - folder: Where it runs; nil for the tests' own place.
    static func run(_ arguments: String..., environment: [String: String] = [:], in folder: String? = nil) async throws -> Result {
        try await run(arguments, environment: environment, in: folder)
    }

    /// Runs the command to its end.
    /// - Parameter input: The file that is its standard input; nil for none.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], in folder: String? = nil, input: URL? = nil
    ) async throws -> Result {
        let process = try ChildProcess(executable: executable, arguments: arguments, environment: environment, folder: folder, input: input)
        async let output = text(process.output)
        async let error = text(process.error)
        return await Result(status: process.wait(), output: output, error: error)
    }

    private static func text(_ lines: AsyncStream<String>) async -> String {
        await lines.reduce(into: "") { $0 += $1 + "\n" }
    }

    /// The command stands where the tests were built.
    static var executable: URL {
        get throws {
            var folder = Bundle.main.bundleURL
            for _ in 0..<2 {
                let candidate = folder.appending(path: "muster")
                if FileManager.default.isExecutableFile(atPath: candidate.path(percentEncoded: false)) { return candidate }
                folder.deleteLastPathComponent()
            }
            throw MissingExecutable()
        }
    }

    private struct MissingExecutable: Error, CustomStringConvertible {
        var description: String { "there is no 'muster' beside \(Bundle.main.bundlePath): build it with swift build --product muster" }
    }
}
