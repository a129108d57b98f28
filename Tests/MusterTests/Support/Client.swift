import AsyncHTTPClient
import HTTPTypes
import HummingbirdTesting
import NIOCore
import NIOHTTP1
import SCIM
import Testing

/// A SCIM client, on a real socket or straight on a router.
struct Client: Sendable {
    /// Sends one request to a path of the server.
    typealias Perform =
        @Sendable (_ method: String, _ path: String, _ headers: [(String, String)], _ body: [UInt8]?) async throws -> Answer

    /// The bearer token.
    var token: String
    /// The whole `Authorization` where it is not the token.
    var authorization: String?
    /// The path of the SCIM base URL.
    var base = "/scim/v2"
    private let perform: Perform

    /// A client of a server that listens.
    /// - Parameter baseURL: Such as `http://127.0.0.1:8080/scim/v2`.
    init(baseURL: String, token: String) {
        let root = baseURL.replacing("/scim/v2", with: "")
        self.token = token
        perform = { method, path, headers, body in
            var request = HTTPClientRequest(url: root + path)
            request.method = HTTPMethod(rawValue: method)
            request.headers = HTTPHeaders(headers)
            request.body = body.map { .bytes(ByteBuffer(bytes: $0)) }
            let response = try await Self.http.execute(request, timeout: .seconds(60))
            let bytes = try await response.body.collect(upTo: 64 << 20)
            return Answer(
                status: Int(response.status.code), headers: response.headers.map { ($0.name, $0.value) },
                bytes: Array(bytes.readableBytesView))
        }
    }

    /// A client of a router that listens to nobody else.
    init(router: any TestClientProtocol, token: String) {
        self.token = token
        perform = { method, path, headers, body in
            var fields = HTTPFields()
            for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
            let response = try await router.executeRequest(
                uri: path, method: #require(HTTPRequest.Method(rawValue: method)), headers: fields, body: body.map { ByteBuffer(bytes: $0) }
            )
            return Answer(
                status: response.status.code, headers: response.headers.map { ($0.name.rawName, $0.value) },
                bytes: Array(response.body.readableBytesView))
        }
    }

    /// Fails at once where nobody listens, instead of trying again. Lives as long as the tests.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration(timeout: .init(connect: .seconds(5), read: .seconds(30)))
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 128
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// Sends a request to a path below the SCIM base URL.
    /// - Throws: When no whole answer came.
    func send(_ method: String, _ path: String, _ body: AttributeValue? = nil) async throws -> Answer {
        try await sendToRoot(method, base + path, body)
    }

    /// Sends a request to a path of the server itself, such as `/health/live`.
    func sendToRoot(_ method: String, _ path: String, _ body: AttributeValue? = nil) async throws -> Answer {
        var headers = [("Authorization", authorization ?? "Bearer \(token)")]
        if body != nil { headers.append(("Content-Type", "application/scim+json")) }
        return try await perform(method, path, headers, body?.jsonBytes)
    }

    /// A client of another tenant.
    func tenant(_ name: String, token: String) -> Client {
        var client = self
        client.base = "/tenants/\(name)/scim/v2"
        client.token = token
        return client
    }

    /// Creates a user.
    /// - Returns: The id.
    func createUser(_ userName: String, _ more: AttributeMap = [:]) async throws -> String {
        var user: AttributeMap = ["userName": .string(userName)]
        for member in more.members { user.append(member.name, member.value) }
        return try #require(await send("POST", "/Users", .complex(user)).id)
    }

    /// Creates a group.
    /// - Returns: The id.
    func createGroup(_ displayName: String) async throws -> String {
        try #require(await send("POST", "/Groups", ["displayName": .string(displayName)]).id)
    }

    /// Applies operations to a resource.
    /// - Parameter path: Such as `/Users/42`.
    func patch(_ path: String, _ operations: AttributeValue...) async throws -> Answer {
        let schema: AttributeValue = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
        return try await send("PATCH", path, ["schemas": [schema], "Operations": .array(operations)])
    }

    /// Sets one attribute of a user.
    @discardableResult
    func set(_ attribute: String, of user: String, to value: AttributeValue) async throws -> Answer {
        try await patch("/Users/\(user)", ["op": "replace", "path": .string(attribute), "value": value])
    }

    /// Adds one member to a group.
    @discardableResult
    func addMember(_ user: String, to group: String) async throws -> Answer {
        try await patch("/Groups/\(group)", ["op": "add", "path": "members", "value": [["value": .string(user)]]])
    }
}

/// An answer of the server.
struct Answer: Sendable {
    let status: Int
    /// By name in lower case.
    let headers: [String: String]
    let bytes: [UInt8]

    init(status: Int, headers: [(String, String)], bytes: [UInt8]) {
        self.status = status
        self.headers = Dictionary(headers.map { ($0.lowercased(), $1) }) { first, _ in first }
        self.bytes = bytes
    }

    /// The body as JSON; null where it is none.
    var body: AttributeValue { (try? AttributeValue(json: bytes, limits: JSONLimits(maximumBytes: 64 << 20))) ?? .null }

    /// The body as text.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    subscript(_ name: String) -> AttributeValue? { body[name] }

    /// The id of the resource.
    var id: String? { self["id"]?.string }
}
