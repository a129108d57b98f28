import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MusterServer
import SCIM
import Testing

@Suite("On an embedding application's router")
struct EmbeddingTests {
    /// A context that knows nothing of SCIM.
    private struct AppContext: Hummingbird.RequestContext {
        var coreContext: CoreRequestContextStorage
        init(source: Source) { coreContext = .init(source: source) }
    }

    @Test("Routes work below any path and beside the application's own, which keep their own errors")
    func embedded() async throws {
        let server = try await TestServer()
        let router = Router(context: AppContext.self)
        router.get("hello") { _, _ in "hello" }
        SCIMRoutes(directory: server.directory, authentication: Authentication(store: server.store))
            .add(to: router.group("tenants/acme/scim"))
        try await Application(router: router, logger: server.logs.logger).test(.router) { client in
            let headers: HTTPFields = [.authorization: "Bearer \(server.token)"]
            func get(_ path: String, _ method: HTTPRequest.Method = .get) async throws -> TestResponse {
                try await client.executeRequest(uri: path, method: method, headers: headers, body: nil)
            }
            #expect(String(buffer: try await get("/hello").body) == "hello")
            #expect(try await get("/nothing").body.readableBytes == 0)
            let config = try TestServer.Answer(try await get("/tenants/acme/scim/ServiceProviderConfig"))
            #expect(config["meta"]?["location"] == "http://localhost/tenants/acme/scim/ServiceProviderConfig")
            #expect(try TestServer.Answer(try await get("/tenants/acme/scim/Robots")).isError(404))
            #expect(try TestServer.Answer(try await get("/tenants/acme/scim/Users", .delete)).isError(405))
        }
        #expect(server.logs.requests.count == 3)
    }

    @Test("Metrics get the pattern of an endpoint, never a path with ids")
    func patterns() async throws {
        let server = try await TestServer()
        let seen = LockedBox<[String]>([])
        struct Observer<Context: Hummingbird.RequestContext>: RouterMiddleware {
            let seen: LockedBox<[String]>
            func handle(
                _ request: Request, context: Context, next: (Request, Context) async throws -> Response
            ) async throws -> Response {
                let response = try await next(request, context)
                seen.value.append(context.endpointPath ?? "-")
                return response
            }
        }
        let router = Router(context: AppContext.self)
        router.add(middleware: Observer(seen: seen))
        SCIMRoutes(directory: server.directory, authentication: Authentication(store: server.store)).add(to: router.group("scim/v2"))
        try await Application(router: router, logger: server.logs.logger).test(.router) { raw in
            let client = TestServer.Client(client: raw, token: server.token)
            for path in ["/Users/42", "/Users", "/Schemas/urn:x", "/Robots/42"] { _ = try await client.send(.get, path) }
        }
        #expect(seen.value == ["/scim/v2/Users/{id}", "/scim/v2/Users", "/scim/v2/Schemas/{urn}", "/scim/v2/unknown"])
    }
}
