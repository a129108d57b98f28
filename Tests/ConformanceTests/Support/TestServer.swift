import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Muster
import NIOCore
import SCIM
import Testing

/// A whole server in this process with a store of its own, and one token.
struct TestServer: Sendable {
    /// The path below which SCIM is served.
    static let prefix = "/scim/v2"

    /// The same without a version.
    static let unversionedPrefix = "/identity"
    /// What the token is called, and so who `/Me` is.
    static let tokenName = "conformance"
    /// The userName of which a hook of the server throws an error that it does not expect.
    static let failingName = "cause-a-failure"
    /// What that error says, which is nothing for clients.
    static let secretCause = "the disk of this site is full"

    /// The text of the token that the server knows.
    let token: String
    /// Makes a further token with this name.
    let makeToken: @Sendable (_ name: String) async throws -> String
    private let client: any TestClientProtocol

    /// Starts a server, lets `body` use it and ends it.
    static func run(
        _ configuration: Configuration = Configuration(), _ body: @Sendable @escaping (TestServer) async throws -> Void
    ) async throws {
        let logger = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        var hooks = LifecycleHooks(name: "conformance")
        hooks.checkUser = { change in
            if change.after?.attributes["userName"]?.string == failingName { throw ScenarioFailure(secretCause) }
        }
        let provider = try await ServiceProvider(
            store: SQLiteStore.inMemory(), configuration: configuration, hooks: [hooks], logger: logger)
        let token = try await provider.createToken(name: tokenName)
        let router = Router()
        for path in [prefix, unversionedPrefix] { provider.addRoutes(to: router.group(RouterPath(path))) }
        try await Application(router: router, logger: logger).test(.router) { client in
            try await body(TestServer(token: token, makeToken: { try await provider.createToken(name: $0) }, client: client))
        }
        await provider.shutdown()
    }

    /// Sends a request as it is; no header is added.
    /// - Parameters:
    ///   - path: Below `base`, percent-encoded.
    func send(
        _ method: String, _ path: String, base: String = prefix, headers: [(String, String)], body: [UInt8]?
    ) async throws -> Reply {
        var fields = HTTPFields()
        for (name, value) in headers { fields.append(HTTPField(name: try #require(HTTPField.Name(name)), value: value)) }
        let response = try await client.executeRequest(
            uri: base + path, method: #require(HTTPRequest.Method(rawValue: method)), headers: fields,
            body: body.map { ByteBuffer(bytes: $0) })
        return Reply(
            status: response.status.code,
            headers: Dictionary(response.headers.map { ($0.name.rawName.lowercased(), $0.value) }) { first, _ in first },
            body: Array(response.body.readableBytesView))
    }

    /// Sends a SCIM request with the token.
    /// - Parameters:
    ///   - path: Below ``prefix``; blanks, quotes and what is not ASCII are encoded.
    ///   - headers: Added; they replace those that every request has.
    func send(
        _ method: String, _ path: String, _ json: AttributeValue? = nil, headers: [String: String] = [:]
    ) async throws -> Reply {
        var fields = ["Accept": "application/scim+json", "Authorization": "Bearer " + token]
        if json != nil { fields["Content-Type"] = "application/scim+json" }
        fields.merge(headers) { _, new in new }
        return try await send(method, Self.encoded(path), headers: fields.map { ($0.key, $0.value) }, body: json?.jsonBytes)
    }

    /// A URL with what may not stand in a request line as percent escapes; the rest is left as written.
    static func encoded(_ url: String) -> String {
        url.utf8.map { byte in
            byte > 32 && byte < 127 && !"\"<>\\^`{|}".utf8.contains(byte)
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    /// A value for a query string, with everything encoded that is not unreserved (RFC 3986 §2.3).
    static func encodedValue(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = UnicodeScalar(byte)
            return byte < 128 && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil || "-._~".utf8.contains(byte))
                ? String(scalar) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}
