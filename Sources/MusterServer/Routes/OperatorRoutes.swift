import HTTPTypes
package import Hummingbird
import HummingbirdCore
import Logging
import MusterCore
import NIOCore
package import SCIM

/// What those are told who run the server: `/metrics` for Prometheus and `/health/detail`.
///
/// Both name plugins, hosts and tenants' subscribers, so that a token of the default tenant is wanted which may read
/// everything; `/metrics` can be opened to all.
package struct OperatorRoutes<Context: Hummingbird.RequestContext>: Sendable {
    private let authentication: Authentication
    private let metrics: PrometheusMetrics?
    private let metricsAreOpen: Bool
    private let detail: @Sendable () async throws -> AttributeValue

    /// Creates the routes.
    /// - Parameters:
    ///   - metrics: Nil to serve no `/metrics`.
    ///   - metricsAreOpen: Whether they are for anybody.
    ///   - detail: What `/health/detail` says.
    package init(
        authentication: Authentication, metrics: PrometheusMetrics?, metricsAreOpen: Bool,
        detail: @escaping @Sendable () async throws -> AttributeValue
    ) {
        self.authentication = authentication
        self.metrics = metrics
        self.metricsAreOpen = metricsAreOpen
        self.detail = detail
    }

    /// Registers the routes below the path of `router`.
    package func add(to router: some RouterMethods<Context>) {
        for method in [HTTPRequest.Method.get, .head] {
            router.on("health/detail", method: method) { request, context in
                await answer(request, context, isOpen: false) { (try await detail().jsonBytes, MediaType.json.rawValue) }
            }
            guard let metrics else { continue }
            router.on("metrics", method: method) { request, context in
                await answer(request, context, isOpen: metricsAreOpen) {
                    (Array(metrics.text.utf8), "text/plain; version=0.0.4; charset=utf-8")
                }
            }
        }
    }

    private func answer(
        _ request: Request, _ context: Context, isOpen: Bool, _ body: () async throws -> (bytes: [UInt8], type: String)
    ) async -> Response {
        let address = (context as? any RemoteAddressRequestContext)?.remoteAddress
        return await RequestEnvelope().respond(to: request, logger: context.logger, challenges: authentication.challenges) { scope in
            if !isOpen {
                let principal = try await authentication.principal(
                    for: AuthenticationRequest(headers: request.headers, tenant: .default, remoteAddress: address, logger: scope.logger))
                scope.client = principal.name
                guard principal.scopes.allowsAll(.read) else {
                    throw SCIMError.forbidden("the client lacks the scope read; its scopes are: \(principal.scopes)")
                }
            }
            let (bytes, type) = try await body()
            return Response(
                status: .ok, headers: [.contentType: type, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        }
    }
}
