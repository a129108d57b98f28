import Foundation
import MusterCore
import SCIM
import Testing

@testable import MusterDelivery

@Suite("Mails through sendmail") struct SendmailTransportTests {
    /// A folder with a program that stands in for sendmail, and what it has got.
    private final class Program: Sendable {
        let folder: URL

        /// - Parameter body: Lines of a shell script; `$FOLDER` is the folder.
        init(_ body: String) throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "muster-sendmail-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data("#!/bin/sh\nFOLDER='\(folder.path)'\n\(body)\n".utf8).write(to: folder.appending(path: "sendmail"))
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        var path: String { folder.appending(path: "sendmail").path }

        func text(_ name: String) throws -> String { String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self) }
    }

    private func mail(_ text: String = "Hello", timeout: Duration = .seconds(20)) throws -> OutboundMail {
        OutboundMail(
            messageID: "<probe.e1.1@example.com>", date: Timestamp(milliseconds: 0), from: try MailAddress("Muster <muster@example.com>"),
            to: [try MailAddress("ada@example.com")], subject: "Hi", text: text, timeout: timeout)
    }

    private func error(_ program: String, _ mail: OutboundMail) async throws -> MailError {
        try await #require(throws: MailError.self) { try await SendmailTransport(program: program).send(mail) }
    }

    @Test("the program gets the mail, its options, and little of the environment")
    func success() async throws {
        let program = try Program(#"cat > "$FOLDER/mail"; echo "$@" > "$FOLDER/arguments"; env > "$FOLDER/environment""#)
        let transport = SendmailTransport(program: program.path, environment: ["HOME": "/home/muster", "MUSTER_SECRET_KEY": "s3cret"])
        let large = try mail(String(repeating: "0123456789\n", count: 90_000))
        try await transport.send(large)
        #expect(Array(try program.text("mail").utf8) == (try MailMessage(large).bytes))
        #expect(try program.text("arguments") == "-t -i -f muster@example.com\n")
        let environment = try program.text("environment")
        #expect(environment.contains("HOME=/home/muster\n") && environment.contains("PATH=/usr/sbin:") && !environment.contains("s3cret"))
        #expect(ProcessInfo.processInfo.environment.count < 3 || environment.split(separator: "\n").count < 10)
    }

    @Test(
        "a status tells a temporary failure from a refusal, with what the program says, in one short line",
        arguments: [
            (75, MailError.Code.temporary, "cannot take the mail now (exit 75): try later, please"),
            (67, .refused, "does not take the mail (exit 67)"),
        ])
    func statuses(_ status: Int, _ code: MailError.Code, _ message: String) async throws {
        let program = try Program("cat > /dev/null; printf 'try\\nlater,\\033 please\\n' >&2; exit \(status)")
        let error = try await error(program.path, mail())
        #expect(error.code == code && error.message.contains(message), "\(error.message)")
        let chatty = try Program("cat > /dev/null; head -c 100000 /dev/zero | tr '\\0' x >&2; exit \(status)")
        #expect(try await self.error(chatty.path, mail()).message.utf8.count < 600)
    }

    @Test("a program that ends without reading the mail is no trouble")
    func unread() async throws {
        let program = try Program("exit 0")
        try await SendmailTransport(program: program.path).send(mail(String(repeating: "x", count: 900_000)))
    }

    @Test("a program that hangs is killed with what it has started when the time is up")
    func hang() async throws {
        let program = try Program(#"echo $$ > "$FOLDER/leader"; sleep 300 & echo $! > "$FOLDER/child"; wait"#)
        let start = ContinuousClock.now
        let error = try await error(program.path, mail(timeout: .seconds(2)))
        #expect(error.code == .timeout && error.message.contains("did not take the mail in time"))
        #expect(ContinuousClock.now - start < .seconds(60))
        let leader = try #require(Int32(try program.text("leader").trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(leader, 0) != 0, "it is gone, and was waited for")
        let child = try #require(Int32(try program.text("child").trimmingCharacters(in: .whitespacesAndNewlines)))
        // The signal is on its way, and who inherits it may take a moment to bury it.
        for _ in 0..<500 where !Self.isGone(child) { try await Task.sleep(for: .milliseconds(20)) }
        #expect(Self.isGone(child))
    }

    private static func isGone(_ process: Int32) -> Bool { kill(process, 0) != 0 || isZombie(process) }

    private static func isZombie(_ process: Int32) -> Bool {
        guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return true }
        return String(decoding: data, as: UTF8.self).split(separator: ")").last?.hasPrefix(" Z") == true
    }

    @Test("a task that is cancelled kills the program")
    func cancelled() async throws {
        let program = try Program(#"mkfifo "$FOLDER/never"; echo > "$FOLDER/started"; read x < "$FOLDER/never""#)
        let mail = try mail(timeout: .seconds(300))
        let sending = Task { try await SendmailTransport(program: program.path).send(mail) }
        sending.cancel()
        let result = await sending.result
        #expect(throws: MailError(.cancelled, "the mail was not handed over, since nobody waits for it any more")) { try result.get() }
    }

    @Test("a program that is not there, or is none, is named with what to do")
    func missing() async throws {
        for program in ["/nonexistent/sendmail", "/etc/passwd", "/tmp"] {
            let error = try await error(program, mail())
            #expect(
                error.code == .noProgram && error.message.contains(program) && error.message.contains("set mail.sendmail"),
                "\(error.message)")
        }
    }

    @Test("only so many mails are handed over at a time, and all in the end")
    func bounded() async throws {
        // Each notes how many are there beside it while it is at work.
        let program = try Program(
            #"""
            cat > /dev/null; touch "$FOLDER/busy-$$"; ls "$FOLDER" | grep -c busy- >> "$FOLDER/counts"; sleep 0.05; rm "$FOLDER/busy-$$"
            """#)
        let transport = SendmailTransport(program: program.path, concurrency: 2)
        let mail = try mail()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<12 { group.addTask { try await transport.send(mail) } }
            try await group.waitForAll()
        }
        let counts = try program.text("counts").split(separator: "\n").compactMap { Int($0) }
        #expect(counts.count == 12 && counts.allSatisfy { 1...2 ~= $0 }, "\(counts)")
    }

    @Test("who waits for a place and is cancelled takes none")
    func slots() async throws {
        let slots = MailSlots(count: 1)
        try await slots.take()
        let waiting = Task { try await slots.take() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        slots.give()
        try await slots.take()
        slots.give()
    }
}
