package import MusterCore
import SCIM

/// Whom a plugin may write to: `permissions.mail`.
///
/// `true` stands for anybody, a list for the domains in it: `example.com` for that domain alone, `*.example.com` for all below it.
package struct MailPermission: Sendable, Hashable {
    /// The entries, in lower case; nil for anybody.
    private let domains: [String]?

    /// Nobody: `muster.mail` is not permitted.
    package static let nobody = MailPermission(domains: [])

    private init(domains: [String]?) { self.domains = domains }

    /// Whether `muster.mail` is permitted at all.
    package var isGranted: Bool { domains?.isEmpty != true }

    /// Whether somebody may be written to.
    package func allows(_ address: MailAddress) -> Bool {
        guard let domains else { return true }
        return domains.contains { entry in
            entry.hasPrefix("*.") ? address.domain.hasSuffix(entry.dropFirst()) : address.domain == entry
        }
    }

    /// Reads the field, and reports entries that are no domains.
    init(_ value: AttributeValue, _ findings: inout Findings) {
        switch value {
        case .boolean(let isGranted): self = isGranted ? MailPermission(domains: nil) : .nobody
        case .array(let entries) where entries.allSatisfy({ $0.string != nil }):
            let entries = entries.compactMap { $0.string?.lowercased() }
            for (number, entry) in entries.enumerated() {
                let place = "permissions.mail[\(number + 1)]"
                let domain = entry.hasPrefix("*.") ? entry.dropFirst(2) : entry[...]
                if !MailAddress.isDomain(domain) {
                    findings.error(place, "'\(entry)' is no domain", "write \"example.com\", or \"*.example.com\" for all below it")
                } else if entry.hasPrefix("*."), !domain.contains(".") {
                    findings.error(place, "'\(entry)' is too wide: name a domain of at least two parts")
                }
            }
            self.init(domains: entries)
        default:
            findings.error("permissions.mail", "is not true, false or a list of domains")
            self = .nobody
        }
    }
}
