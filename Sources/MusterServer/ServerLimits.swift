package import SCIM

/// What a client may ask of the server before it is told no.
package struct ServerLimits: Sendable {
    /// The largest request body, in bytes; a larger one is answered 413.
    package var maximumBodyBytes: Int
    /// How deep JSON may nest, and how many members one object may have.
    package var json: JSONLimits
    /// The longest request target (path and query), in bytes; a longer one is answered 414.
    package var maximumTargetBytes: Int
    /// The longest single header, and request target, that the parser reads; a longer one is answered 400 and ends the connection.
    package var maximumHeaderBytes: Int
    /// The most headers of one request.
    package var maximumHeaderCount: Int
    /// How long a client may take to send the body; a slower one is answered 408.
    package var bodyTimeout: Duration
    /// How long a request may be worked on, its body not counted; what takes longer is answered 503. A read by id is not timed.
    package var requestTimeout: Duration
    /// How long a connection may stay open without a request, or without the rest of its headers.
    package var idleTimeout: Duration
    /// How long the server still listens to a client that it has answered before the end of the request. The answer
    /// would be lost to the client if the connection were closed at once.
    package var lingerTimeout: Duration
    /// The most connections at a time; further ones wait until one closes.
    package var maximumConnections: Int
    /// The most connections that wait to be accepted.
    package var backlog: Int

    package init(
        maximumBodyBytes: Int = 1 << 20, json: JSONLimits = .init(), maximumTargetBytes: Int = 16 << 10,
        maximumHeaderBytes: Int = 32 << 10, maximumHeaderCount: Int = 100, bodyTimeout: Duration = .seconds(15),
        requestTimeout: Duration = .seconds(30), idleTimeout: Duration = .seconds(60),
        lingerTimeout: Duration = .seconds(2), maximumConnections: Int = 1000, backlog: Int = 512
    ) {
        self.maximumBodyBytes = maximumBodyBytes
        self.json = json
        self.maximumTargetBytes = maximumTargetBytes
        self.maximumHeaderBytes = maximumHeaderBytes
        self.maximumHeaderCount = maximumHeaderCount
        self.bodyTimeout = bodyTimeout
        self.requestTimeout = requestTimeout
        self.idleTimeout = idleTimeout
        self.lingerTimeout = lingerTimeout
        self.maximumConnections = maximumConnections
        self.backlog = backlog
    }
}
