import MusterCore
import SCIM
import Testing

@testable import MusterPlugins

@Suite struct HTTPModuleTests {
    static let permission =
        #""permissions": {"http": ["https://api.example.com/*", "http://127.0.0.1:9000/*", "https://other.example.com/ok"]}"#

    private func run(
        _ body: String, hook: HookName = .onCreate, settings: PluginSettings = PluginSettings(),
        _ transport: FakeTransport = FakeTransport()
    ) async throws -> DeliveryOutcome {
        let plugins = try await plugin(hook, body, manifest: Self.permission, settings: settings, transport: transport)
        return await plugins.handle("probe", .user(.userCreated))
    }

    @Test("a request carries what the plugin gives it, a key for repeats, and its JSON")
    func request() async throws {
        let transport = FakeTransport { _ in
            .init(
                status: 201, headers: [.init("X-Id", "7"), .init("Set-A", "1"), .init("set-a", "2")],
                body: Array(#"{"ok":true,"none":null}"#.utf8))
        }
        let outcome = try await run(
            """
            local reply = muster.http.post("https://API.example.com/a?b=c#d", { headers = { Authorization = "Bearer x", ["X-N"] = 7 }, json = { 1, "é" }, timeout = 3 })
            assert(reply.status == 201 and reply.headers["x-id"] == "7" and reply.headers["set-a"] == "1, 2")
            assert(reply.decode().ok == true and reply.decode().none == null)
            muster.http.get("https://api.example.com/2")
            """, transport)
        #expect(outcome == .delivered)
        let sent = try #require(transport.requests.first)
        #expect(sent.method == "POST" && sent.url == "https://api.example.com/a?b=c" && sent.body == Array(#"[1,"é"]"#.utf8))
        #expect(sent[header: "authorization"] == "Bearer x" && sent[header: "x-n"] == "7")
        #expect(sent[header: "content-type"] == "application/json" && sent[header: "idempotency-key"] == "change-1-1:probe:1")
        #expect(sent.timeout <= .seconds(3) && sent.timeout > .seconds(2) && !sent.allowsPrivateAddress)
        #expect(transport.requests[1][header: "idempotency-key"] == "change-1-1:probe:2" && transport.requests[1].body.isEmpty)
    }

    @Test(
        "what is not permitted or makes no sense is an error at the plugin's line, and nothing is sent",
        arguments: [
            (
                #"muster.http.get("https://evil.example.net/x?token=1")"#,
                "https://evil.example.net/x is not among the addresses of this plugin; add it to permissions.http"
            ),
            (#"muster.http.get("http://api.example.com/")"#, "is not among the addresses"),
            (#"muster.http.get("file:///etc/passwd")"#, "not http or https"),
            (#"muster.http.get("https://api.example.com/../x")"#, "path holds '.' or '..'"),
            (#"muster.http.request { method = "GET" }"#, "'url' is missing"),
            (#"muster.http.request("x")"#, "a table is needed"), (#"muster.http.get(nil)"#, "the URL must be a string, not nil"),
            (#"muster.http.request { url = "https://api.example.com/", methd = "GET" }"#, "http.request has no field 'methd'"),
            (#"muster.http.request { url = "https://api.example.com/", method = "TRACE" }"#, "the method 'TRACE' is not allowed"),
            (#"muster.http.post("https://api.example.com/", { json = {}, body = "" })"#, "give 'body' or 'json', not both"),
            (#"muster.http.post("https://api.example.com/", { headers = { host = "x" } })"#, "the header 'host' cannot be set"),
            (#"muster.http.post("https://api.example.com/", { headers = { a = "x\r\nb: c" } })"#, "holds a line break"),
            (#"muster.http.post("https://api.example.com/", { headers = { ["a b"] = "x" } })"#, "'a b' is not a header name"),
            (#"muster.http.post("https://api.example.com/", { body = ("x"):rep(1100000) })"#, "the body is larger than 1 MiB"),
            (#"muster.http.get("https://api.example.com/", { timeout = 0 })"#, "'timeout' must be more than 0"),
            (#"muster.http.post("https://api.example.com/", { json = { f = print } })"#, "a function"),
            (#"table.sort({ 3, 2, 1 }, function(a, b) muster.http.get("https://api.example.com/") return a < b end)"#, "cannot wait here"),
        ])
    func refused(_ call: String, _ problem: String) async throws {
        let transport = FakeTransport()
        let reason = try #require(try await run(call, transport).retryReason)
        #expect(reason.hasPrefix("probe/init.lua:2: ") && reason.contains(problem), "\(reason)")
        #expect(!reason.contains("token=1") && transport.requests.isEmpty)
    }

    @Test("a redirect is followed as RFC 9110 says, with each hop permitted and no credentials to another host")
    func redirects() async throws {
        let transport = FakeTransport { request in
            switch request.url {
            case "https://api.example.com/303": .init(status: 303, headers: [.init("Location", "/next")])
            case "https://api.example.com/next": .init(status: 307, headers: [.init("location", "https://other.example.com/ok")])
            default: .init(status: 200)
            }
        }
        let outcome = try await run(
            #"assert(muster.http.post("https://api.example.com/303", { headers = { authorization = "x", cookie = "y", a = "b" }, json = {} }).status == 200)"#,
            transport)
        #expect(outcome == .delivered)
        let sent = transport.requests
        #expect(sent.map(\.method) == ["POST", "GET", "GET"])
        #expect(sent[1][header: "authorization"] == "x" && sent[1][header: "content-type"] == nil && sent[1].body.isEmpty)
        #expect(sent[2][header: "authorization"] == nil && sent[2][header: "cookie"] == nil && sent[2][header: "a"] == "b")
        #expect(Set(sent.map { $0[header: "idempotency-key"] }) == ["change-1-1:probe:1"])
    }

    @Test("a redirect to where the plugin may not go, and one without end, are errors")
    func badRedirects() async throws {
        let away = FakeTransport { _ in .init(status: 302, headers: [.init("location", "https://other.example.com/not-ok")]) }
        let reason = try #require(try await run(#"muster.http.get("https://api.example.com/")"#, away).retryReason)
        #expect(reason.contains("https://other.example.com/not-ok is not among the addresses") && away.requests.count == 1)
        let round = FakeTransport { _ in .init(status: 302, headers: [.init("location", "/")]) }
        let endless = try #require(try await run(#"muster.http.get("https://api.example.com/")"#, round).retryReason)
        #expect(endless.contains("more than 5 redirects") && round.requests.count == 6)
    }

    @Test("only a permission that names an address, or the settings, open private networks")
    func privateAddresses() async throws {
        let transport = FakeTransport()
        let calls =
            #"muster.http.get("http://127.0.0.1:9000/") muster.http.get("https://api.example.com/") muster.http.get("https://other.example.com/ok")"#
        let settings = PluginSettings(plugins: ["probe": .init(privateHosts: ["API.example.com"])])
        #expect(try await run(calls, settings: settings, transport) == .delivered)
        #expect(transport.requests.map(\.allowsPrivateAddress) == [true, true, false])
    }

    @Test("no answer is an error that the plugin can catch")
    func noAnswer() async throws {
        let transport = FakeTransport { _ in throw TransportError(.connectionFailed, "connection refused") }
        let outcome = try await run(
            #"local ok, problem = pcall(muster.http.get, "https://api.example.com/") ctx.fail { reason = tostring(ok) .. " " .. problem }"#,
            transport)
        guard case .fail(let reason) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(reason.hasPrefix("false ") && reason.hasSuffix("http.request: connection refused"))
    }

    @Test("before the commit a request has two seconds and no key")
    func beforeCommit() async throws {
        let transport = FakeTransport()
        let plugins = try await plugin(
            .checkUser, #"muster.http.get("https://api.example.com/", { timeout = 20 })"#, manifest: Self.permission, transport: transport)
        try await plugins.create(["userName": "ada"])
        #expect(transport.requests[0].timeout <= .seconds(2) && transport.requests[0][header: "idempotency-key"] == nil)
    }
}
