import Foundation
import MusterCore
import Testing

@testable import Muster

@Suite("Configuration of authentication")
struct AuthenticationConfigurationTests {
    static let rows: [ConfigurationTests.Row] = [
        .init(key: "server.tls.certificate", variable: "MUSTER_SERVER_TLS_CERTIFICATE", text: "a.pem") {
            $0.server.tls.certificate == "a.pem"
        },
        .init(key: "server.tls.privateKey", variable: "MUSTER_SERVER_TLS_PRIVATE_KEY", text: "a.key") {
            $0.server.tls.privateKey == "a.key"
        },
        .init(key: "server.tls.clientAuthority", variable: "MUSTER_SERVER_TLS_CLIENT_AUTHORITY", text: "ca.pem") {
            $0.server.tls.clientAuthority == "ca.pem"
        },
        .init(key: "server.tls.clientCertificates", variable: "MUSTER_SERVER_TLS_CLIENT_CERTIFICATES", text: "required") {
            $0.server.tls.clientCertificates == "required"
        },
        .init(key: "authentication.trustedProxies", variable: "MUSTER_AUTHENTICATION_TRUSTED_PROXIES", text: "10.0.0.0/8, 192.0.2.1") {
            $0.authentication.trustedProxies == ["10.0.0.0/8", "192.0.2.1"]
        },
        .init(key: "authentication.allowedAddresses", variable: "MUSTER_AUTHENTICATION_ALLOWED_ADDRESSES", text: "2001:db8::/32") {
            $0.authentication.allowedAddresses == ["2001:db8::/32"]
        },
        .init(key: "authentication.failureBurst", variable: "MUSTER_AUTHENTICATION_FAILURE_BURST", text: "5") {
            $0.authentication.failureBurst == 5
        },
        .init(
            key: "authentication.failureIntervalSeconds", variable: "MUSTER_AUTHENTICATION_FAILURE_INTERVAL_SECONDS", text: "60"
        ) { $0.authentication.failureIntervalSeconds == 60 },
    ]

    private static let hash = "$scrypt$ln=4,r=8,p=1$nBUwdYUmjSafTEGzT+7Uog$hfjmLiX1Hg25JTp1Lc4vkDK3nX1nl0WLHEgpNTAZkDM"

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func load(_ yaml: String) throws -> Configuration { try Configuration.load(file: folder.write("muster.yaml", yaml)) }

    private func findings(_ yaml: String) throws -> [String] {
        let error = try #require(throws: ConfigurationError.self) { try load(yaml) }
        return error.findings.map { $0.replacing(folder.path(""), with: "") }
    }

    @Test("Issuers, users and certificates are read from the file")
    func objects() throws {
        let authentication = try load(
            """
            authentication:
              jwt:
                - issuer: https://idp.example.com/
                  audience: [scim, https://scim.example.com]
                  jwks: https://idp.example.com/keys
                  algorithms: [PS256]
                  refreshSeconds: 30
                  scopes:
                    scim.read: read
                    users: read write:User
                  defaultScopes: read:Group
                  tenantClaim: org
                  dialect: okta
                - issuer: other
                  audience: scim
                  jwks: /etc/muster/keys.json
                  tenant: acme
              basic:
                - name: ada
                  passwordHash: \(Self.hash)
                  scopes: [read, "write:User"]
              certificates:
                - subject: CN=okta
                  name: okta
                  tenant: acme
            tenants:
              acme:
                allowedAddresses: [203.0.113.0/24]
            """
        ).authentication
        var issuer = Configuration.JWT()
        issuer.issuer = "https://idp.example.com/"
        issuer.audience = ["scim", "https://scim.example.com"]
        issuer.jwks = "https://idp.example.com/keys"
        issuer.algorithms = ["PS256"]
        issuer.refreshSeconds = 30
        issuer.scopes = ["scim.read": "read", "users": "read write:User"]
        issuer.defaultScopes = "read:Group"
        (issuer.tenantClaim, issuer.dialect) = ("org", "okta")
        var other = Configuration.JWT()
        (other.issuer, other.audience, other.jwks, other.tenant) = ("other", ["scim"], "/etc/muster/keys.json", "acme")
        var user = Configuration.BasicUser()
        (user.name, user.passwordHash, user.scopes) = ("ada", Self.hash, "read write:User")
        var certificate = Configuration.Certificate()
        (certificate.subject, certificate.name, certificate.tenant) = ("CN=okta", "okta", "acme")
        #expect(authentication.jwt == [issuer, other])
        #expect(authentication.basic == [user])
        #expect(authentication.certificates == [certificate])
    }

    @Test("The example of the article can be read")
    func article() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "Sources/Muster/Muster.docc/Authentication.md"), encoding: .utf8)
        let example = try #require(text.split(separator: "```yaml\n").last?.split(separator: "```").first)
        let configuration = try load(String(example))
        #expect(configuration.authentication.jwt.count == 1)
        #expect(configuration.authentication.basic.count == 1)
        #expect(configuration.authentication.certificates.count == 1)
        for key in Self.rows.map(\.key) + ConfigurationObject.keys.keys {
            #expect(example.contains(key.split(separator: ".").last.map { "\($0):" } ?? ""), "\(key)")
        }
    }

    @Test("One object may stand alone, and a tenant has addresses of its own")
    func alone() throws {
        let configuration = try load(
            """
            authentication:
              jwt:
                issuer: a
                audience: scim
                jwks: http://localhost/keys
              basic:
            tenants:
              acme:
                allowedAddresses: 203.0.113.0/24, 192.0.2.1
            """)
        #expect(configuration.authentication.jwt.map(\.issuer) == ["a"])
        #expect(configuration.authentication.basic.isEmpty)
        #expect(configuration.tenants["acme"]?.allowedAddresses == ["203.0.113.0/24", "192.0.2.1"])
    }

    @Test(
        "What is wrong is told with file and line",
        arguments: [
            ("authentication:\n  basic: yes\n", "muster.yaml:2: authentication.basic: a list of objects is wanted"),
            ("authentication:\n  basic:\n    - ada\n", "muster.yaml:3: authentication.basic[0]: keys are wanted: name, passwordHash"),
            (
                "authentication:\n  basic:\n    - nam: ada\n",
                "muster.yaml:3: unknown key 'authentication.basic[0].nam'; did you mean 'name'?"
            ),
            (
                "authentication:\n  basic:\n    - name: ada\n      passwordHash: hunter2\n",
                "muster.yaml:4: authentication.basic[0].passwordHash: what 'muster token hash-password' prints is wanted"
            ),
            ("authentication:\n  basic:\n    - name: [{}]\n", "muster.yaml:3: authentication.basic[0].name: a text is wanted"),
            (
                "authentication:\n  certificates:\n    - name: a\n      subject: okta\n",
                "muster.yaml:4: authentication.certificates[0].subject: CN=NAME"
            ),
            (
                "authentication:\n  certificates:\n    - subject: CN=a\n      name: a\n      scopes: reed\n",
                "muster.yaml:5: authentication.certificates[0].scopes: 'reed' is no scope"
            ),
            (
                "authentication:\n  certificates:\n    - subject: CN=a\n      name: a\n      dialect: x\n",
                "muster.yaml:5: authentication.certificates[0].dialect: one of auto, rfc"
            ),
            (
                "authentication:\n  certificates:\n    - subject: CN=a\n      name: a\n      tenant: A b\n",
                "muster.yaml:5: authentication.certificates[0].tenant: "
            ),
            (
                "authentication:\n  jwt:\n    issuer: a\n    audience: scim\n    jwks: http://idp.example.com/keys\n",
                "muster.yaml:5: authentication.jwt[0].jwks: an https URL is wanted"
            ),
            (
                "authentication:\n  jwt:\n    issuer: a\n    jwks: keys.json\n",
                "muster.yaml:3: authentication.jwt[0].audience: "
            ),
            (
                "authentication:\n  jwt:\n    issuer: a\n    audience: a\n    jwks: keys.json\n    algorithms: HS256\n",
                "muster.yaml:6: authentication.jwt[0].algorithms: 'HS256' cannot be allowed"
            ),
            (
                "authentication:\n  jwt:\n    issuer: a\n    audience: a\n    jwks: keys.json\n    refreshSeconds: 0\n",
                "muster.yaml:6: authentication.jwt[0].refreshSeconds: a whole number"
            ),
            (
                "authentication:\n  jwt:\n    issuer: a\n    audience: a\n    jwks: keys.json\n    scopes: read\n",
                "muster.yaml:6: authentication.jwt[0].scopes: the issuer's scopes are wanted below it"
            ),
            (
                "authentication:\n  allowedAddresses: [10.0.0.1/8]\n",
                "muster.yaml:2: authentication.allowedAddresses: a list of addresses and ranges such as 10.0.0.0/8 is wanted, not '10.0.0.1/8'"
            ),
            (
                "tenants:\n  acme:\n    allowedAddresses: [x]\n",
                "muster.yaml:3: tenants.acme.allowedAddresses: a list of addresses and ranges"
            ),
            ("authentication:\n  basik:\n", "muster.yaml:2: unknown key 'authentication.basik'; did you mean 'authentication.basic'?"),
        ])
    func wrong(yaml: String, finding: String) throws {
        let found = try findings(yaml)
        #expect(found.contains { $0.hasPrefix(finding) }, "\(found)")
        #expect(!found.contains { $0.contains("hunter2") })
    }

    @Test("What an embedder sets wrongly is found too, before anything is opened")
    func embedded() async throws {
        var configuration = Configuration()
        configuration.authentication.allowedAddresses = ["x"]
        configuration.tenants["acme"] = Configuration.Tenant()
        configuration.tenants["acme"]?.allowedAddresses = ["y"]
        let error = await #expect(throws: ConfigurationError.self) { try await TestProvider(configuration: configuration) }
        #expect(error?.findings.map { $0.prefix { $0 != ":" } } == ["authentication.allowedAddresses", "tenants.acme.allowedAddresses"])
        configuration = Configuration()
        configuration.server.tls.certificate = "a.pem"
        let half = await #expect(throws: ConfigurationError.self) { try await TestProvider(configuration: configuration) }
        #expect(half?.findings == ["server.tls: certificate and privateKey are wanted, both"])
    }

    @Test("A server takes in whom its file names, and asks for what it understands")
    func serve() async throws {
        let password = "correct horse"
        let command = try await MusterCommand.hashPassword(password)
        #expect(command.hasPrefix("$scrypt$ln=15,r=8,p=1$"))
        try folder.write(
            "data/muster.yaml", "authentication:\n  basic:\n    name: ada\n    passwordHash: \(command)\n    scopes: read:User\n")
        let server = try await ServerProcess(data: folder.path("data"), plugins: folder.folder("Plugins"))
        var client = server.client
        client.authorization = "Basic YWRhOmNvcnJlY3QgaG9yc2U="
        #expect(try await client.send("GET", "/Users").status == 200)
        #expect(try await client.send("GET", "/ServiceProviderConfig").status == 200)
        #expect(try await client.send("GET", "/Groups").status == 403)
        #expect(try await client.send("POST", "/Users", ["userName": "eve"]).status == 403)
        client.authorization = "Basic YWRhOndyb25n"
        let refused = try await client.send("GET", "/Users")
        #expect(refused.status == 401)
        #expect(refused.headers["www-authenticate"]?.isEmpty == false)
        #expect(try await server.client.send("GET", "/Groups").status == 200)
        #expect(await server.stop() == 0)
        let log = await server.log.finished().joined(separator: "\n")
        #expect(log.contains("authentication failed") && log.contains("basic:ada") && log.contains("127.0.0.1"))
        #expect(!log.contains("horse") && !log.contains("YWRh"))
    }

    @Test("Without a password there is no hash")
    func noPassword() async throws {
        let result = try await MusterCommand.run("token", "hash-password")
        #expect(result.status == 1)
        #expect(result.output.isEmpty)
    }

    @Test("A tenant's clients come from its own addresses")
    func tenantAddresses() async throws {
        var configuration = Configuration()
        var acme = Configuration.Tenant()
        acme.allowedAddresses = ["192.0.2.0/24"]
        configuration.tenants["acme"] = acme
        let provider = try await TestProvider(configuration: configuration)
        try await provider.provider.createTenant(.init(name: "acme"))
        let token = try await provider.provider.createToken(name: "acme", tenant: .init(name: "acme"))
        try await provider.run { client in
            for (client, status) in [(client, 200), (client.tenant("acme", token: token), 403), (client.tenant("acme", token: "x"), 401)] {
                let answer = try await client.send("GET", "/Users")
                #expect(answer.status == status)
            }
        }
    }
}

extension MusterCommand {
    /// What `muster token hash-password` prints for a password.
    static func hashPassword(_ password: String) async throws -> String {
        let process = try ChildProcess(
            executable: URL(filePath: "/bin/sh"),
            arguments: ["-c", #"printf '%s\n' "$0" | "$1" token hash-password"#, password, executable.path], environment: [:])
        return await process.output.reduce(into: "") { $0 += $1 }
    }
}
