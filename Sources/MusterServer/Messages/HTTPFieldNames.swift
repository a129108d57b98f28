import HTTPTypes

extension HTTPField.Name {
    /// The id of the request, in both directions.
    static let requestID = known("X-Request-Id")
    /// The addresses of a proxy's client and of the proxies between.
    static let forwardedFor = known("X-Forwarded-For")
    /// The scheme that a proxy's client used.
    static let forwardedProto = known("X-Forwarded-Proto")
    /// The `Host` that a proxy's client named.
    static let forwardedHost = known("X-Forwarded-Host")

    /// The quirks of a client's dialect that its request needed, so that whoever looks for a fault in one sees them.
    static let quirks = known("Muster-Quirks")

    private static func known(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no header name") }
        return name
    }
}
