import NIOCore
import Testing

@testable import MusterServer

@Suite("Addresses")
struct AddressTests {
    @Test(
        "A range holds its addresses and no others",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false), ("::/0", "::1", true),
            ("::/0", "8.8.8.8", false), ("2001:db8::/32", "2001:db8:1::1", true), ("2001:db8::/32", "2001:db9::1", false),
            ("192.0.2.0/25", "192.0.2.127", true), ("192.0.2.0/25", "192.0.2.128", false),
            // An IPv4 client of a socket that listens on IPv6 too.
            ("192.0.2.0/24", "::ffff:192.0.2.9", true), ("fe80::/10", "fe80::1%eth0", true), ("::1/128", "::1", true),
        ])
    func ranges(range: String, address: String, isInside: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(try #require(IPAddress(address))) == isInside)
    }

    @Test(
        "What is no range is refused, and one with bits beyond its prefix too",
        arguments: [
            "", "10.0.0.0/33", "10.0.0.1/8", "::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "a/8", "10.0.0.0/8/8",
            "example.com", "2001:db8::1/32",
        ])
    func noRanges(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test(
        "An address is written in the usual way",
        arguments: [("192.0.2.1", "192.0.2.1"), ("2001:DB8:0:0::1", "2001:db8::1"), ("::ffff:10.0.0.1", "10.0.0.1")])
    func text(text: String, usual: String) {
        #expect(IPAddress(text)?.description == usual)
    }

    @Test("A socket's address is the same address", arguments: ["192.0.2.1", "2001:db8::1"])
    func sockets(text: String) throws {
        #expect(IPAddress(try SocketAddress(ipAddress: text, port: 4711)) == IPAddress(text))
        #expect(IPAddress(try SocketAddress(unixDomainSocketPath: "/tmp/socket")) == nil)
    }

    @Test(
        "Behind trusted proxies the client is the rightmost address that none of them has",
        arguments: [
            // peer, X-Forwarded-For, client
            ("198.51.100.1", ["203.0.113.9"], "198.51.100.1"), ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"), ("10.0.0.1", [], "10.0.0.1"),
            ("10.0.0.1", ["1.2.3.4, 203.0.113.9"], "203.0.113.9"), ("10.0.0.1", ["1.2.3.4, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", ["1.2.3.4", "203.0.113.9"], "203.0.113.9"), ("10.0.0.1", ["10.0.0.3,10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", ["203.0.113.9:4711"], "203.0.113.9"), ("10.0.0.1", ["[2001:db8::9]:4711"], "2001:db8::9"),
            ("10.0.0.1", ["2001:db8::9"], "2001:db8::9"), ("10.0.0.1", ["unknown"], "10.0.0.1"), ("10.0.0.1", ["1.2.3.4, "], "10.0.0.1"),
            ("10.0.0.1", ["1.2.3.4, nonsense, 10.0.0.2"], "10.0.0.2"),
        ])
    func forwarded(peer: String, forwardedFor: [String], client: String) throws {
        let proxies = [try #require(AddressRange("10.0.0.0/8"))]
        #expect(ClientAddress.find(peer: IPAddress(peer), forwardedFor: forwardedFor, trusting: proxies) == IPAddress(client))
        #expect(ClientAddress.find(peer: IPAddress(peer), forwardedFor: forwardedFor, trusting: []) == IPAddress(peer))
        #expect(ClientAddress.find(peer: nil, forwardedFor: forwardedFor, trusting: proxies) == nil)
    }

    @Test("Only so many hops are followed")
    func hops() throws {
        let proxies = [try #require(AddressRange("10.0.0.0/8"))]
        let long = Array(repeating: "10.0.0.2", count: 10_000).joined(separator: ",")
        #expect(
            ClientAddress.find(peer: IPAddress("10.0.0.1"), forwardedFor: ["203.0.113.9," + long], trusting: proxies)
                == IPAddress("10.0.0.2"))
    }
}
