import MusterCore

extension OutboundRequest {
    /// Headers that the transport sets itself, or that change how a message is framed (RFC 9110 §7.6.1).
    static let reservedHeaders: Set<String> = [
        "connection", "content-length", "expect", "host", "keep-alive", "proxy-authenticate", "proxy-authorization",
        "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    /// Refuses a request that could be read in two ways on the wire.
    /// - Throws: ``TransportError`` `invalidURL`, which names a header but shows no value.
    func check() throws(TransportError) {
        guard (1...16).contains(method.utf8.count), method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }),
            method != "CONNECT", method != "TRACE"
        else { throw TransportError(.invalidURL, "the method is not allowed") }
        for header in headers {
            guard !header.name.isEmpty, header.name.utf8.count <= 256, header.name.utf8.allSatisfy(Self.isTokenByte) else {
                throw TransportError(.invalidURL, "a header's name holds characters that are not allowed")
            }
            guard !Self.reservedHeaders.contains(header.name.lowercased()) else {
                throw TransportError(.invalidURL, "the header '\(header.name)' is set by Muster and cannot be given")
            }
            guard header.value.utf8.count <= 65_536, header.value.utf8.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }) else {
                throw TransportError(
                    .invalidURL, "the value of the header '\(header.name)' holds a line break or another control character")
            }
        }
    }

    /// RFC 9110 §5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
