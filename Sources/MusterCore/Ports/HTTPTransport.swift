/// The only way out over HTTP: real, recorded in a test, or a rehearsal that sends nothing.
///
/// A transport never follows redirects; who sends decides about each hop.
public protocol HTTPTransport: Sendable {
    /// Sends one request and collects the answer.
    /// - Throws: ``TransportError``.
    func send(_ request: OutboundRequest) async throws -> OutboundResponse
}

/// One HTTP header; names compare without case.
public struct HTTPHeader: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The value.
    public var value: String

    /// Creates a header.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A request on its way out.
public struct OutboundRequest: Sendable, Hashable {
    /// The method, in upper case.
    public var method: String
    /// The absolute URL, `http` or `https`.
    public var url: String
    /// The headers.
    public var headers: [HTTPHeader]
    /// The body; empty for none.
    public var body: [UInt8]
    /// How long connecting, sending and reading may take together.
    public var timeout: Duration
    /// The largest body of an answer that is read.
    public var responseLimitBytes: Int
    /// Whether the host may resolve to a loopback, private or link-local address: only where it is listed.
    public var allowsPrivateAddress: Bool
    /// What proves in the TLS handshake who is asking; nil for nothing.
    public var clientCertificate: ClientCertificateFiles?

    /// Creates a request.
    public init(
        method: String, url: String, headers: [HTTPHeader] = [], body: [UInt8] = [], timeout: Duration = .seconds(10),
        responseLimitBytes: Int = 1 << 20, allowsPrivateAddress: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.responseLimitBytes = responseLimitBytes
        self.allowsPrivateAddress = allowsPrivateAddress
    }
}

/// The PEM files of a client certificate. They are read when a connection is made, so that others may take their place.
public struct ClientCertificateFiles: Sendable, Hashable {
    /// The path of the certificate and those that vouch for it.
    public var chain: String
    /// The path of its private key.
    public var key: String

    /// Creates a value.
    public init(chain: String, key: String) {
        self.chain = chain
        self.key = key
    }
}

/// The answer to an ``OutboundRequest``.
public struct OutboundResponse: Sendable, Hashable {
    /// The HTTP status.
    public var status: Int
    /// The headers.
    public var headers: [HTTPHeader]
    /// The body.
    public var body: [UInt8]

    /// Creates an answer.
    public init(status: Int, headers: [HTTPHeader] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Why no answer came.
public struct TransportError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Sendable {
        case invalidURL, refusedAddress, unresolvedHost, connectionFailed, timeout, responseTooLarge, invalidCertificate, cancelled
    }

    /// The kind.
    public var code: Code
    /// What happened, for a person; holds no header and no body.
    public var message: String

    /// Creates an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
