import MusterCore

/// An absolute `http` or `https` URL, read strictly, so that no two readers can differ about its host.
struct OutboundURL: Sendable, Hashable {
    /// `http` or `https`.
    let scheme: String
    /// In lower case; an IPv6 address without its brackets.
    let host: String
    /// The host as an address, when it is one.
    let address: IPAddress?
    /// The port; nil for the scheme's own.
    let port: Int?
    /// Path and query.
    let target: String

    /// Reads a URL. Names in other scripts are to be given as `xn--…`.
    /// - Throws: ``TransportError`` `invalidURL`, with nothing of the URL in it but its scheme and host.
    init(_ text: String) throws(TransportError) {
        guard text.utf8.count <= 8192, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
            throw TransportError(.invalidURL, "the URL is longer than 8 KiB or holds characters that must be percent-encoded")
        }
        guard let separator = text.firstRange(of: "://") else { throw TransportError(.invalidURL, "the URL is not absolute") }
        scheme = text[..<separator.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else {
            throw TransportError(.invalidURL, "the URL must begin with http:// or https://")
        }
        let rest = text[separator.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest[authority.endIndex...]
        target = path.hasPrefix("/") ? String(path) : "/" + path
        guard !authority.contains("@") else { throw TransportError(.invalidURL, "the URL must not hold a user or a password") }
        (host, address, port) = try Self.read(authority)
    }

    private static func read(_ authority: Substring) throws(TransportError) -> (String, IPAddress?, Int?) {
        let end =
            authority.hasPrefix("[") ? authority.firstIndex(of: "]").map { authority.index(after: $0) } : authority.firstIndex(of: ":")
        let (name, rest) = (authority[..<(end ?? authority.endIndex)], authority[(end ?? authority.endIndex)...])
        var port: Int?
        if !rest.isEmpty {
            let digits = rest.dropFirst()
            guard rest.hasPrefix(":"), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(digits), (1...65_535).contains(number)
            else { throw TransportError(.invalidURL, "the URL's port is not a number from 1 to 65535") }
            port = number
        }
        if name.hasPrefix("[") {
            guard name.hasSuffix("]"), let address = IPAddress(String(name.dropFirst().dropLast())), !address.isIPv4 else {
                throw TransportError(.invalidURL, "the URL's host is not an IPv6 address")
            }
            return (address.description, address, port)
        }
        let host = name.lowercased()
        guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(isNameByte), !host.hasPrefix("."), !host.contains("..") else {
            throw TransportError(.invalidURL, "the URL has no valid host")
        }
        return (host, IPAddress(host), port)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }

    /// Scheme, host and port: what an error may say of a URL.
    var origin: String {
        let name = address.map { $0.isIPv4 ? host : "[\(host)]" } ?? host
        return "\(scheme)://\(name)" + (port.map { ":\($0)" } ?? "")
    }

    /// The URL.
    var text: String { origin + target }
}
