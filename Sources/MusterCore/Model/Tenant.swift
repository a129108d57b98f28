/// One customer's directory; data of two tenants never meet.
public struct Tenant: Sendable, Hashable {
    /// The name, as it stands in URLs and configuration.
    public var name: String

    /// Creates a tenant's name.
    public init(name: String) { self.name = name }

    /// The tenant of a server that serves only one.
    public static let `default` = Tenant(name: "default")
}

extension Tenant {
    /// Whether a tenant can have this name: it stands in URLs, file names and logs.
    public static func isValid(name: String) -> Bool {
        (1...63).contains(name.utf8.count) && name.utf8.first != UInt8(ascii: "-")
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-")
            }
    }

    /// What ``isValid(name:)`` demands, for a person.
    public static let nameRule = "a tenant's name has 1 to 63 lower-case letters, digits and dashes, and begins with no dash"
}
