import HTTPTypes
package import HummingbirdCore
package import Logging
package import SCIM

/// What becomes known of a request while it is served.
package struct RequestScope {
    /// The request's id.
    package let id: String
    /// The type of the answer.
    package let mediaType: MediaType
    /// Carries the request's id.
    package var logger: Logger
    /// The name of the token, once it is known.
    package var client: String?
    /// The quirks of the client's dialect that the request needed.
    package var quirks: Set<Quirk> = []
}

extension RequestScope {
    /// The names of the quirks, in the order of the alphabet.
    fileprivate var quirkNames: String { quirks.map(\.name).sorted().joined(separator: ", ") }
}

/// What surrounds a request whoever serves it: its id, the shape of its errors, its line in the log.
package struct RequestEnvelope: Sendable {
    /// The type of the answers; nil for what each request asks for.
    private let mediaType: MediaType?

    /// The longest part of a path that is logged.
    private static let loggedPathBytes = 256

    /// Creates an envelope.
    /// - Parameter mediaType: The type of the answers; nil for what each request asks for.
    package init(mediaType: MediaType? = nil) { self.mediaType = mediaType }

    /// Serves a request; whatever is thrown becomes a SCIM error.
    /// - Parameter challenges: What `WWW-Authenticate` says with a 401.
    package func respond(
        to request: Request, logger: Logger, challenges: [String] = [], _ serve: (inout RequestScope) async throws -> Response
    ) async -> Response {
        let start = ContinuousClock.now
        var scope = RequestScope(
            id: RequestIdentifier.text(for: request.headers), mediaType: mediaType ?? MediaType(accept: request.headers[.accept]),
            logger: logger)
        scope.logger[metadataKey: "request.id"] = .string(scope.id)
        var response: Response
        do { response = try await serve(&scope) } catch { response = answer(to: error, scope) }
        response.headers[.requestID] = scope.id
        if response.status == .unauthorized {
            for challenge in challenges { response.headers.append(HTTPField(name: .wwwAuthenticate, value: challenge)) }
        }
        if !scope.quirks.isEmpty { response.headers[.quirks] = scope.quirkNames }
        if request.method == .head { response = response.createHeadResponse() }
        log(request, response, scope, ContinuousClock.now - start)
        return response
    }

    private func answer(to error: any Error, _ scope: RequestScope) -> Response {
        if let known = SCIMError(error) {
            if known.status >= 500 { scope.logger.warning("request failed", metadata: ["error": "\(error)"]) }
            return Response(known, mediaType: scope.mediaType)
        }
        scope.logger.error("request failed", metadata: ["error": "\(error)"])
        let detail = "the server failed; its log tells more about the request \(scope.id)"
        return Response(SCIMError(status: 500, detail: detail), mediaType: scope.mediaType)
    }

    /// One line for each request. Neither the query, which names people, nor any header or body is in it.
    private func log(_ request: Request, _ response: Response, _ scope: RequestScope, _ duration: Duration) {
        guard scope.logger.logLevel <= .info else { return }
        let microseconds = duration / .microseconds(1)
        let path = request.uri.path
        var metadata: Logger.Metadata = [
            "http.method": .string(request.method.rawValue),
            "http.path": .string(path.utf8.count <= Self.loggedPathBytes ? path : path.prefix(Self.loggedPathBytes) + "…"),
            "http.status": .stringConvertible(response.status.code),
            "http.milliseconds": .stringConvertible((microseconds / 10).rounded() / 100),
            "http.bytes": .stringConvertible(response.body.contentLength ?? 0),
            "client": .string(scope.client ?? "-"),
        ]
        if !scope.quirks.isEmpty { metadata["quirks"] = .string(scope.quirkNames) }
        scope.logger.info("request", metadata: metadata)
    }
}
