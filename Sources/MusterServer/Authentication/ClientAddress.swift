/// Finds the address of the client behind proxies.
enum ClientAddress {
    /// More hops than this are not followed.
    private static let maximumHops = 32

    /// The rightmost address that is no trusted proxy: everything further left could have been made up by the client.
    /// - Parameters:
    ///   - peer: Who opened the connection.
    ///   - forwardedFor: The values of `X-Forwarded-For` in their order.
    ///   - proxies: Whose word is believed.
    /// - Returns: Where a hop cannot be read, the proxy that reported it.
    static func find(peer: IPAddress?, forwardedFor: [String], trusting proxies: [AddressRange]) -> IPAddress? {
        guard var address = peer, !proxies.isEmpty else { return peer }
        let hops = forwardedFor.lazy.reversed().flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).reversed() }
        for hop in hops.prefix(maximumHops) {
            guard proxies.contains(where: { $0.contains(address) }), let next = self.address(in: hop) else { break }
            address = next
        }
        return address
    }

    /// The address of one hop; some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
    private static func address(in hop: Substring) -> IPAddress? {
        var text = hop
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        if text.first == "[" { return IPAddress(text.dropFirst().prefix { $0 != "]" }) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return IPAddress(parts.count == 2 ? parts[0] : text)
    }
}
