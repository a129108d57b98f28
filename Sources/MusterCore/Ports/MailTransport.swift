public import SCIM

/// The only way out for mails: real, made up in a spec, or a rehearsal that sends nothing.
public protocol MailTransport: Sendable {
    /// Hands one mail over to what delivers it.
    /// - Throws: ``MailError``.
    func send(_ mail: OutboundMail) async throws
}

/// A mail on its way out.
public struct OutboundMail: Sendable, Hashable {
    /// A header beside those that the mail has anyway.
    public struct Header: Sendable, Hashable {
        /// The name, as it is written.
        public var name: String
        /// The value, not yet encoded.
        public var value: String

        /// Creates a header.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }

        private static let reserved: Set<String> = [
            "from", "to", "cc", "bcc", "apparently-to", "sender", "reply-to", "subject", "date", "message-id", "mime-version",
            "return-path",
            "received", "delivered-to", "dkim-signature", "domainkey-signature", "authentication-results", "errors-to", "return-receipt-to",
            "delivery-receipt-to", "disposition-notification-to", "message", "text",
        ]
        private static let reservedPrefixes = ["content-", "resent-", "arc-"]

        /// Whether the name is one of those that have fields of their own, or that would change how the mail is read or where it
        /// goes: `sendmail -t` takes `Apparently-To` for a recipient, and `Message` and `Text` for the end of the headers.
        public var isReserved: Bool {
            let name = name.lowercased()
            return Self.reserved.contains(name) || Self.reservedPrefixes.contains { name.hasPrefix($0) }
        }
    }

    /// What tells the mail from all others, in angle brackets: the same where the same mail is sent again.
    public var messageID: String
    /// When it was written.
    public var date: Timestamp
    /// From whom it comes; where it cannot be delivered, it comes back to this address.
    public var from: MailAddress
    /// Whom an answer goes to; nil for who sends it.
    public var replyTo: MailAddress?
    /// Whom it is meant for.
    public var to: [MailAddress]
    /// Who gets a copy.
    public var cc: [MailAddress]
    /// Who gets a copy of which the others do not know.
    public var bcc: [MailAddress]
    /// The subject.
    public var subject: String
    /// The text.
    public var text: String
    /// The same as HTML; nil where there is only the text.
    public var html: String?
    /// Further headers.
    public var headers: [Header]
    /// How long handing it over may take.
    public var timeout: Duration

    /// Creates a mail.
    public init(
        messageID: String, date: Timestamp, from: MailAddress, replyTo: MailAddress? = nil, to: [MailAddress], cc: [MailAddress] = [],
        bcc: [MailAddress] = [], subject: String, text: String, html: String? = nil, headers: [Header] = [],
        timeout: Duration = .seconds(20)
    ) {
        self.messageID = messageID
        self.date = date
        self.from = from
        self.replyTo = replyTo
        self.to = to
        self.cc = cc
        self.bcc = bcc
        self.subject = subject
        self.text = text
        self.html = html
        self.headers = headers
        self.timeout = timeout
    }

    /// All who get it.
    public var recipients: [MailAddress] { to + cc + bcc }
}

/// Why a mail was not handed over.
public struct MailError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Sendable {
        /// The mail cannot be written as it is.
        case invalid
        /// There is no program that takes mails, or it does not start.
        case noProgram
        /// It was not taken now; later it may be.
        case temporary
        /// It was not taken, and is not going to be.
        case refused
        /// Handing it over took too long.
        case timeout
        /// Nobody waits for it any more.
        case cancelled
    }

    /// The kind.
    public var code: Code
    /// What happened, for a person; holds no text of the mail.
    public var message: String

    /// Creates an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
