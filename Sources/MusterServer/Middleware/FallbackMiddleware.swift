import Hummingbird
import HummingbirdCore

/// Gives what no route serves the shape of a SCIM error, an id and a line in the log.
struct FallbackMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return await RequestEnvelope().respond(to: request, logger: context.logger) { _ in throw error }
        }
    }
}
