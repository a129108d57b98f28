import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import MusterCore
import MusterProvisioner
import MusterSQLite
import MusterTesting
import NIOCore
import SCIM
import Testing

@testable import MusterAdmin
@testable import MusterServer

/// The administration door on a store of its own, with two people, a group and a target that answers.
struct AdminRig: Sendable {
    static let baseURL = "https://app.example/scim/v2"
    static let secret = "xoxb-the-secret-itself"

    let store: SQLiteStore
    let target: RecordingTransport
    let provisioner: Provisioner
    let settings: ServerSettings
    let admin: String

    init(settings: ServerSettings = .init()) async throws {
        store = try SQLiteStore.inMemory()
        target = Self.emptyTarget()
        self.settings = settings
        provisioner = Provisioner(
            store: store, transport: target, secret: { $0 == "APP_TOKEN" ? Self.secret : nil }, clock: .system,
            makeID: { UUID().uuidString.lowercased() })
        let minted = try TokenMinter().mint(name: "anna", scopes: AccessScopes("admin"))
        admin = minted.text
        try await store.write { transaction in
            try transaction.insert(minted.token)
            try transaction.insert(Samples.stored("User", "u1", ["userName": "ada@example.com", "active": true]))
            try transaction.insert(Samples.stored("User", "u2", ["userName": "bob@example.com", "active": true]))
            try transaction.insert(Samples.stored("Group", "g1", ["displayName": "Engineering"]))
        }
    }

    /// A target without accounts, and with one group, that takes what it is sent.
    private static func emptyTarget() -> RecordingTransport {
        let target = RecordingTransport()
        @Sendable func answer(_ status: Int, _ body: AttributeValue) -> OutboundResponse {
            OutboundResponse(status: status, headers: [HTTPHeader("Content-Type", "application/scim+json")], body: body.jsonBytes)
        }
        target.stub("*", baseURL + "*") { request in
            guard request.headers.contains(HTTPHeader("Authorization", "Bearer \(secret)")) else { return answer(401, [:]) }
            let resources: [AttributeValue] = request.url.contains("/Groups") ? [["id": "rg1", "displayName": "Admins"]] : []
            switch request.method {
            case "GET" where request.url.contains("/ServiceProviderConfig"): return answer(200, ["patch": ["supported": true]])
            case "GET":
                return answer(200, ["totalResults": .integer(Int64(resources.count)), "startIndex": 1, "Resources": .array(resources)])
            case "POST":
                var made = try AttributeValue(json: request.body).complex ?? [:]
                made["id"] = .string("r-" + (made["userName"]?.string ?? "x"))
                return answer(201, .complex(made))
            default: return answer(200, (try? AttributeValue(json: request.body)) ?? [:])
            }
        }
        return target
    }

    /// A token of these scopes.
    func token(_ scopes: String, name: String = "other", tenant: Tenant = .default) async throws -> String {
        let minted = try TokenMinter().mint(name: name, tenant: tenant, scopes: AccessScopes(scopes))
        try await store.write { try $0.insert(minted.token) }
        return minted.text
    }

    /// Runs `body` with a client that sends the administrator's token.
    func run(_ body: @Sendable (Client) async throws -> Void) async throws {
        let router = HTTPServer.makeRouter()
        let (authentication, reconciliations) = (Authentication(store: store), Reconciliations())
        for path in ["admin/api", "tenants/:tenant/admin/api"] as [RouterPath] {
            AdminRoutes(
                provisioner: provisioner, authentication: authentication, settings: settings, reconciliations: reconciliations
            ).add(to: router.group(path))
        }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        try await HTTPServer.makeApplication(router: router, port: 0, logger: logger).test(.router) { client in
            try await body(Client(client: client, token: admin))
        }
    }

    /// A definition that is good.
    static func definition(_ name: String? = "app", _ more: AttributeMap = [:]) -> AttributeValue {
        var map: AttributeMap = [:]
        if let name { map.append("name", .string(name)) }
        map.append("preset", "rfc")
        map.append("baseURL", .string(baseURL))
        map.append("authentication", ["type": "bearer", "token": "APP_TOKEN"])
        for member in more.members { map[member.name] = member.value }
        return .complex(map)
    }

    /// Sends requests below `/admin/api`.
    struct Client: Sendable {
        let client: any TestClientProtocol
        let token: String

        /// - Parameters:
        ///   - path: Below `/admin/api`; one that begins with `//` is the whole path.
        ///   - token: Whose; "" for none.
        func send(
            _ method: HTTPRequest.Method, _ path: String, _ body: AttributeValue? = nil, raw: String? = nil, token: String? = nil
        ) async throws -> Answer {
            let token = token ?? self.token
            var headers: HTTPFields = token.isEmpty ? [:] : [.authorization: "Bearer \(token)"]
            let text = raw ?? body?.jsonText
            if let text {
                headers[.contentType] = "application/json"
                headers[.contentLength] = String(text.utf8.count)
            }
            let response = try await client.executeRequest(
                uri: path.hasPrefix("//") ? String(path.dropFirst()) : "/admin/api" + path, method: method, headers: headers,
                body: text.map { ByteBuffer(string: $0) })
            return try Answer(response)
        }

        /// The acts in the audit, oldest first.
        func acts() async throws -> [String] {
            let entries = try await send(.get, "/audit")["items"]?.array ?? []
            #expect(entries.allSatisfy { $0["actor"] == "anna" })
            return entries.reversed().compactMap { entry in
                entry["act"]?.string.flatMap { act in entry["object"]?.string.map { "\(act) \($0)" } }
            }
        }

        /// Makes the target `app` and switches it on.
        func connectApp(_ more: AttributeMap = [:]) async throws {
            #expect(try await send(.post, "/targets", AdminRig.definition("app", more)).status == 201)
            let answer = try await send(.post, "/targets/app/connect")
            #expect(answer.status == 200, "\(answer.text)")
        }
    }

    /// What came back.
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPFields
        let text: String
        /// The JSON; null where there is no body.
        let body: AttributeValue

        init(_ response: TestResponse) throws {
            status = response.status.code
            headers = response.headers
            text = String(buffer: response.body)
            body = text.isEmpty ? .null : try AttributeValue(json: text)
            #expect(headers[.cacheControl] == "no-store")
            #expect(text.isEmpty || headers[.contentType] == "application/json; charset=utf-8")
            #expect(!text.contains(AdminRig.secret))
        }

        subscript(_ name: String) -> AttributeValue? { body[name] }

        /// What is in a list.
        var items: [AttributeValue] { body["items"]?.array ?? [] }

        /// Whether it is an error's message of this status.
        func isError(_ status: Int, _ part: String = "") -> Bool {
            self.status == status && body["status"]?.string == String(status)
                && body["detail"]?.string.map { part.isEmpty || $0.contains(part) } == true
                && body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
        }
    }
}

extension AdminOperation {
    /// Its path with something in the place of each name.
    var examplePath: String {
        path.names.reduce(path.text) { $0.replacing("{\($1)}", with: $1 == "number" ? "1" : "none") }
    }
}
