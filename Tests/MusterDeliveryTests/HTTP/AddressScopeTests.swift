import MusterDelivery
import Testing

@Suite("Addresses")
struct AddressScopeTests {
    static let table: [(String, AddressScope)] = [
        ("8.8.8.8", .global), ("1.1.1.1", .global), ("172.15.255.255", .global), ("172.32.0.0", .global), ("100.63.255.255", .global),
        ("100.128.0.0", .global), ("11.0.0.0", .global), ("192.167.255.255", .global), ("192.169.0.0", .global),
        ("126.255.255.255", .global),
        ("223.255.255.255", .global), ("198.17.255.255", .global), ("198.20.0.0", .global),
        ("127.0.0.1", .loopback), ("127.255.255.254", .loopback),
        ("10.0.0.0", .private), ("10.255.255.255", .private), ("172.16.0.0", .private), ("172.31.255.255", .private),
        ("192.168.1.1", .private),
        ("169.254.0.1", .linkLocal), ("169.254.169.254", .metadata), ("169.254.170.2", .metadata), ("168.63.129.16", .metadata),
        ("100.100.100.200", .metadata), ("192.0.0.192", .metadata),
        ("100.64.0.0", .shared), ("100.127.255.255", .shared),
        ("0.0.0.0", .special), ("0.1.2.3", .special), ("192.0.0.1", .special), ("192.0.2.1", .special), ("198.18.0.1", .special),
        ("198.19.255.255", .special), ("198.51.100.1", .special), ("203.0.113.9", .special), ("192.88.99.1", .special),
        ("224.0.0.1", .special), ("239.255.255.255", .special), ("240.0.0.1", .special), ("255.255.255.255", .special),
        ("2606:4700::1111", .global), ("2a00:1450:4001::1", .global), ("2001:4860:4860::8888", .global),
        ("::1", .loopback), ("::", .special), ("::2", .special),
        ("fc00::1", .private), ("fdff::1", .private), ("fec0::1", .private), ("fe80::1", .linkLocal), ("febf::1", .linkLocal),
        ("fd00:ec2::254", .metadata), ("fd20:ce::254", .metadata),
        ("ff02::1", .special), ("2001:db8::1", .special), ("3fff::1", .special), ("2001::1", .special), ("2001:10::1", .special),
        ("100::1", .special), ("4000::1", .special), ("5f00::1", .special), ("fe00::1", .special),
        // IPv6 that carries IPv4.
        ("::ffff:127.0.0.1", .loopback), ("::ffff:10.1.2.3", .private), ("::ffff:169.254.169.254", .metadata), ("::ffff:8.8.8.8", .global),
        ("::ffff:0:127.0.0.1", .loopback), ("::127.0.0.1", .loopback), ("::192.168.0.1", .private), ("64:ff9b::10.0.0.1", .private),
        ("64:ff9b::7f00:1", .loopback), ("64:ff9b::808:808", .global), ("64:ff9b:1::a00:1", .private), ("2002:7f00:1::", .loopback),
        ("2002:c0a8:101::1", .private), ("2002:808:808::1", .global), ("::ffff:0.0.0.0", .special),
    ]

    @Test("each address is in its network", arguments: table)
    func scope(_ text: String, _ scope: AddressScope) throws {
        let address = try #require(IPAddress(text))
        #expect(address.scope == scope)
        #expect(IPAddress(address.description) == address)
    }

    @Test(
        "what is no address in the usual form is none",
        arguments: ["127.1", "0x7f.0.0.1", "2130706433", "0177.0.0.1", "1.2.3.4.5", "fe80::1%lo", "[::1]", "", "localhost"])
    func noAddress(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(
        "what may be connected to, by what the request allows and whether the URL names the address itself",
        arguments: [
            ("8.8.8.8", false, false, true), ("127.0.0.1", false, true, false), ("127.0.0.1", true, false, true),
            ("10.0.0.1", false, false, false),
            ("10.0.0.1", true, false, true), ("fd00::1", true, false, true), ("fe80::1", true, false, true),
            ("100.64.1.1", true, false, true),
            ("169.254.169.254", false, true, false), ("169.254.169.254", true, false, false), ("169.254.169.254", true, true, true),
            ("0.0.0.0", true, true, false), ("224.0.0.1", true, true, false), ("255.255.255.255", true, true, false),
        ])
    func policy(_ text: String, allowsPrivate: Bool, isLiteral: Bool, isPermitted: Bool) throws {
        let address = try #require(IPAddress(text))
        let refusal = EgressPolicy().refusal(of: address, allowsPrivate: allowsPrivate, isLiteral: isLiteral)
        #expect((refusal == nil) == isPermitted)
        let strict = EgressPolicy(forbidsPrivateAddresses: true)
        let strictRefusal = strict.refusal(of: address, allowsPrivate: allowsPrivate, isLiteral: isLiteral)
        #expect((strictRefusal == nil) == (address.scope == .global))
    }
}
