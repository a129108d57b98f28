package import MusterCore

/// The way out for mails: the machine's `sendmail`, which every mail server and relay brings along.
///
/// The program is started as `sendmail -t -i -f SENDER`, without a shell and with an environment of a few lines. It reads the
/// mail, recipients included, from its standard input, so that no list of processes shows whom a mail is for. That it ends with
/// 0 means that the mail is in its queue; what follows is up to it.
package final class SendmailTransport: MailTransport {
    private let program: String
    private let environment: [String: String]
    private let slots: MailSlots

    /// What `sendmail` answers where another attempt may succeed: EX_TEMPFAIL of sysexits.h.
    private static let temporaryFailure: Int32 = 75
    /// How much of what the program says is told.
    private static let errorLimit = 300

    /// Creates a transport; it starts nothing yet.
    /// - Parameters:
    ///   - program: The path of the program.
    ///   - concurrency: How many mails are handed over at the same time; more wait.
    ///   - environment: The server's environment, of which only what mail programs need is handed on.
    package init(program: String = "/usr/sbin/sendmail", concurrency: Int = 4, environment: [String: String] = [:]) {
        self.program = program
        self.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C"].merging(
            environment.filter { ["HOME", "USER", "LOGNAME", "TZ"].contains($0.key) }
        ) { $1 }
        slots = MailSlots(count: concurrency)
    }

    package func send(_ mail: OutboundMail) async throws {
        let message = try MailMessage(mail).bytes
        let deadline = ContinuousClock.now + mail.timeout
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.handOver(message, from: mail.from) }
                group.addTask {
                    try await Task.sleep(until: deadline)
                    throw MailError(.timeout, "\(self.program) did not take the mail in time")
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch is CancellationError {
            throw MailError(.cancelled, "the mail was not handed over, since nobody waits for it any more")
        }
    }

    private func handOver(_ message: [UInt8], from sender: MailAddress) async throws {
        try await slots.take()
        defer { slots.give() }
        let run = try await ProgramRun.start(
            program: program, arguments: ["-t", "-i", "-f", sender.text], environment: environment, input: message)
        let end = try await run.end()
        switch end {
        case .exited(0): return
        case .exited(Self.temporaryFailure):
            throw MailError(.temporary, "\(program) cannot take the mail now (exit \(Self.temporaryFailure))" + said(run))
        case .exited(let status): throw MailError(.refused, "\(program) does not take the mail (exit \(status))" + said(run))
        case .killed(let signal): throw MailError(.temporary, "\(program) was stopped by signal \(signal)" + said(run))
        }
    }

    /// What the program said about it, in one line.
    private func said(_ run: ProgramRun) -> String {
        let text = String(decoding: run.errorOutput(atMost: Self.errorLimit), as: UTF8.self)
        let words = text.split { $0.isWhitespace || !String($0).isLineSafe }
        return words.isEmpty ? "" : ": " + words.joined(separator: " ")
    }
}
