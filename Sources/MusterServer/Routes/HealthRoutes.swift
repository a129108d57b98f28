import HTTPTypes
package import Hummingbird
import HummingbirdCore
import Logging
package import MusterCore
import NIOCore
import ServiceLifecycle

/// Tells whoever keeps the server running how it is: `/health/live` and `/health/ready`, for anybody, without detail.
///
/// Live means that the process answers at all: if not, start it again. Ready means that it can serve: if not, send the
/// traffic elsewhere for now. It is not ready while it shuts down or its store does not answer.
package struct HealthRoutes<Context: Hummingbird.RequestContext>: Sendable {
    /// Something that must be so for the server to serve.
    package struct Check: Sendable {
        /// The name, for the log.
        package let name: String
        /// Whether it is so. What throws or takes too long counts as no.
        package let isFulfilled: @Sendable () async throws -> Bool

        package init(_ name: String, isFulfilled: @escaping @Sendable () async throws -> Bool) {
            self.name = name
            self.isFulfilled = isFulfilled
        }
    }

    private let checks: [Check]
    private let timeout: Duration

    /// Creates the routes.
    /// - Parameters:
    ///   - store: Must answer a read.
    ///   - checks: What else must be so.
    ///   - timeout: How long each check may take.
    package init(store: any Store, checks: [Check] = [], timeout: Duration = .seconds(2)) {
        let read = Check("store") {
            _ = try await store.read { try $0.setting("index") }
            return true
        }
        self.checks = [read] + checks
        self.timeout = timeout
    }

    /// Registers `/health/live` and `/health/ready` below the path of `router`.
    package func add(to router: some RouterMethods<Context>) {
        for method in [HTTPRequest.Method.get, .head] {
            router.on("health/live", method: method) { request, _ in answer(true, to: request) }
            router.on("health/ready", method: method) { request, context in
                for check in checks where await !passes(check) {
                    context.logger.warning("not ready", metadata: ["check": .string(check.name)])
                    return answer(false, to: request)
                }
                return answer(!Task.isShuttingDownGracefully, to: request)
            }
        }
    }

    private func passes(_ check: Check) async -> Bool {
        (try? await withDeadline(timeout, check.isFulfilled)) ?? false
    }

    private func answer(_ isWell: Bool, to request: Request) -> Response {
        let response = Response(
            status: isWell ? .ok : .serviceUnavailable,
            headers: [.contentType: MediaType.json.rawValue, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: isWell ? #"{"status":"ok"}"# : #"{"status":"unavailable"}"#)))
        return request.method == .head ? response.createHeadResponse() : response
    }
}
