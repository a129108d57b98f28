import Foundation
import MusterCore
import SCIM
import Testing

@testable import MusterDelivery

@Suite("Mails as bytes") struct MailMessageTests {
    /// A mail of which a test changes what it is about.
    private func mail(
        from: String = "muster@example.com", to: [String] = ["ada@example.com"], subject: String = "Welcome", text: String = "Hello Ada!\n",
        html: String? = nil, headers: [OutboundMail.Header] = []
    ) throws -> OutboundMail {
        OutboundMail(
            messageID: "<probe.e1.1@example.com>", date: Timestamp(milliseconds: 1_767_225_600_000), from: try MailAddress(from),
            to: try to.map { try MailAddress($0) }, subject: subject, text: text, html: html, headers: headers)
    }

    private func lines(_ mail: OutboundMail) throws -> [String] {
        String(decoding: try MailMessage(mail).bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(
            String.init)
    }

    /// The lines of a header without its name.
    private func header(_ name: String, _ mail: OutboundMail) throws -> String? {
        let head = try lines(mail).prefix { !$0.isEmpty }
        guard let start = head.firstIndex(where: { $0.hasPrefix(name + ": ") }) else { return nil }
        let rest = head[(start + 1)...].prefix { $0.hasPrefix(" ") }
        return ([String(head[start].dropFirst(name.count + 2))] + rest).joined(separator: "\n")
    }

    /// What encoded words stand for.
    private func decoded(_ header: String) -> String {
        let words = header.split { $0 == " " || $0 == "\n" }
        let bytes = words.flatMap { Data(base64Encoded: String($0.dropFirst("=?UTF-8?B?".count).dropLast(2))).map { Array($0) } ?? [] }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("a plain mail is readable as it is")
    func plain() throws {
        var mail = try mail(to: ["Ada Lovelace <ada@example.com>", "bob@example.com"], headers: [.init("X-Kind", "welcome")])
        mail.cc = [try MailAddress("eve@example.com")]
        mail.bcc = [try MailAddress("boss@example.com")]
        mail.replyTo = try MailAddress("Lovelace, A. <help@example.com>")
        #expect(
            try lines(mail) == [
                "Date: Thu, 01 Jan 2026 00:00:00 +0000", "From: muster@example.com", "To: Ada Lovelace <ada@example.com>, bob@example.com",
                #"Reply-To: "Lovelace, A." <help@example.com>"#, "Cc: eve@example.com", "Bcc: boss@example.com", "Subject: Welcome",
                "Message-ID: <probe.e1.1@example.com>", "Auto-Submitted: auto-generated", "X-Kind: welcome", "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=UTF-8", "Content-Transfer-Encoding: quoted-printable", "", "Hello Ada!", "", "",
            ])
    }

    @Test("with HTML there are two forms, the text first (RFC 2046 §5.1.4)")
    func alternative() throws {
        let lines = try lines(mail(text: "Hello", html: "<p class=\"a\">--=_muster_alternative--</p>"))
        let start = try #require(lines.firstIndex { $0.hasPrefix("Content-Type: multipart/alternative") })
        #expect(
            Array(lines[start...]) == [
                #"Content-Type: multipart/alternative; boundary="=_muster_alternative""#, "", "--=_muster_alternative",
                "Content-Type: text/plain; charset=UTF-8", "Content-Transfer-Encoding: quoted-printable", "", "Hello",
                "--=_muster_alternative", "Content-Type: text/html; charset=UTF-8", "Content-Transfer-Encoding: quoted-printable", "",
                "<p class=3D\"a\">--=3D_muster_alternative--</p>", "--=_muster_alternative--", "",
            ])
    }

    @Test("what is not ASCII in a header becomes encoded words of at most 75 characters, whole characters in each (RFC 2047)")
    func encodedWords() throws {
        let subject = "Grüße aus Zürich – " + String(repeating: "日本語", count: 30) + " 👩‍💻"
        let header = try #require(try header("Subject", mail(subject: subject)))
        #expect(decoded(header) == subject)
        #expect(header.split(separator: "\n").count > 5)
        for word in header.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            #expect(word.utf8.count <= 75)
            let bytes = try #require(Data(base64Encoded: String(word.dropFirst(10).dropLast(2))))
            #expect(String(validating: bytes, as: UTF8.self) != nil)
        }
        let from = try #require(try self.header("From", mail(from: "Çelik <c@example.com>")))
        #expect(from == "=?UTF-8?B?w4dlbGlr?= <c@example.com>")
    }

    @Test(
        "a text that reads like an encoded word, or has blanks that folding would lose, is encoded",
        arguments: ["=?UTF-8?Q?a?=", "a  b", "a "])
    func misleading(_ subject: String) throws {
        #expect(decoded(try #require(try header("Subject", mail(subject: subject)))) == subject)
    }

    @Test("long headers are folded, and no line is longer than 998 bytes")
    func folding() throws {
        let to = (1...50).map { "Person \($0) <person-\($0)@example.com>" }
        let words = Array(repeating: "word", count: 60).joined(separator: " ")
        let mail = try mail(
            to: to, subject: words, text: String(repeating: "x", count: 5000) + "\n" + String(repeating: "é", count: 5000),
            headers: [.init("X-Long", String(repeating: "y", count: 2000))])
        let header = try #require(try header("To", mail))
        #expect(header.split(separator: "\n").allSatisfy { $0.utf8.count <= 76 })
        #expect(header.replacing("\n", with: "") == to.joined(separator: ", "))
        #expect(try self.header("Subject", mail)?.replacing("\n", with: "") == words)
        #expect(decoded(try #require(try self.header("X-Long", mail))) == String(repeating: "y", count: 2000))
        #expect(try lines(mail).allSatisfy { $0.utf8.count <= 78 && $0.utf8.allSatisfy { $0 < 0x80 } })
    }

    @Test("a body is quoted-printable where it is mostly ASCII: no blank is lost, no line is taken for something else")
    func quotedPrintable() throws {
        let body = MailBody("a=b \r\nFrom me\n.\ncafé\t\rend \u{0}")
        #expect(body.encoding == "quoted-printable")
        #expect(body.encoded == "a=3Db=20\n=46rom me\n=2E\ncaf=C3=A9=09\nend =00")
        let long = MailBody(String(repeating: "=", count: 100)).encoded
        #expect(long.split(separator: "\n").allSatisfy { $0.utf8.count <= 76 })
        #expect(long.replacing("=\n", with: "") == String(repeating: "=3D", count: 100))
    }

    @Test("a body is base64 where it is mostly not, with CRLF at the ends of lines")
    func base64() throws {
        let text = String(repeating: "日本語\n", count: 40)
        let body = MailBody(text)
        #expect(body.encoding == "base64")
        #expect(body.encoded.split(separator: "\n").allSatisfy { $0.utf8.count <= 76 })
        let data = try #require(Data(base64Encoded: body.encoded.replacing("\n", with: "")))
        #expect(String(decoding: data, as: UTF8.self) == text.replacing("\n", with: "\r\n"))
    }

    @Test("control characters in a header are refused here too, whoever let them through")
    func injection() throws {
        let mails = [
            try mail(subject: "a\nBcc: eve@example.com"), try mail(subject: "a\r"), try mail(subject: "a\u{0}"),
            try mail(headers: [.init("X-A", "a\n")]), try mail(headers: [.init("X-A\nBcc", "a")]),
            try mail(headers: [.init("X-A: b", "a")]),
            try mail(headers: [.init("", "a")]), try mail(to: []), try mail(headers: [.init("Apparently-To", "eve@example.com")]),
            try mail(headers: [.init("text", "a")]), try mail(headers: [.init("Resent-To", "eve@example.com")]),
        ]
        for mail in mails { #expect(try #require(throws: MailError.self) { try MailMessage(mail) }.code == .invalid) }
        var mail = try mail()
        mail.messageID = "<a@b>\n\nbody"
        #expect(throws: MailError.self) { try MailMessage(mail) }
    }

    @Test(
        "a date has its day of the week, before 1970 too",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
            (1_709_164_800_000, "Thu, 29 Feb 2024 00:00:00 +0000"),
        ] as [(Int64, String)])
    func dates(_ milliseconds: Int64, _ text: String) throws {
        var mail = try mail()
        mail.date = Timestamp(milliseconds: milliseconds)
        #expect(try header("Date", mail) == text)
    }
}
