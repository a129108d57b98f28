import Foundation
import Synchronization

/// A process with its lines of output. It does not outlive its owner.
final class ChildProcess: Sendable {
    /// The lines of standard output; to be read by one reader.
    let output: AsyncStream<String>
    /// The lines of standard error; to be read by one reader.
    let error: AsyncStream<String>
    private let identifier: pid_t
    private let isRunning: Mutex<Bool>
    private let end: Task<Int32, Never>

    /// Starts an executable with nothing in its environment but what is named and what every program needs.
    init(executable: URL, arguments: [String], environment: [String: String], folder: String? = nil, input: URL? = nil) throws {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no"].merging(environment) { $1 }
        if let folder { process.currentDirectoryURL = URL(filePath: folder, directoryHint: .isDirectory) }
        process.standardInput = try input.map { try FileHandle(forReadingFrom: $0) } ?? FileHandle.nullDevice
        let (output, error) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = error
        let (endings, ending) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            ending.yield(process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus)
            ending.finish()
        }
        // Foundation reads the list of open files while it starts a process; two at a time have crashed in there.
        try Self.starting.withLock { _ in try process.run() }
        identifier = process.processIdentifier
        isRunning = Mutex(true)
        end = Task { await endings.first { _ in true } ?? -1 }
        self.output = Self.lines(from: output.fileHandleForReading)
        self.error = Self.lines(from: error.fileHandleForReading)
    }

    private static let starting = Mutex(())

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

    /// Reads on a thread of its own, since reading from a pipe blocks.
    private static func lines(from handle: FileHandle) -> AsyncStream<String> {
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        Thread.detachNewThread {
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
