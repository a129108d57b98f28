import MusterCore
import Synchronization

/// Takes mails and remembers them, unless a function says otherwise.
final class FakeMail: MailTransport {
    private let sent = Mutex<[OutboundMail]>([])
    private let take: @Sendable (OutboundMail) throws -> Void

    init(_ take: @escaping @Sendable (OutboundMail) throws -> Void = { _ in }) { self.take = take }

    /// What came, refused or not, in order.
    var mails: [OutboundMail] { sent.withLock { $0 } }

    func send(_ mail: OutboundMail) async throws {
        sent.withLock { $0.append(mail) }
        try take(mail)
    }
}
