import AsyncHTTPClient
package import MusterCore
import NIOCore
import NIOHTTP1

/// The way out over HTTP/1.1.
///
/// It connects to exactly the address that ``EgressPolicy`` agreed to, so that a name cannot change its address in
/// between. It verifies certificates, follows no redirects, knows no proxy and unpacks nothing. What errors say holds
/// scheme, host and port, never a path, a query, a header or a body.
package final class AsyncHTTPTransport: HTTPTransport {
    private let policy: EgressPolicy
    private let userAgent: String
    private let resolver: HostResolver
    private let clients: ClientCache

    /// How many of a host's addresses are tried.
    static let addressLimit = 4

    /// Creates a transport; it opens no connection yet.
    /// - Parameters:
    ///   - authorities: Whose certificates are trusted.
    ///   - userAgent: Sent where a request names none: `muster/<version>`.
    ///   - connectionsPerHost: How many connections are open to one host at the same time; more requests wait.
    ///   - lookupLifetime: How long the answer of a look-up is kept.
    ///   - lookup: Looks a host up, blocking; empty when there is no such host.
    package init(
        policy: EgressPolicy = EgressPolicy(), authorities: TrustedAuthorities = .system,
        userAgent: String = "muster/\(Release.version)", connectionsPerHost: Int = 32, connectTimeout: Duration = .seconds(5),
        lookupLifetime: Duration = .seconds(10),
        lookup: @escaping @Sendable (String) -> [IPAddress] = { AsyncHTTPTransport.systemLookup($0) }
    ) {
        self.policy = policy
        self.userAgent = userAgent
        resolver = HostResolver(lifetime: lookupLifetime, lookup: lookup)
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: TimeAmount(connectTimeout)), proxy: nil, decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.idleTimeout = .seconds(30)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(1, connectionsPerHost)
        configuration.connectionPool.retryConnectionEstablishment = false
        clients = ClientCache(capacity: 64, configuration: configuration, authorities: authorities)
    }

    /// The machine's own way to look a host up, in the order that RFC 6724 asks for. Blocks.
    package static func systemLookup(_ host: String) -> [IPAddress] { IPAddress.all(of: host) }

    /// Closes all connections; requests under way fail, and later ones too.
    package func shutdown() async { await clients.shutdown() }

    package func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        let url = try OutboundURL(request.url)
        try request.check()
        let deadline = ContinuousClock.now + request.timeout
        do {
            return try await withThrowingTaskGroup(of: OutboundResponse.self) { group in
                group.addTask { try await self.answer(to: request, url) }
                group.addTask {
                    try await Task.sleep(until: deadline)
                    throw TransportError(.timeout, "\(url.origin) did not answer in time")
                }
                defer { group.cancelAll() }
                guard let response = try await group.next() else { throw CancellationError() }
                return response
            }
        } catch {
            throw TransportError(error, url)
        }
    }

    /// Resolves, checks and sends, to the next address where one cannot be connected to.
    private func answer(to request: OutboundRequest, _ url: OutboundURL) async throws -> OutboundResponse {
        let message = self.message(request, url)
        let identity = try request.clientCertificate.map { try ClientIdentity($0) }
        var failure: any Error = TransportError(.unresolvedHost, "the host '\(url.host)' is not known")
        for address in try await permitted(url, request) {
            do {
                return try await clients.withClient(for: ClientCache.Key(host: url.host, address: address, identity: identity)) { client in
                    let response = try await client.execute(message, deadline: .now() + TimeAmount(request.timeout))
                    return try await self.collect(response, url, upTo: request.responseLimitBytes)
                }
            } catch  where error.isFailureToConnect {
                failure = error
            }
        }
        throw failure
    }

    /// The addresses of a host that may be connected to.
    private func permitted(_ url: OutboundURL, _ request: OutboundRequest) async throws -> [IPAddress] {
        let addresses = if let literal = url.address { [literal] } else { try await resolver.addresses(of: url.host) }
        var refusal = ""
        let permitted = addresses.filter { address in
            guard
                let reason = policy.refusal(
                    of: address, allowsPrivate: request.allowsPrivateAddress, isLiteral: url.address != nil)
            else { return true }
            refusal = reason
            return false
        }
        guard permitted.isEmpty else { return Array(permitted.prefix(Self.addressLimit)) }
        throw TransportError(.refusedAddress, "the host '\(url.host)' has \(refusal), which Muster does not connect to")
    }

    private func message(_ request: OutboundRequest, _ url: OutboundURL) -> HTTPClientRequest {
        var message = HTTPClientRequest(url: url.text)
        message.method = HTTPMethod(rawValue: request.method)
        for header in request.headers { message.headers.add(name: header.name, value: header.value) }
        if !message.headers.contains(name: "user-agent") { message.headers.add(name: "user-agent", value: userAgent) }
        if !request.body.isEmpty { message.body = .bytes(request.body) }
        return message
    }

    /// Reads the body as it comes and ends at the limit.
    private func collect(_ response: HTTPClientResponse, _ url: OutboundURL, upTo limit: Int) async throws -> OutboundResponse {
        var body: [UInt8] = []
        for try await part in response.body {
            guard part.readableBytes <= limit - body.count else {
                throw TransportError(.responseTooLarge, "the answer of \(url.origin) is larger than \(limit) bytes")
            }
            body.append(contentsOf: part.readableBytesView)
        }
        let headers = response.headers.map { HTTPHeader($0.name, $0.value) }
        return OutboundResponse(status: Int(response.status.code), headers: headers, body: body)
    }
}
