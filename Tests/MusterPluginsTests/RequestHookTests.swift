import MusterCore
import SCIM
import Testing

@testable import MusterPlugins

@Suite("onRequest")
struct RequestHookTests {
    private static let origin = RequestOrigin(id: "request-1", client: "odd", method: "POST", path: "/users")
    private static let request = RawRequest(
        method: "POST", path: "/users", query: "a=b", headers: [HTTPHeader("x-odd", "1"), HTTPHeader("x-odd", "2")],
        body: Array(#"{"login":"ada","tags":[],"n":1.5}"#.utf8))

    private func rewrite(_ plugins: TestPlugins, _ request: RawRequest = Self.request) async throws -> RawRequest {
        try await plugins.host.requestInterceptor.rewrite(request, Self.origin)
    }

    @Test("sees the request as it came, and changes method, path, query and body in place")
    func rewrite() async throws {
        let plugins = try await plugin(
            .onRequest,
            """
            local request = ctx.request
            assert(request.client == "odd" and request.id == "request-1" and request.tenant == "default")
            assert(request.headers["x-odd"] == "1, 2" and request.query == "a=b" and request.json.login == "ada")
            request.method, request.path, request.query = "PUT", "/Users", nil
            request.json.userName, request.json.login = request.json.login, nil
            """)
        let rewritten = try await rewrite(plugins)
        #expect(rewritten.method == "PUT" && rewritten.path == "/Users" && rewritten.query == nil)
        #expect(try AttributeValue(json: rewritten.body) == ["userName": "ada", "tags": [], "n": 1.5])
        #expect(plugins.host.requestInterceptor.isNeeded())
    }

    @Test("that only looks leaves the bytes alone; the body may be changed as text too, and need not be JSON")
    func looking() async throws {
        let looking = try await plugin(.onRequest, "local x = ctx.request.json")
        #expect(try await rewrite(looking) == Self.request)
        var broken = Self.request
        broken.body = Array(#"{'login':'ada'}"#.utf8)
        let mending = try await plugin(
            .onRequest, #"if not ctx.request.json then ctx.request.body = ctx.request.body:gsub("'", '"') end"#)
        #expect(try await rewrite(mending, broken).body == Array(#"{"login":"ada"}"#.utf8))
        let reading = RawRequest(method: "GET", path: "/Users")
        #expect(try await rewrite(looking, reading) == reading)
    }

    @Test("may reject; what it makes that is no request counts as its failure")
    func failure() async throws {
        let rejecting = try await plugin(.onRequest, #"ctx.reject { status = 403, detail = "not you" }"#)
        await #expect(throws: SCIMError(status: 403, detail: "")) { try await self.rewrite(rejecting) }
        let wrong = [
            ("ctx.request.method = 'get'", "ctx.request.method is no HTTP method"),
            ("ctx.request.path = 'Users'", "ctx.request.path is no path"),
            ("ctx.request.path = '/a b'", "ctx.request.path is no path"), ("ctx.request.path = '/a?b'", "ctx.request.path is no path"),
            ("ctx.request.query = 'a b'", "ctx.request.query is no text"), ("ctx.request.query = 7", "ctx.request.query is no text"),
            ("ctx.request.body = {}", "ctx.request.body is no text"), ("ctx.request = 7", "ctx.request is no table any more"),
            ("ctx.request.body = 'x' ctx.request.json = {}", "both changed"), ("return ctx.request.pth", "ctx.request has no field 'pth'"),
            ("muster.time.sleep(0)", "muster.time.sleep cannot be called in onRequest, which must not wait"),
        ]
        for (body, message) in wrong {
            let refusing = try await plugin(.onRequest, body)
            await #expect(throws: SCIMError(status: 503, detail: "")) { try await self.rewrite(refusing) }
            #expect(refusing.log.lines.contains { $0.message.contains(message) }, "\(body): \(refusing.log.lines.map(\.message))")
            let ignoring = try await plugin(.onRequest, body, manifest: #""onFailure": "ignore""#)
            #expect(try await rewrite(ignoring) == Self.request)
        }
    }

    @Test("runs in specs, twice")
    func specs() async throws {
        let plugins = try TestPlugins()
        try plugins.add(
            "probe",
            lua: """
                local count = 0
                return { onRequest = function(ctx)
                  count = count + 1
                  if ctx.request.path == "/count" then ctx.request.path = "/" .. count return end
                  ctx.request.path = "/Users"
                  if ctx.request.json then ctx.request.json.active = true end
                end }
                """,
            files: [
                "spec/probe_spec.lua": """
                it("repairs", function()
                  local run = test.run("onRequest", { request = { path = "/users", json = { userName = "ada" } } })
                  expect(run.outcome).equals("done")
                  expect(run.request.path).equals("/Users")
                  expect(run.request.method).equals("POST")
                  expect(run.request.json).equals({ userName = "ada", active = true })
                  expect(test.run("onRequest", { request = { method = "GET" } }).request.json).is_nil()
                end)
                it("is not the same", function()
                  expect(test.error_of("onRequest", { request = { path = "/count" } })).contains("answered differently")
                end)
                """
            ])
        let report = try await PluginTestRunner(directory: plugins.directory).run()
        #expect(report.summary == "2 passed, 0 failed, 0 pending", "\(report.results.compactMap(\.message))")
    }
}
