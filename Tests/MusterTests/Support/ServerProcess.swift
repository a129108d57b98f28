import Foundation

/// `muster serve` as a process of its own, on a port of its own.
///
///     let folder = try TemporaryFolder()
///     let server = try await ServerProcess(data: folder.path("data"), plugins: folder.folder("Plugins"))
///     _ = try await server.client.send("POST", "/Users", ["userName": "ada"])
///     await server.kill()
///     let again = try await server.restarted()
///
/// The process is killed when the value goes.
final class ServerProcess: Sendable {
    /// How a server is started.
    struct Launch: Sendable {
        /// The data folder.
        var data: String
        /// The plugins folder.
        var plugins: String
        /// Further arguments of `muster serve`.
        var arguments: [String] = []
        /// All that it finds there, but for PATH.
        var environment: [String: String] = [:]
        /// Where it runs; nil for the tests' own place.
        var folder: String?
        /// A token that is known from before; nil takes the one that the first start prints.
        var token: String?
    }

    /// The server ended before it listened.
    struct DidNotStart: Error, CustomStringConvertible {
        let status: Int32
        let output: [String]
        let errors: [String]
        var description: String { (["the server ended with \(status)"] + output + errors).joined(separator: "\n") }
    }

    /// Speaks to the server with its token.
    let client: Client
    /// The SCIM base URL.
    let baseURL: String
    /// The lines of its standard output.
    let output: Record<String>
    /// The lines of its log, standard error.
    let log: Record<String>
    private let process: ChildProcess
    private let launch: Launch

    /// Starts a server and waits until it listens.
    convenience init(data: String, plugins: String, arguments: [String] = [], environment: [String: String] = [:]) async throws {
        try await self.init(Launch(data: data, plugins: plugins, arguments: arguments, environment: environment))
    }

    /// Starts a server and waits until it listens.
    /// - Throws: ``DidNotStart``.
    init(_ launch: Launch) async throws {
        let process = try ChildProcess(
            executable: MusterCommand.executable,
            arguments: ["serve", "--data", launch.data, "--plugins", launch.plugins, "--port", "0"] + launch.arguments,
            environment: launch.environment, folder: launch.folder)
        let (output, log) = (Record(process.output), Record(process.error))
        // The names of the plugins come last.
        let greeting = await output.wait { lines in lines.contains { $0.hasPrefix("Plugins") } }
        func word(after title: String) -> String? {
            greeting.first { $0.hasPrefix(title) }?.split(separator: " ").last.map(String.init)
        }
        guard let baseURL = word(after: "SCIM base URL") else {
            throw await DidNotStart(status: process.wait(), output: greeting, errors: log.finished())
        }
        let printed = word(after: "Bearer token").flatMap { $0.hasPrefix("mst_") ? $0 : nil }
        let token = launch.token ?? printed
        var again = launch
        again.token = token
        self.launch = again
        (self.process, self.output, self.log) = (process, output, log)
        self.baseURL = baseURL
        client = Client(baseURL: baseURL, token: token ?? "")
    }

    /// Ends it at once, as a power cut would.
    func kill() async {
        process.send(SIGKILL)
        await process.wait()
    }

    /// Sends it a signal that does not end it.
    func signal(_ signal: Int32) { process.send(signal) }

    /// Asks it to stop and waits until it has.
    /// - Returns: The exit status.
    func stop(_ signal: Int32 = SIGTERM) async -> Int32 {
        process.send(signal)
        return await process.wait()
    }

    /// Starts a new process on the same folders, with the same token, on another port. The old one must have ended.
    func restarted() async throws -> ServerProcess { try await ServerProcess(launch) }
}
