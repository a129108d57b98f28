import Foundation
import Synchronization

/// A process with its lines of output. It does not outlive its owner.
///
/// It is started by `posix_spawn`: Foundation's `Process` reads the list of open files while it starts one, and crashes where
/// another thread opens or closes one meanwhile.
final class ChildProcess: Sendable {
    /// The process could not be started.
    struct DidNotStart: Error, CustomStringConvertible {
        let description: String
    }

    /// The lines of standard output; to be read by one reader.
    let output: AsyncStream<String>
    /// The lines of standard error; to be read by one reader.
    let error: AsyncStream<String>
    private let identifier: pid_t
    private let isRunning = Mutex(true)
    private let end: Task<Int32, Never>

    /// Starts an executable with nothing in its environment but what is named and what every program needs.
    init(executable: URL, arguments: [String], environment: [String: String], folder: String? = nil, input: URL? = nil) throws {
        let path = executable.path(percentEncoded: false)
        let environment = ["PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no"].merging(environment) { $1 }
        // Two starts at a time would hand each other's pipes on, which then never end.
        let (identifier, output, error) = try Self.starting.withLock { _ in
            try Self.start(path, arguments, environment, folder: folder, input: input?.path(percentEncoded: false))
        }
        self.identifier = identifier
        let (endings, ending) = AsyncStream.makeStream(of: Int32.self)
        Thread.detachNewThread { [identifier] in
            var status: Int32 = 0
            while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7F
            ending.yield(signal == 0 ? (status >> 8) & 0xFF : 128 + signal)
            ending.finish()
        }
        end = Task { await endings.first { _ in true } ?? -1 }
        self.output = Self.lines(from: output)
        self.error = Self.lines(from: error)
    }

    deinit { send(SIGKILL) }

    /// Waits for the end.
    /// - Returns: The exit status; for a death by signal 128 and its number, as a shell says it.
    @discardableResult
    func wait() async -> Int32 {
        let status = await end.value
        isRunning.withLock { $0 = false }
        return status
    }

    /// Sends a signal, unless the end is known.
    func send(_ signal: Int32) {
        isRunning.withLock { if $0 { _ = kill(identifier, signal) } }
    }

    private static let starting = Mutex(())

    /// Starts a process.
    /// - Returns: Its number, and the ends of the pipes that are to be read.
    private static func start(
        _ path: String, _ arguments: [String], _ environment: [String: String], folder: String?, input: String?
    ) throws -> (identifier: pid_t, output: Int32, error: Int32) {
        let (output, error) = (try pipe(), try pipe())
        defer {
            close(output.write)
            close(error.write)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input ?? "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.write, 1)
        posix_spawn_file_actions_adddup2(&actions, error.write, 2)
        let words = folder.map { ["/usr/bin/env", "-C", $0, path] + arguments } ?? [path] + arguments
        var identifier = pid_t()
        let code = withCStrings(words) { words in
            withCStrings(environment.map { "\($0.key)=\($0.value)" }) { variables in
                posix_spawn(&identifier, folder == nil ? path : "/usr/bin/env", &actions, nil, words, variables)
            }
        }
        guard code == 0 else {
            close(output.read)
            close(error.read)
            throw DidNotStart(description: "\(path): \(String(cString: strerror(code)))")
        }
        return (identifier, output.read, error.read)
    }

    /// A pipe whose ends no child inherits.
    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard Foundation.pipe(&ends) == 0 else { throw DidNotStart(description: "no pipe: \(String(cString: strerror(errno)))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func withCStrings<Result>(
        _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var copies = texts.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return body(&copies)
    }

    /// Reads on a thread of its own, since reading from a pipe blocks.
    private static func lines(from descriptor: Int32) -> AsyncStream<String> {
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        Thread.detachNewThread {
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            var rest = Data()
            while case let data = handle.availableData, !data.isEmpty {
                rest.append(data)
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    continuation.yield(String(decoding: rest[..<end], as: UTF8.self))
                    rest = Data(rest[(end + 1)...])
                }
            }
            if !rest.isEmpty { continuation.yield(String(decoding: rest, as: UTF8.self)) }
            continuation.finish()
        }
        return lines
    }
}
