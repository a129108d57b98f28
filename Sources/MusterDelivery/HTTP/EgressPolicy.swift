/// Which addresses may be connected to, decided on the very address that is then used.
package struct EgressPolicy: Sendable {
    /// Whether private addresses are refused even where the request allows them.
    package var forbidsPrivateAddresses: Bool

    /// Creates a policy.
    package init(forbidsPrivateAddresses: Bool = false) {
        self.forbidsPrivateAddresses = forbidsPrivateAddresses
    }

    /// Why an address is refused, for a person; nil when it may be used.
    ///
    /// What is no single host is refused always. Where cloud machines get their credentials is refused too, unless
    /// private addresses are allowed and the URL names that very address: a name could be made to lead there.
    /// - Parameters:
    ///   - allowsPrivate: Whether loopback, private, link-local and provider-internal addresses may be used.
    ///   - isLiteral: Whether the URL holds the address itself instead of a name.
    package func refusal(of address: IPAddress, allowsPrivate: Bool, isLiteral: Bool) -> String? {
        let allowsPrivate = allowsPrivate && !forbidsPrivateAddresses
        return switch address.scope {
        case .global: nil
        case .loopback: allowsPrivate ? nil : "a loopback address"
        case .private: allowsPrivate ? nil : "a private address"
        case .linkLocal: allowsPrivate ? nil : "a link-local address"
        case .shared: allowsPrivate ? nil : "an address inside a provider's network"
        case .metadata: allowsPrivate && isLiteral ? nil : "the address of a cloud's metadata service"
        case .special: "an address that is no single host on the internet"
        }
    }
}
