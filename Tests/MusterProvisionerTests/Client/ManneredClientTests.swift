import Logging
import MusterCore
import MusterProvisioner
import MusterTesting
import SCIM
import Testing

@Suite("How the client behaves towards a target")
struct ManneredClientTests {
    @Test("names itself, and its media type; where that is refused it says application/json, and keeps to it")
    func headers() async throws {
        let rig = ClientRig(.rfc, .init { $0.plainJSONOnly = true })
        _ = try await rig.create("ada")
        _ = try await rig.create("bob")
        let headers = rig.target.requests.map { request in request.headers.first { $0.name == "Content-Type" }?.value }
        #expect(headers == ["application/scim+json", "application/json", "application/json"])
        #expect(rig.target.requests.allSatisfy { $0.headers.contains(HTTPHeader("User-Agent", "Muster/\(Release.version)")) })
    }

    @Test(
        "proves who it is",
        arguments: [
            (TargetDefinition.Authentication.bearer(token: "TOKEN"), "Bearer s3cret"),
            (.basic(user: "ada", password: "TOKEN"), "Basic YWRhOnMzY3JldA=="),
        ])
    func authentication(way: TargetDefinition.Authentication, header: String) async throws {
        let rig = ClientRig(.rfc, .init { $0.authorization = header }) { $0.authentication = way }
        #expect(try await rig.create("ada").remoteID == "u1")
    }

    @Test("hands the client certificate's files to the transport, with each request")
    func certificate() async throws {
        let rig = ClientRig { $0.authentication = .certificate(chain: "/c.pem", key: "/k.pem") }
        _ = try await rig.create("ada")
        #expect(rig.target.requests.map(\.clientCertificate) == [ClientCertificateFiles(chain: "/c.pem", key: "/k.pem")])
    }

    @Test("a missing secret stops the target before anything is sent")
    func missingSecret() async {
        let rig = ClientRig { $0.authentication = .bearer(token: "OTHER") }
        await #expect(throws: TargetError(.misconfigured, "")) { try await rig.create("ada") }
        #expect(rig.target.requests.isEmpty)
    }

    @Test("an OAuth token is fetched once, and anew after it expired or was refused")
    func oauth() async throws {
        let (transport, clock) = (RecordingTransport(), ManualClock())
        let token = { (text: String) in OutboundResponse(status: 200, body: Array(#"{"access_token":"\#(text)","expires_in":3600}"#.utf8)) }
        transport.stub("POST", "https://login.example.com/token", token("one"), token("two"), token("three"))
        transport.stub("GET", "https://app.example.com/scim/v2*") { request in
            let isRefused = request.headers.contains(HTTPHeader("Authorization", "Bearer two"))
            return OutboundResponse(status: isRefused ? 401 : 200, body: Array("{}".utf8))
        }
        var definition = ClientRig().client.definition
        definition.authentication = .clientCredentials(
            tokenURL: "https://login.example.com/token", clientID: "id", clientSecret: "TOKEN", scope: nil)
        let client = SCIMClient(
            definition: definition, transport: transport, secret: { _ in "s3cret" }, clock: clock.wallClock, sleep: { _ in },
            logger: Logger(label: "test"))
        for _ in 1...3 { _ = try await client.get("Users", id: "1") }
        #expect(transport.requests.filter { $0.method == "POST" }.count == 1)
        clock.advance(by: .seconds(3600))
        _ = try await client.get("Users", id: "1")
        #expect(transport.requests.filter { $0.method == "POST" }.count == 3)
    }

    @Test(
        "an answer means what it means",
        arguments: [
            (401, TargetError.Code.unauthorized, false), (403, .unauthorized, false), (400, .refused, false), (422, .refused, false),
            (409, .conflict, false), (413, .tooLarge, false), (429, .throttled, true), (500, .unavailable, true),
            (503, .unavailable, true), (408, .unavailable, true),
        ])
    func errors(status: Int, code: TargetError.Code, isRetryable: Bool) async throws {
        let transport = RecordingTransport()
        transport.stub("*", "https://*", OutboundResponse(status: status, headers: [HTTPHeader("Retry-After", "7")]))
        let rig = ClientRig()
        let client = SCIMClient(
            definition: rig.client.definition, transport: transport, secret: { _ in nil }, clock: rig.clock.wallClock,
            sleep: { rig.clock.advance(by: $0) }, logger: Logger(label: "test"))
        let error = await #expect(throws: TargetError.self) {
            try await client.perform(.createUser(ClientRig.user("ada"), dialect: rig.dialect), id: nil)
        }
        #expect(error?.code == code && error?.isRetryable == isRetryable && error?.stopsTarget == (code == .unauthorized))
        #expect(error?.retryAfter == .seconds(7))
    }

    @Test("a target that asks to wait is left alone by all for so long, and then asked again")
    func throttled() async throws {
        let rig = ClientRig(.rfc, .init { ($0.throttlesEvery, $0.retryAfter) = (2, "30") })
        let begun = rig.clock.now
        _ = try await rig.create("ada")
        _ = try await rig.create("bob")
        #expect(rig.clock.now == begun + .seconds(30))
    }

    @Test("who asks for a longer wait is not waited for in one request, but left alone by all")
    func throttledForLong() async throws {
        let rig = ClientRig(.rfc, .init { ($0.throttlesEvery, $0.retryAfter) = (2, "300") })
        let begun = rig.clock.now
        _ = try await rig.create("ada")
        await #expect(throws: TargetError(.throttled, "")) { try await rig.create("bob") }
        let asked = rig.target.requests.count
        let error = await #expect(throws: TargetError.self) { try await rig.create("bob") }
        #expect(error?.code == .throttled && error?.retryAfter == .seconds(300))
        #expect(rig.clock.now == begun && rig.target.requests.count == asked, "nobody waits, and nobody asks")
        rig.clock.advance(by: .seconds(300))
        _ = try await rig.create("bob")
    }

    @Test("writes keep the target's pace")
    func pace() async throws {
        let rig = ClientRig { $0.dialect.writesPerSecond = 2 }
        let begun = rig.clock.now
        for number in 1...12 { _ = try await rig.create("user\(number)") }
        #expect(rig.clock.now >= begun + .seconds(4))
    }

    @Test("neither secret nor token is in an error")
    func secrets() async throws {
        let rig = ClientRig(.rfc, .init { $0.unauthorized = true }) { $0.authentication = .bearer(token: "TOKEN") }
        let error = await #expect(throws: TargetError.self) { try await rig.create("ada") }
        #expect(error.map { !"\($0)\(String(reflecting: $0))".contains("s3cret") } == true)
    }
}

@Suite("The test of a connection")
struct ConnectionTestTests {
    @Test(
        "passes at every target that can be provisioned",
        arguments: [
            FakeTarget.Switches(), .init { $0.noServiceProviderConfig = true }, .init { $0.noFilter = true },
            .init { $0.ignoresFilters = true }, .init { $0.notFoundWhenEmpty = true }, .init { $0.noEmptyResources = true },
            .init { $0.noPaging = true }, .init { $0.scim11Errors = true },
        ])
    func passes(switches: FakeTarget.Switches) async {
        let rig = ClientRig(.rfc, switches)
        rig.target.addUser(["userName": "ada"])
        let steps = await rig.client.test()
        #expect(steps.map(\.name) == ["description", "look-up", "groups"])
        #expect(!steps.contains { $0.outcome == .failed }, "\(steps.map(\.description))")
        #expect(rig.target.writes.isEmpty)
    }

    @Test("fails where the token is refused, and shows the request and the status")
    func refused() async {
        let rig = ClientRig(.rfc, .init { $0.unauthorized = true })
        let failed = await rig.client.test().first { $0.outcome == .failed }
        #expect(failed?.request.hasPrefix("GET /Users?filter=userName%20eq%20%22never-existing-") == true)
        #expect(failed?.detail.hasPrefix("401") == true)
    }

    @Test("fails where everything is answered with 404: the base URL is wrong")
    func wrongURL() async {
        let rig = ClientRig()
        let transport = RecordingTransport()
        transport.stub("*", "https://*", OutboundResponse(status: 404))
        let client = SCIMClient(
            definition: rig.client.definition, transport: transport, secret: { _ in nil }, clock: rig.clock.wallClock,
            sleep: { rig.clock.advance(by: $0) }, logger: Logger(label: "test"))
        #expect(await client.test().contains { $0.outcome == .failed && $0.detail.contains("baseURL") })
    }

    @Test("learns what the target says that it cannot do")
    func learns() async throws {
        let rig = ClientRig(.rfc, .init { ($0.noPatch, $0.noFilter) = (true, true) })
        _ = await rig.client.test()
        rig.target.forgetRequests()
        let group = TargetGroup(id: rig.target.addGroup("Staff"), name: "Staff")
        _ = try await rig.join("a", group)
        #expect(rig.sent == ["GET /Groups/g1", "PUT /Groups/g1"])
    }
}
