/// An absolute `http` or `https` URL, taken apart strictly: what two readers could understand in two ways is refused,
/// so that a permission means the same to who checks it and to who connects.
struct WebAddress: Hashable, Sendable {
    /// `http` or `https`.
    var scheme: String
    /// In lower case; an IPv6 address in its brackets.
    var host: String
    /// Given or usual.
    var port: Int
    /// From the first slash on, without query; at least `/`.
    var path: String
    /// With its question mark, or "".
    var query: String

    /// Reads a URL; a fragment is dropped.
    /// - Throws: `HostCallError` that says what is wrong.
    init(_ text: String) throws(HostCallError) {
        guard text.utf8.count <= 8192 else { throw HostCallError("the URL is longer than 8192 bytes") }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
            throw HostCallError("the URL holds a blank, a backslash or a character that is not ASCII; percent-encode it")
        }
        guard let mark = text.firstRange(of: "://") else { throw HostCallError("the URL '\(text.prefix(80))' is not absolute") }
        scheme = text[..<mark.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { throw HostCallError("the URL's scheme is '\(scheme)', not http or https") }
        let rest = text[mark.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else { throw HostCallError("the URL holds a user name; send an authorization header instead") }
        (host, port) = try Self.hostAndPort(authority, scheme: scheme)
        let target = rest[authority.endIndex...]
        let path = target.prefix { $0 != "?" }
        self.path = path.isEmpty ? "/" : String(path)
        query = String(target[path.endIndex...])
        guard !Self.hasDotSegments(self.path) else { throw HostCallError("the URL's path holds '.' or '..'") }
    }

    /// The URL as it is sent.
    var text: String { origin + path + query }

    /// Scheme, host and, where it is not the usual one, port.
    var origin: String { "\(scheme)://\(host)" + (port == Self.usualPort(scheme) ? "" : ":\(port)") }

    /// Where a redirect leads to.
    func following(_ location: String) throws(HostCallError) -> WebAddress {
        if location.hasPrefix("//") { return try WebAddress("\(scheme):\(location)") }
        if location.hasPrefix("/") { return try WebAddress(origin + location) }
        if location.hasPrefix("?") { return try WebAddress(origin + path + location) }
        if location.prefix(while: { $0 != "/" && $0 != "?" }).contains(":") { return try WebAddress(location) }
        let folder = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
        return try WebAddress(origin + folder + location)
    }

    /// Whether `host` is written as an IP address or is the machine itself, so that no name server has a say.
    static func isLiteral(_ host: String) -> Bool {
        host == "localhost" || host.hasPrefix("[") || host.allSatisfy { $0.isNumber || $0 == "." }
    }

    static func usualPort(_ scheme: String) -> Int { scheme == "https" ? 443 : 80 }

    private static func hostAndPort(_ authority: Substring, scheme: String) throws(HostCallError) -> (String, Int) {
        var host = authority[...]
        var port = Optional(usualPort(scheme))
        let end = authority.hasPrefix("[") ? authority.firstIndex(of: "]").map(authority.index(after:)) : nil
        if let colon = authority[(end ?? authority.startIndex)...].firstIndex(of: ":") {
            host = authority[..<colon]
            let digits = authority[authority.index(after: colon)...]
            port = digits.allSatisfy(\.isNumber) ? Int(digits).flatMap { 1...65535 ~= $0 ? $0 : nil } : nil
        }
        guard let port else { throw HostCallError("the URL's port is not a number from 1 to 65535") }
        let name = host.lowercased()
        let allowed =
            name.hasPrefix("[")
            ? name.hasSuffix("]") && name.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
            : name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_" }
        guard !name.isEmpty, name.utf8.count <= 255, allowed, !name.hasPrefix("."), !name.contains("..") else {
            throw HostCallError("the URL's host '\(name.prefix(80))' is not a host name")
        }
        return (name, port)
    }

    private static func hasDotSegments(_ path: String) -> Bool {
        path.split(separator: "/").contains { segment in
            let plain = segment.lowercased().replacing("%2e", with: ".")
            return plain == "." || plain == ".." || plain.hasPrefix("..;") || segment.lowercased().contains("%2f") && plain.contains("..")
        }
    }
}
