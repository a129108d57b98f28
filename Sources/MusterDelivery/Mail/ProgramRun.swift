import Foundation
import MusterCore
import Synchronization

/// One run of a program, in a process group of its own: what it reads and what it complains of are files without a name, so that
/// nothing waits for it but a thread of its own.
///
/// Foundation's `Process` is no choice: it goes through the list of open files while it starts one, which a busy server changes
/// under its hands.
final class ProgramRun: Sendable {
    /// How a run ended.
    enum End: Sendable, Hashable {
        case exited(Int32)
        case killed(signal: Int32)
    }

    private struct State {
        var isEnded = false
        var isCancelled = false
    }
    /// How often a busy program is tried, and how long after the first time; each further wait is twice as long.
    private static let (attempts, pause) = (12, Duration.milliseconds(2))

    private let state = Mutex(State())
    private let identifier: pid_t
    private let errors: NamelessFile

    private init(_ identifier: pid_t, errors: NamelessFile) { (self.identifier, self.errors) = (identifier, errors) }

    /// Starts a program.
    /// - Throws: ``MailError`` `noProgram` where it is not there or cannot be started, `temporary` where the machine lacks something;
    ///   `CancellationError`.
    static func start(
        program: String, arguments: [String], environment: [String: String], input: [UInt8]
    ) async throws -> ProgramRun {
        let message = try NamelessFile(holding: input)
        let errors = try NamelessFile(holding: [])
        var (code, identifier) = spawn(program, arguments, environment, input: message.descriptor, errors: errors.descriptor)
        // A program that somebody writes just now cannot be started for a moment; a child that is being started elsewhere holds it
        // open for as long too.
        for attempt in 0..<attempts where code == ETXTBSY {
            try await Task.sleep(for: pause * (1 << attempt))
            (code, identifier) = spawn(program, arguments, environment, input: message.descriptor, errors: errors.descriptor)
        }
        switch code {
        case 0: return ProgramRun(identifier, errors: errors)
        case ENOENT, EACCES, ENOEXEC, ENOTDIR, EISDIR, ELOOP:
            throw MailError(
                .noProgram,
                "the mail program \(program) cannot be started (\(String(cString: strerror(code)))); install one that offers "
                    + "sendmail, such as Postfix or msmtp, or set mail.sendmail")
        default: throw MailError(.temporary, "the mail program \(program) cannot be started: \(String(cString: strerror(code)))")
        }
    }

    /// Waits for the end. A task that is cancelled kills the program with all that it has started.
    /// - Throws: `CancellationError` where it was killed so.
    func end() async throws -> End {
        let end = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread { [self] in continuation.resume(returning: wait()) }
            }
        } onCancel: {
            state.withLock { state in
                state.isCancelled = true
                // Before its end is taken note of, the number cannot be another process's.
                if !state.isEnded { kill(-identifier, SIGKILL) }
            }
        }
        if state.withLock({ $0.isCancelled }) { throw CancellationError() }
        return end
    }

    /// What the program wrote to standard error, cut.
    func errorOutput(atMost limit: Int) -> [UInt8] { errors.beginning(limit) }

    /// Blocks.
    private func wait() -> End {
        var information = siginfo_t()
        while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        return state.withLock { state in
            state.isEnded = true
            var status: Int32 = 0
            while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7F
            return signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal: signal)
        }
    }

    /// - Returns: 0, or why it could not be started; and the number of its process.
    private static func spawn(
        _ program: String, _ arguments: [String], _ environment: [String: String], input: Int32, errors: Int32
    ) -> (code: Int32, identifier: pid_t) {
        var identifier: pid_t = 0
        #if canImport(Darwin)
            var (actions, attributes): (posix_spawn_file_actions_t?, posix_spawnattr_t?)
        #else
            var (actions, attributes) = (posix_spawn_file_actions_t(), posix_spawnattr_t())
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        // Signals that the server ignores or blocks are the program's own again.
        var (defaults, mask) = (sigset_t(), sigset_t())
        sigemptyset(&mask)
        sigemptyset(&defaults)
        for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setpgroup(&attributes, 0)
        var flags = Int32(POSIX_SPAWN_SETPGROUP) | Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        #if canImport(Darwin)
            flags |= Int32(POSIX_SPAWN_CLOEXEC_DEFAULT)
        #endif
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        var variables = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + variables { free(word) } }
        let code = posix_spawn(&identifier, program, &actions, &attributes, &words, &variables)
        return (code, identifier)
    }
}

/// A file that has no name any more: nobody else can open it, and it is gone with its last user.
private final class NamelessFile: Sendable {
    let descriptor: Int32

    /// - Throws: ``MailError`` `temporary` where the disk has no room.
    init(holding bytes: [UInt8]) throws(MailError) {
        let path = FileManager.default.temporaryDirectory.appending(path: "muster-mail-\(UUID().uuidString)").path
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("cannot be made") }
        unlink(path)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = Self.failure("cannot be written")
                throw failure
            }
            rest = rest.dropFirst(count)
        }
        lseek(descriptor, 0, SEEK_SET)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func beginning(_ limit: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        return Array(bytes.prefix(max(0, count)))
    }

    private static func failure(_ what: String) -> MailError {
        MailError(.temporary, "a temporary file for a mail \(what): \(String(cString: strerror(errno)))")
    }
}
