/// What a site may decide about SCIM over HTTP.
package struct ServerSettings: Sendable {
    /// The base URL as clients see it, with its path and without a slash at the end: `https://people.example.com/scim/v2`.
    /// Nil makes it from each request's own scheme and `Host`.
    package var publicURL: String?
    /// Stands in `meta.location` where a request's `Host` is missing or is none: `127.0.0.1:8080`.
    package var listenAddress: String
    /// Whether `X-Forwarded-Proto` and `X-Forwarded-Host` are believed: only behind a proxy that sets both itself.
    package var trustsForwardedHeaders: Bool
    /// What a request may cost.
    package var limits: ServerLimits

    package init(
        publicURL: String? = nil, listenAddress: String = "127.0.0.1:8080", trustsForwardedHeaders: Bool = false,
        limits: ServerLimits = .init()
    ) {
        self.publicURL = publicURL
        self.listenAddress = listenAddress
        self.trustsForwardedHeaders = trustsForwardedHeaders
        self.limits = limits
    }
}
