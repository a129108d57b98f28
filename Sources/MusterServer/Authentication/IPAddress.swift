package import NIOCore

/// An IPv4 or IPv6 address as bits. An IPv4 address that is mapped into IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// The two versions.
    package enum Version: Sendable, Hashable {
        case v4, v6

        /// How many bits an address has.
        package var bitCount: Int { self == .v4 ? 32 : 128 }
    }

    /// Which of the two it is.
    package let version: Version
    /// The bits, an IPv4 address in the lowest 32.
    let bits: UInt128

    private init(version: Version, bits: UInt128) {
        self.version = version
        self.bits = bits
    }

    /// Reads an address, without port, brackets or prefix length; a zone (`%eth0`) is left out.
    package init?(_ text: some StringProtocol) {
        let address = text.prefix { $0 != "%" }
        guard address.utf8.count <= 45, let socket = try? SocketAddress(ipAddress: String(address), port: 0) else { return nil }
        self.init(socket)
    }

    /// The address of one end of a connection; nil for a Unix domain socket.
    package init?(_ socket: SocketAddress) {
        switch socket {
        // `sin_addr` and `sin6_addr`, which are at these places on every system.
        case .v4(let address):
            self.init(version: .v4, bits: withUnsafeBytes(of: address.address) { Self.number($0[4..<8]) })
        case .v6(let address):
            let bits = withUnsafeBytes(of: address.address) { Self.number($0[8..<24]) }
            if bits >> 32 == 0xFFFF {
                self.init(version: .v4, bits: bits & 0xFFFF_FFFF)
            } else {
                self.init(version: .v6, bits: bits)
            }
        case .unixDomainSocket: return nil
        }
    }

    private static func number(_ bytes: Slice<UnsafeRawBufferPointer>) -> UInt128 { bytes.reduce(0) { $0 << 8 | UInt128($1) } }

    /// The address with all bits after the first `prefixLength` zero.
    func network(_ prefixLength: Int) -> IPAddress {
        let shift = version.bitCount - prefixLength
        return IPAddress(version: version, bits: shift >= 128 ? 0 : (bits >> UInt128(shift)) << UInt128(shift))
    }

    /// What stands for the client behind the address: one site may use every address of an IPv6 /64.
    var client: IPAddress { version == .v6 ? network(64) : self }

    /// Whether it is this machine.
    var isLoopback: Bool { version == .v4 ? bits >> 24 == 127 : bits == 1 }

    /// The usual text.
    package var description: String {
        let bytes = stride(from: version.bitCount - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bits >> UInt128($0)) }
        return (try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes), port: 0))?.ipAddress ?? ""
    }
}

/// A range of addresses in CIDR notation (RFC 4632 §3.1): `10.0.0.0/8`, `2001:db8::/32`, or one address.
package struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    private let network: IPAddress
    private let prefixLength: Int

    /// Reads a range; nil when it is none, or when bits are set that the prefix does not cover, which is a slip.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        var length = address.version.bitCount
        if parts.count == 2 {
            guard parts[1].utf8.count <= 3, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(parts[1]),
                number <= length
            else { return nil }
            length = number
        }
        guard address.network(length) == address else { return nil }
        (network, prefixLength) = (address, length)
    }

    /// Whether an address is in the range.
    package func contains(_ address: IPAddress) -> Bool {
        address.version == network.version && address.network(prefixLength) == network
    }

    /// The range in CIDR notation.
    package var description: String { "\(network)/\(prefixLength)" }
}
