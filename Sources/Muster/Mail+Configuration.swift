import MusterCore
import MusterDelivery

extension Configuration.Mail {
    /// From whom mails come that name nobody.
    /// - Throws: ``ConfigurationError`` where what is set is no address.
    func sender() throws(ConfigurationError) -> MailAddress? {
        guard let from else { return nil }
        do { return try MailAddress(from) } catch { throw ConfigurationError(["mail.from: \(error.message)"]) }
    }

    /// The way out.
    /// - Parameter environment: The server's, of which mail programs need a few variables.
    func transport(environment: [String: String]) -> SendmailTransport {
        SendmailTransport(program: sendmail, environment: environment)
    }
}
