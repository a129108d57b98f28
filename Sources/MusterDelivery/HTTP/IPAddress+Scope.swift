/// What kind of network an address is in.
package enum AddressScope: String, Sendable, Hashable {
    /// The internet.
    case global
    /// The machine itself.
    case loopback
    /// A site's own network (RFC 1918, RFC 4193, site-local).
    case `private`
    /// Whatever is on the same wire (RFC 3927, RFC 4291).
    case linkLocal
    /// A provider's network behind its address translation (RFC 6598).
    case shared
    /// A cloud's service that hands credentials to whoever asks from inside.
    case metadata
    /// No one host: unspecified, multicast, broadcast, reserved, or made for documentation and tests.
    case special
}

extension IPAddress {
    /// What kind of network the address is in (IANA's registries of special-purpose addresses). A form of IPv6 that
    /// carries an IPv4 address, and would lead to it through a translator or the socket, counts as that address.
    package var scope: AddressScope {
        if let embedded { return embedded.scope }
        let (metadata, table) = isIPv4 ? (Self.metadata4, Self.table4) : (Self.metadata6, Self.table6)
        if metadata.contains(bytes) { return .metadata }
        return table.first { hasPrefix($0.prefix, length: $0.length) }?.scope ?? (isIPv4 ? .global : .special)
    }

    /// The IPv4 address that an IPv6 one carries.
    private var embedded: IPAddress? {
        guard !isIPv4 else { return nil }
        // `::` and `::1` are no IPv4 addresses.
        guard bytes.dropLast().contains(where: { $0 != 0 }) else { return nil }
        guard let form = Self.embeddings.first(where: { hasPrefix($0.prefix, length: $0.length) }) else { return nil }
        return IPAddress(bytes: Array(bytes[form.offset..<form.offset + 4]))
    }

    private static let zeros = [UInt8](repeating: 0, count: 16)

    private static let embeddings: [(prefix: [UInt8], length: Int, offset: Int)] = [
        (zeros, 96, 12),  // ::/96, IPv4-compatible
        ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 96, 12),  // ::ffff:0:0/96, IPv4-mapped
        ([0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0], 96, 12),  // ::ffff:0:0:0/96, IPv4-translated
        ([0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0], 96, 12),  // 64:ff9b::/96, NAT64
        ([0x20, 0x02], 16, 2),  // 2002::/16, 6to4
    ]

    private static let metadata4: [[UInt8]] = [
        [169, 254, 169, 254],  // AWS, Google, Azure and most others
        [169, 254, 170, 2],  // AWS, containers
        [100, 100, 100, 200],  // Alibaba
        [168, 63, 129, 16],  // Azure, though it looks public
        [192, 0, 0, 192],  // Oracle
    ]

    private static let metadata6: [[UInt8]] = [
        [0xFD, 0, 0x0E, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54],  // fd00:ec2::254, AWS
        [0xFD, 0x20, 0, 0xCE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54],  // fd20:ce::254, Google
    ]

    private typealias Row = (prefix: [UInt8], length: Int, scope: AddressScope)

    private static let table4: [Row] = [
        ([0], 8, .special), ([10], 8, .private), ([100, 64], 10, .shared), ([127], 8, .loopback),
        ([169, 254], 16, .linkLocal), ([172, 16], 12, .private), ([192, 0, 0], 24, .special), ([192, 0, 2], 24, .special),
        ([192, 88, 99], 24, .special), ([192, 168], 16, .private), ([198, 18], 15, .special),
        ([198, 51, 100], 24, .special), ([203, 0, 113], 24, .special), ([224], 3, .special),
    ]

    /// Only 2000::/3 is given out; what stands in no row is special.
    private static let table6: [Row] = [
        (zeros.dropLast() + [1], 128, .loopback), ([0x00, 0x64, 0xFF, 0x9B, 0x00, 0x01], 48, .private),
        ([0xFC], 7, .private), ([0xFE, 0x80], 10, .linkLocal), ([0xFE, 0xC0], 10, .private), ([0xFF], 8, .special),
        ([0x20, 0x01, 0x00], 23, .special), ([0x20, 0x01, 0x0D, 0xB8], 32, .special), ([0x3F, 0xFF, 0x00], 20, .special),
        ([0x20], 3, .global),
    ]
}
