import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import MusterCore
import MusterDirectory
import MusterSQLite
import NIOCore
import NIOSSL
import SCIM
import Testing

@testable import MusterServer

/// A server on a directory of its own, with one token.
struct TestServer: Sendable {
    let store: SQLiteStore
    let directory: Directory
    let settings: ServerSettings
    let token: String
    let logs = LogRecorder()

    init(
        interceptors: [ChangeInterceptor] = [], requestInterceptors: [RequestInterceptor] = [], settings: ServerSettings = .init(),
        directorySettings: DirectorySettings = .init(), scopes: String? = nil
    ) async throws {
        store = try SQLiteStore.inMemory()
        let index = try AttributeIndex(
            names: ["User": ["userName", "externalId"], "Group": ["displayName"]], registry: .standard)
        directory = Directory(
            store: store, registry: .standard, index: index, settings: directorySettings, interceptors: interceptors,
            requestInterceptors: requestInterceptors, makeID: { UUID().uuidString.lowercased() })
        self.settings = settings
        let minted = try scopes.map { try TokenMinter().mint(name: "onelogin", scopes: .of($0)) } ?? TokenMinter().mint(name: "onelogin")
        try await store.write { try $0.insert(minted.token) }
        token = minted.text
    }

    /// The application as the roof builds it.
    func application(
        authentication: Authentication? = nil, checks: [HealthRoutes<BasicRequestContext>.Check] = [],
        tls: TLSConfiguration? = nil, onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let router = HTTPServer.makeRouter()
        SCIMRoutes(
            directory: directory, authentication: authentication ?? Authentication(store: store), settings: settings
        ).add(to: router.group("scim/v2"))
        HealthRoutes(store: store, checks: checks).add(to: router)
        return HTTPServer.makeApplication(
            router: router, port: 0, limits: settings.limits, tls: tls, onServerRunning: onServerRunning, logger: logs.logger)
    }

    /// Runs `body` with a client that sends the token.
    func run<Value>(_ setup: TestingSetup = .router, _ body: @Sendable (Client) async throws -> Value) async throws -> Value {
        try await application().test(setup) { try await body(Client(client: $0, token: token)) }
    }

    /// Sends requests below the base URL.
    struct Client: Sendable {
        let client: any TestClientProtocol
        let token: String

        func send(
            _ method: HTTPRequest.Method, _ path: String, _ body: AttributeValue? = nil, raw: String? = nil,
            headers: HTTPFields = [:], authorization: String? = nil
        ) async throws -> Answer {
            var headers = headers
            headers[.authorization] = authorization ?? "Bearer \(token)"
            if headers[.authorization] == "" { headers[.authorization] = nil }
            let text = raw ?? body?.jsonText
            if text != nil, headers[.contentType] == nil { headers[.contentType] = "application/scim+json" }
            if headers[.contentType] == "" { headers[.contentType] = nil }
            let response = try await client.executeRequest(
                uri: "/scim/v2" + path, method: method, headers: headers, body: text.map { ByteBuffer(string: $0) })
            return try Answer(response)
        }

        /// Creates a user and returns the id.
        func user(_ userName: String = "ada@example.com") async throws -> String {
            try #require(await send(.post, "/Users", ["userName": .string(userName)])["id"]?.string)
        }
    }

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPFields
        /// The JSON; null where there is no body.
        let body: AttributeValue
        let text: String

        init(_ response: TestResponse) throws {
            status = response.status.code
            headers = response.headers
            text = String(buffer: response.body)
            body = text.isEmpty ? .null : try AttributeValue(json: text)
        }

        subscript(_ name: String) -> AttributeValue? { body[name] }

        /// Whether it is an error's message of this status, told twice.
        func isError(_ status: Int, _ scimType: String? = nil) -> Bool {
            self.status == status && body["status"]?.string == String(status) && body["scimType"]?.string == scimType
                && body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"] && body["detail"]?.string?.isEmpty == false
        }
    }
}

extension HTTPField.Name {
    static func named(_ name: String) throws -> HTTPField.Name { try #require(HTTPField.Name(name)) }
}
