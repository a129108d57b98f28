import Foundation
import Hummingbird
import HummingbirdTesting
import MusterCore
import MusterDelivery
import NIOSSL
import SCIM
import SwiftASN1
import Testing
import X509

@testable import MusterServer

@Suite("TLS on the server's own socket")
struct TLSTests {
    private let folder: URL
    private let authority: TestAuthority
    private let server: TestAuthority.Identity

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        authority = try TestAuthority()
        server = try authority.identity(commonNames: ["localhost"], names: [.dnsName("localhost")], isServer: true)
        try write("server.pem", server.certificate.serializeAsPEM().pemString + "\n" + authority.pem())
        try write("server.key", server.key.serializeAsPEM().pemString)
        try write("clients.pem", authority.pem())
    }

    private func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: folder.appending(path: name)) }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    private func tls(_ clients: ServerTLS.ClientCertificates = .none) -> ServerTLS {
        ServerTLS(
            certificateFile: path("server.pem"), privateKeyFile: path("server.key"), clientAuthorityFile: path("clients.pem"),
            clientCertificates: clients)
    }

    /// What a client trusts, and shows.
    private func client(_ identity: TestAuthority.Identity? = nil, maximum: TLSVersion? = nil) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates([try NIOSSLCertificate(bytes: TestAuthority.der(authority.certificate), format: .der)])
        configuration.maximumTLSVersion = maximum
        if let identity {
            configuration.certificateChain = [.certificate(try identity.sslCertificate())]
            configuration.privateKey = .privateKey(try identity.sslKey())
        }
        return configuration
    }

    private static func mapping(_ text: String, _ name: String, scopes: AccessScopes = .full) throws -> CertificateMapping {
        CertificateMapping(identity: try #require(CertificateIdentity(text)), name: name, scopes: scopes)
    }

    /// The answer to a request on a connection of its own, its head and its body.
    private static func send(_ request: String, port: Int?, _ tls: TLSConfiguration) async throws -> String {
        try await RawConnection.with(port: port, tls: tls) { peer in
            try await peer.send(request)
            return await peer.readToEnd()
        }
    }

    private static func get(_ path: String, _ headers: String...) -> String {
        "GET /scim/v2\(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    @Test("Requests are served over TLS, and what is answered says so")
    func encrypted() async throws {
        let test = try await TestServer()
        try await test.application(tls: tls().configuration()).test(.live) { raw in
            let request = Self.get("/ServiceProviderConfig", "Authorization: Bearer \(test.token)")
            for version in [TLSVersion.tlsv12, .tlsv13] {
                let answer = try await Self.send(request, port: raw.port, client(maximum: version))
                #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(version)")
                #expect(answer.contains(#"https://localhost/scim/v2"#))
            }
            await #expect(throws: (any Error).self) { try await get(request, raw.port, client(maximum: .tlsv11)) }
            let plain = try? await RawConnection.with(port: raw.port) { peer in
                try await peer.send(request)
                return await peer.readToEnd()
            }
            #expect(plain?.contains("HTTP/1.1 200") != true)
        }
    }

    /// The answer, or an error where there is none.
    private func get(_ request: String, _ port: Int?, _ tls: TLSConfiguration) async throws -> String {
        let answer = try await Self.send(request, port: port, tls)
        guard !answer.isEmpty else { throw NoAnswer() }
        return answer
    }

    private struct NoAnswer: Error {}

    @Test("A client is known by the certificate that it shows", arguments: [TLSVersion.tlsv12, .tlsv13])
    func mutual(version: TLSVersion) async throws {
        let uri = try authority.identity(
            commonNames: ["some client"], names: [.dnsName("Client.example.com"), .uniformResourceIdentifier("spiffe://example.com/hr")])
        let named = try authority.identity(commonNames: ["okta"])
        let pinned = try authority.identity(commonNames: ["okta"])
        let two = try authority.identity(commonNames: ["okta", "root"])
        let settings = AuthenticationSettings(certificates: [
            try Self.mapping("CN=okta", "by name", scopes: .of("read:User")), try Self.mapping("URI:spiffe://example.com/hr", "by URI"),
            try Self.mapping("SHA256:" + ClientCertificate(der: pinned.der()).fingerprint, "by hash"),
        ])
        let test = try await TestServer()
        let authentication = try Authentication(store: test.store, settings: settings, transport: nil)
        try await test.application(authentication: authentication, tls: tls(.optional).configuration()).test(.live) { raw in
            for (identity, name) in [(uri, "by URI"), (named, "by name"), (pinned, "by hash")] {
                let answer = try await get(Self.get("/Users"), raw.port, client(identity, maximum: version))
                #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(name): \(answer)")
                #expect(test.logs.requests.last?.metadata["client"] == name)
            }
            #expect(try await get(Self.get("/Groups"), raw.port, client(named, maximum: version)).hasPrefix("HTTP/1.1 403 "))
            #expect(try await get(Self.get("/Users"), raw.port, client(two, maximum: version)).hasPrefix("HTTP/1.1 401 "))
            #expect(try await get(Self.get("/Users"), raw.port, client(maximum: version)).hasPrefix("HTTP/1.1 401 "))
            let request = Self.get("/Users", "Authorization: Bearer \(test.token)")
            #expect(try await get(request, raw.port, client(maximum: version)).hasPrefix("HTTP/1.1 200 "))
            #expect(test.logs.requests.last?.metadata["client"] == "onelogin")
        }
    }

    @Test("A certificate of another authority, or one that has ended, opens no connection")
    func strangers() async throws {
        let stranger = try TestAuthority("Test Authority").identity(commonNames: ["okta"])
        let old = try authority.identity(commonNames: ["okta"], validity: -7200 ... -3600)
        let serverOnly = try authority.identity(commonNames: ["okta"], isServer: true)
        let good = try authority.identity(commonNames: ["okta"])
        let test = try await TestServer()
        for clients in [ServerTLS.ClientCertificates.optional, .required] {
            let settings = AuthenticationSettings(certificates: [try Self.mapping("CN=okta", "okta")])
            let authentication = try Authentication(store: test.store, settings: settings, transport: nil)
            try await test.application(authentication: authentication, tls: tls(clients).configuration()).test(.live) { raw in
                for identity in [stranger, old, serverOnly] {
                    await #expect(throws: (any Error).self) { try await get(Self.get("/Users"), raw.port, client(identity)) }
                }
                let answer = try await get(Self.get("/Users"), raw.port, client(good))
                #expect(answer.hasPrefix("HTTP/1.1 200 "))
                if clients == .required {
                    let request = Self.get("/Users", "Authorization: Bearer \(test.token)")
                    await #expect(throws: (any Error).self) { try await get(request, raw.port, client()) }
                }
            }
        }
    }

    @Test("Where certificates are not asked for, none counts")
    func notAsked() async throws {
        let identity = try authority.identity(commonNames: ["okta"])
        let settings = AuthenticationSettings(certificates: [try Self.mapping("CN=okta", "okta")])
        let test = try await TestServer()
        let authentication = try Authentication(store: test.store, settings: settings, transport: nil)
        try await test.application(authentication: authentication, tls: tls().configuration()).test(.live) { raw in
            let answer = try await get(Self.get("/Users"), raw.port, client(identity))
            #expect(answer.hasPrefix("HTTP/1.1 401 "))
        }
    }

    @Test("The limits of connections hold under TLS too: an answer that comes early arrives, then the connection ends")
    func limits() async throws {
        var limits = ServerLimits()
        (limits.maximumBodyBytes, limits.lingerTimeout) = (1000, .milliseconds(100))
        let test = try await TestServer(settings: ServerSettings(limits: limits))
        try await test.application(tls: tls().configuration()).test(.live) { raw in
            let head = "POST /scim/v2/Users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(test.token)\r\nContent-Length: 100000\r\n\r\n"
            let answer = try await get(head + String(repeating: "x", count: 2000), raw.port, client())
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.lowercased().contains("connection: close"))
        }
    }

    @Test("The address of the connection is known, with TLS and without")
    func address() async throws {
        let test = try await TestServer()
        let range = try #require(AddressRange("127.0.0.0/8"))
        let (inside, outside) = try (
            Authentication(store: test.store, settings: .init(allowedAddresses: [range]), transport: nil),
            Authentication(store: test.store, settings: .init(allowedAddresses: [#require(AddressRange("192.0.2.0/24"))]), transport: nil)
        )
        let request = Self.get("/Users", "Authorization: Bearer \(test.token)")
        for (authentication, status) in [(inside, "200"), (outside, "403")] {
            try await test.application(authentication: authentication, tls: tls().configuration()).test(.live) { raw in
                let answer = try await get(request, raw.port, client())
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
            }
            try await test.application(authentication: authentication).test(.live) { raw in
                let answer = try await RawConnection.with(port: raw.port) { peer in
                    try await peer.send(request)
                    return await peer.readToEnd()
                }
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
            }
        }
    }

    @Test("Files that do not do are refused with what is wanted")
    func files() throws {
        let other = try authority.identity(commonNames: ["other"], isServer: true)
        try write("other.key", other.key.serializeAsPEM().pemString)
        try write("empty.pem", "")
        var cases: [(ServerTLS, String)] = []
        for (file, place) in [("missing.pem", "missing.pem"), ("empty.pem", "empty.pem"), ("server.key", "server.key")] {
            var tls = tls()
            tls.certificateFile = path(file)
            cases.append((tls, place))
        }
        var wrongKey = tls()
        wrongKey.privateKeyFile = path("other.key")
        var noKey = tls()
        noKey.privateKeyFile = path("server.pem")
        var noAuthority = tls(.required)
        noAuthority.clientAuthorityFile = nil
        var emptyAuthority = tls(.optional)
        emptyAuthority.clientAuthorityFile = path("empty.pem")
        cases += [(wrongKey, "do not go together"), (noKey, "server.pem"), (noAuthority, "authorities"), (emptyAuthority, "empty.pem")]
        for (tls, text) in cases {
            let error = #expect(throws: ServerTLS.Invalid.self) { try tls.configuration() }
            #expect(error?.description.contains(text) == true, "\(String(describing: error))")
        }
        _ = try tls(.required).configuration()
    }

    @Test("what Muster sends may show a certificate, and trusts the authorities of the site, and no others")
    func sending() async throws {
        let test = try await TestServer()
        let okta = try authority.identity(commonNames: ["okta"])
        try write("okta.pem", okta.certificate.serializeAsPEM().pemString)
        try write("okta.key", okta.key.serializeAsPEM().pemString)
        try await test.application(tls: tls(.required).configuration()).test(.live) { raw in
            let port = try #require(raw.port)
            var request = OutboundRequest(
                method: "GET", url: "https://localhost:\(port)/scim/v2/ServiceProviderConfig",
                headers: [HTTPHeader("Authorization", "Bearer \(test.token)")], body: [], allowsPrivateAddress: true)
            request.clientCertificate = ClientCertificateFiles(chain: path("okta.pem"), key: path("okta.key"))
            let trusting = AsyncHTTPTransport(authorities: try TrustedAuthorities(file: path("clients.pem")))
            #expect(try await trusting.send(request).status == 200)
            request.clientCertificate = nil
            await #expect(throws: TransportError.self, "the server wants a certificate") { try await trusting.send(request) }
            await trusting.shutdown()
            request.clientCertificate = ClientCertificateFiles(chain: path("okta.pem"), key: path("okta.key"))
            let doubting = AsyncHTTPTransport()
            await #expect(throws: TransportError.self, "nobody knows its authority") { try await doubting.send(request) }
            await doubting.shutdown()
        }
        let error = #expect(throws: TransportError.self) { try TrustedAuthorities(file: path("server.key")) }
        #expect(error?.code == .invalidCertificate && error?.message.contains("server.key") == true)
    }
}
