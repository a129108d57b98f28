import Foundation
import HTTPTypes
import HummingbirdCore
import MusterCore

/// Finds the base URL that stands in `meta.location` and `Location`.
struct BaseURL: Sendable {
    let settings: ServerSettings

    /// The base URL as the client sees it, without a slash at the end.
    /// - Parameters:
    ///   - prefix: The path before the endpoint, as in `/scim/v2` of `/scim/v2/Users`.
    ///   - tenant: Whose directory is meant; the public URL is that of the default one, and the others' have its scheme,
    ///     host and port.
    func text(for request: Request, prefix: Substring, tenant: Tenant) -> String {
        if let publicURL = settings.publicURL {
            return tenant == .default ? publicURL : Self.origin(of: publicURL) + Self.withoutSlash(prefix)
        }
        var scheme = request.head.scheme == "https" || ConnectionInfo.current?.isSecure == true ? "https" : "http"
        var host = Self.checked(request.head.authority)
        if settings.trustsForwardedHeaders {
            // A chain of proxies appends; the first one is the one that the client spoke to.
            let proto = request.headers[.forwardedProto]?.prefix { $0 != "," && $0 != " " }
            if let proto, proto == "https" || proto == "http" { scheme = String(proto) }
            let forwarded = request.headers[.forwardedHost]?.prefix { $0 != "," && $0 != " " }
            if let forwarded = Self.checked(forwarded.map(String.init)) { host = forwarded }
        }
        return "\(scheme)://\(host ?? settings.listenAddress)\(Self.withoutSlash(prefix))"
    }

    private static func withoutSlash(_ prefix: Substring) -> Substring {
        var path = prefix
        while path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
        return path
    }

    /// Scheme, host and port of a URL.
    private static func origin(of url: String) -> String {
        guard let scheme = url.range(of: "://") else { return url }
        return String(url[..<(url[scheme.upperBound...].firstIndex(of: "/") ?? url.endIndex)])
    }

    /// A `Host` that is one: a name, an IPv4 or bracketed IPv6 address, and perhaps a port; else nil.
    static func checked(_ host: String?) -> String? {
        guard let host, (1...260).contains(host.utf8.count) else { return nil }
        var name = host[...]
        if name.utf8.first == UInt8(ascii: "[") {
            guard let end = name.firstIndex(of: "]") else { return nil }
            let address = name[name.index(after: name.startIndex)..<end]
            guard !address.isEmpty, address.utf8.allSatisfy(\.isAddressByte) else { return nil }
            name = name[name.index(after: end)...]
            guard !name.isEmpty else { return host }
            guard name.first == ":" else { return nil }
        }
        let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0].utf8.allSatisfy(\.isHostByte), !parts[0].isEmpty || host.first == "[" else { return nil }
        guard parts.count == 2 else { return host }
        return (1...5).contains(parts[1].utf8.count) && parts[1].utf8.allSatisfy(\.isDigit) ? host : nil
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    fileprivate var isHostByte: Bool {
        isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) || self == UInt8(ascii: "-")
            || self == UInt8(ascii: ".") || self == UInt8(ascii: "_")
    }
    fileprivate var isAddressByte: Bool {
        isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20) || self == UInt8(ascii: ":")
            || self == UInt8(ascii: ".")
    }
}
