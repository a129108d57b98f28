/// Which URLs a plugin may call: one entry of `permissions.http`.
///
/// `https://api.example.com/v1/*` is everything below a path, `https://*.example.com/*` every host below a domain, an
/// entry without `*` at its end that URL alone. `{webhook}` stands for the setting of that name, `{base}/*` for
/// everything below it; so a site decides by its settings, and plugin.json stays as it was delivered.
package struct URLPattern: Sendable, Hashable {
    /// The entry as it was written.
    package let text: String
    /// The name of the setting that opens the entry, or nil.
    let setting: String?
    /// What follows the setting: "" or `/*` or a path.
    let rest: String
    /// Scheme, host, port and path; nil until the setting is filled in.
    private let target: Target?

    private struct Target: Hashable, Sendable {
        var scheme: String
        var host: String
        var port: Int
        var path: String
        var isPrefix: Bool
        var isSubdomain: Bool
    }

    /// Reads an entry.
    /// - Throws: `HostCallError` that says what is wrong.
    init(_ text: String) throws(HostCallError) {
        self.text = text
        if text.hasPrefix("{") {
            guard let end = text.firstIndex(of: "}") else { throw HostCallError("'{' is not closed") }
            setting = String(text[text.index(after: text.startIndex)..<end])
            rest = String(text[text.index(after: end)...])
            guard rest.isEmpty || rest.hasPrefix("/") else { throw HostCallError("after '}' comes nothing or a path") }
            target = nil
        } else {
            (setting, rest) = (nil, "")
            target = try Self.target(text)
        }
    }

    private init(text: String, target: Target) {
        self.text = text
        self.target = target
        (setting, rest) = (nil, "")
    }

    /// The entry with its setting filled in; nil when the setting has no value.
    func filled(with settings: (String) -> String?) throws(HostCallError) -> URLPattern? {
        guard let setting else { return self }
        guard let value = settings(setting) else { return nil }
        let base = rest.isEmpty ? value : value.hasSuffix("/") ? String(value.dropLast()) : value
        return URLPattern(text: text, target: try Self.target(base + rest))
    }

    /// Whether a URL is covered.
    func matches(_ address: WebAddress) -> Bool {
        guard let target, target.scheme == address.scheme, target.port == address.port else { return false }
        let hostFits = target.isSubdomain ? address.host.hasSuffix(target.host) : address.host == target.host
        return hostFits && (target.isPrefix ? address.path.hasPrefix(target.path) : address.path == target.path)
    }

    /// Whether the entry names the machine by its address, so that reaching a private network is plainly meant.
    var namesAddressLiterally: Bool { target.map { !$0.isSubdomain && WebAddress.isLiteral($0.host) } ?? false }

    private static func target(_ text: String) throws(HostCallError) -> Target {
        var text = text
        if let query = text.firstIndex(of: "?") { text = String(text[..<query]) }
        let isPrefix = text.hasSuffix("*")
        if isPrefix { text.removeLast() }
        let isSubdomain = text.contains("://*.")
        if isSubdomain { text = text.replacing("://*.", with: "://") }
        guard !text.contains("*") else { throw HostCallError("'*' may stand for the first part of the host and at the end of the path") }
        let address = try WebAddress(text)
        // Without a slash the `*` would lengthen the host's name: https://api.example.com* and then .evil.net.
        if isPrefix, !text.dropFirst(address.scheme.count + 3).contains("/") {
            throw HostCallError("a '*' at the end belongs to the path: write \(address.origin)/*")
        }
        if isSubdomain {
            let isWide = !address.host.contains(".") || WebAddress.isLiteral(address.host)
            if isWide { throw HostCallError("'*.\(address.host)' is too wide: name a domain of at least two parts") }
        }
        return Target(
            scheme: address.scheme, host: isSubdomain ? "." + address.host : address.host, port: address.port,
            path: address.path, isPrefix: isPrefix, isSubdomain: isSubdomain)
    }
}
