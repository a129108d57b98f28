import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import MusterCore
import MusterDirectory
import MusterSQLite
import NIOCore
import SCIM
import Testing

@testable import MusterServer

/// A server that tells of its changes, with two tenants.
struct EventRig: Sendable {
    static let acme = Tenant(name: "acme")

    let store: SQLiteStore
    let feed: EventFeed
    let logs = LogRecorder()
    private let directory: Directory
    private let isServed: Bool

    /// Creates a server.
    /// - Parameters:
    ///   - isNotified: Whether the feed is told of commits, as it is not of another process's.
    ///   - isServed: Whether events are told at all.
    init(
        settings: EventSettings = EventSettings(longestWait: .zero), isNotified: Bool = true, isServed: Bool = true,
        store: SQLiteStore? = nil
    ) async throws {
        self.store = try store ?? SQLiteStore.inMemory()
        self.isServed = isServed
        let feed = EventFeed(settings: settings)
        self.feed = feed
        let index = try AttributeIndex(names: ["User": ["userName", "externalId"], "Group": ["displayName"]], registry: .standard)
        directory = Directory(
            store: self.store, registry: .standard, index: index, didCommit: { _ in if isNotified { feed.didCommit() } },
            makeID: { UUID().uuidString.lowercased() })
        if store == nil { try await self.store.write { try $0.createTenant(Self.acme) } }
    }

    /// Makes a client.
    func token(_ tenant: Tenant = .default, scopes: String = "*") async throws -> String {
        let minted = try TokenMinter().mint(name: "reader", tenant: tenant, scopes: try AccessScopes(scopes))
        try await store.write { try $0.insert(minted.token) }
        return minted.text
    }

    /// Runs `body` with a client of the default tenant that may do everything.
    func run(_ body: @Sendable (Client) async throws -> Void) async throws {
        let router = HTTPServer.makeRouter()
        let directory = directory
        let routes = SCIMRoutes<BasicRequestContext>(
            directories: { [.default, Self.acme].contains($0) ? directory : nil }, authentication: Authentication(store: store),
            events: isServed ? feed : nil)
        routes.add(to: router.group("scim/v2"))
        routes.add(to: router.group("tenants/:tenant/scim/v2"))
        let token = try await token()
        try await Application(router: router, logger: logs.logger).test(.router) { client in
            try await body(Client(client: client, token: token))
        }
    }

    /// Sends requests below a base URL.
    struct Client: Sendable {
        let client: any TestClientProtocol
        var token: String
        var prefix = "/scim/v2"

        /// The same with another token.
        func with(_ token: String, tenant: Tenant = .default) -> Client {
            Client(client: client, token: token, prefix: tenant == .default ? prefix : "/tenants/\(tenant.name)/scim/v2")
        }

        func send(_ method: HTTPRequest.Method, _ path: String, _ body: AttributeValue? = nil) async throws -> TestServer.Answer {
            let headers: HTTPFields = [.authorization: "Bearer \(token)", .contentType: "application/json"]
            return try TestServer.Answer(
                await client.executeRequest(
                    uri: prefix + path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0.jsonText) }))
        }

        /// Polls, by default without waiting.
        func poll(_ message: AttributeMap = ["returnImmediately": true]) async throws -> Poll {
            Poll(try await send(.post, "/Events", .complex(message)))
        }

        /// Creates a user and returns the id.
        func user(_ userName: String) async throws -> String {
            try #require(await send(.post, "/Users", ["userName": .string(userName)])["id"]?.string)
        }

        /// Creates a group and returns the id.
        func group(_ displayName: String) async throws -> String {
            try #require(await send(.post, "/Groups", ["displayName": .string(displayName)])["id"]?.string)
        }
    }

    /// The answer to a poll.
    struct Poll: Sendable {
        let answer: TestServer.Answer

        init(_ answer: TestServer.Answer) { self.answer = answer }

        var cursor: AttributeValue { answer["cursor"] ?? .null }
        var order: [String] { answer["order"]?.array?.compactMap(\.string) ?? [] }
        var isMoreAvailable: Bool? { answer["moreAvailable"]?.boolean }

        /// The tokens in order.
        var tokens: [String] { order.compactMap { answer["sets"]?[$0]?.string } }

        /// The paths of the subjects, in order.
        func paths() throws -> [String] { try tokens.compactMap { try Token($0).claims["sub_id"]?["uri"]?.string } }
    }

    /// A token taken apart.
    struct Token {
        let head: AttributeValue
        let claims: AttributeValue
        private let signed: String
        private let signature: [UInt8]

        init(_ text: String) throws {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            try #require(parts.count == 3)
            head = try AttributeValue(json: try #require(Base64URL.decode(parts[0])))
            claims = try AttributeValue(json: try #require(Base64URL.decode(parts[1])))
            signed = "\(parts[0]).\(parts[1])"
            signature = try #require(Base64URL.decode(parts[2]))
        }

        /// Whether the key of a set that the head names has signed it.
        func isSigned(byOneOf keys: AttributeValue) throws -> Bool {
            let key = try #require(keys["keys"]?.array?.first { $0["kid"] == head["kid"] })
            let x = try #require(key["x"]?.string.flatMap { Base64URL.decode($0) })
            let y = try #require(key["y"]?.string.flatMap { Base64URL.decode($0) })
            let publicKey = try P256.Signing.PublicKey(rawRepresentation: x + y)
            let signature = try P256.Signing.ECDSASignature(rawRepresentation: signature)
            return publicKey.isValidSignature(signature, for: Data(signed.utf8))
        }
    }
}
