import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Muster
import NIOCore
import Testing

/// A whole server in this process, asked in plain JSON.
struct PropertyServer: Sendable {
    private let token: String
    private let client: any TestClientProtocol

    /// Starts a server with an empty store, lets `body` use it and ends it.
    static func run(_ body: @Sendable @escaping (PropertyServer) async throws -> Void) async throws {
        let logger = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        let provider = try await ServiceProvider(store: SQLiteStore.inMemory(), configuration: Configuration(), logger: logger)
        let token = try await provider.createToken(name: "properties")
        let router = Router()
        provider.addRoutes(to: router.group("scim/v2"))
        try await Application(router: router, logger: logger).test(.router) { client in
            try await body(PropertyServer(token: token, client: client))
        }
        await provider.shutdown()
    }

    /// Sends a request and tells the status and the body, which is null where there is none.
    func send(_ method: HTTPRequest.Method, _ path: String, _ body: ReferenceValue? = nil) async throws -> (
        status: Int, body: ReferenceValue
    ) {
        var headers: HTTPFields = [.authorization: "Bearer " + token]
        if body != nil { headers[.contentType] = "application/scim+json" }
        let response = try await client.executeRequest(
            uri: "/scim/v2" + path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0.text) })
        let text = String(buffer: response.body)
        return (response.status.code, text.isEmpty ? .null : try ReferenceValue(text: text))
    }

    /// Creates a resource and tells its id.
    func create(_ path: String, _ body: ReferenceValue) async throws -> String {
        let (status, answer) = try await send(.post, path, body)
        #expect(status == 201, "\(answer.text)")
        return try #require(answer["id"]?.string)
    }

    /// The resource as it is now.
    func get(_ path: String) async throws -> ReferenceValue {
        let (status, answer) = try await send(.get, path)
        #expect(status == 200, "\(answer.text)")
        return answer
    }
}
