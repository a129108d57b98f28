import MusterCore
import SCIM

/// A mail as a mail program reads it (RFC 5322 and RFC 2045): lines end with LF alone, as is usual on the machine.
///
/// Pure. All bytes are ASCII and no line is longer than 998 bytes, whatever the mail holds. `Bcc` stands among the headers, for
/// a program that takes its recipients from them and that header away (`sendmail -t`).
struct MailMessage {
    /// Stands in neither form of a body: `=` begins an escape there that `_` never goes on.
    private static let boundary = "=_muster_alternative"

    /// The whole message.
    let bytes: [UInt8]

    /// Writes a mail.
    /// - Throws: ``MailError`` `invalid` where a header holds a control character, its name is none, or one that is not for callers.
    init(_ mail: OutboundMail) throws(MailError) {
        try Self.check(mail)
        var lines = [
            "Date: " + Self.date(mail.date), MailHeader.addresses("From", [mail.from]), MailHeader.addresses("To", mail.to),
        ]
        if let replyTo = mail.replyTo { lines.append(MailHeader.addresses("Reply-To", [replyTo])) }
        if !mail.cc.isEmpty { lines.append(MailHeader.addresses("Cc", mail.cc)) }
        if !mail.bcc.isEmpty { lines.append(MailHeader.addresses("Bcc", mail.bcc)) }
        lines += [MailHeader.text("Subject", mail.subject), "Message-ID: " + mail.messageID]
        // Keeps those who are away from answering to a machine (RFC 3834 §5).
        if !mail.headers.contains(where: { $0.name.lowercased() == "auto-submitted" }) { lines.append("Auto-Submitted: auto-generated") }
        lines += mail.headers.map { MailHeader.text($0.name, $0.value) }
        lines.append("MIME-Version: 1.0")
        if let html = mail.html {
            lines += ["Content-Type: multipart/alternative; boundary=\"\(Self.boundary)\"", ""]
            for (type, text) in [("text/plain", mail.text), ("text/html", html)] {
                lines.append("--" + Self.boundary)
                lines += Self.part(type, text)
            }
            lines += ["--\(Self.boundary)--"]
        } else {
            lines += Self.part("text/plain", mail.text)
        }
        bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    private static func part(_ type: String, _ text: String) -> [String] {
        let body = MailBody(text)
        return ["Content-Type: \(type); charset=UTF-8", "Content-Transfer-Encoding: \(body.encoding)", "", body.encoded]
    }

    /// What a caller has checked already is checked again where the bytes come to be.
    private static func check(_ mail: OutboundMail) throws(MailError) {
        for (name, value) in [("Message-ID", mail.messageID), ("Subject", mail.subject)] + mail.headers.map({ ($0.name, $0.value) }) {
            guard 1...64 ~= name.utf8.count, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }) else {
                throw MailError(.invalid, "the name of a header is not allowed")
            }
            guard value.isLineSafe else { throw MailError(.invalid, "the header '\(name)' holds a line break or a control character") }
        }
        for header in mail.headers where header.isReserved {
            throw MailError(.invalid, "the header '\(header.name)' cannot be set")
        }
        guard mail.messageID.utf8.count <= 900, mail.messageID.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw MailError(.invalid, "the Message-ID is not allowed")
        }
        guard !mail.to.isEmpty else { throw MailError(.invalid, "the mail is for nobody") }
    }

    /// A time as `Thu, 01 Jan 2026 00:00:00 +0000` (RFC 5322 §3.3).
    private static func date(_ time: Timestamp) -> String {
        let days = Int((Double(time.milliseconds) / 86_400_000).rounded(.down))
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][((days % 7) + 7) % 7]
        let parts = time.dateTime.split { "-T:.Z".contains($0) }
        guard parts.count >= 6, let month = Int(parts[1]), 1...12 ~= month else { return time.dateTime }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return "\(weekday), \(parts[2]) \(months[month - 1]) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) +0000"
    }
}
