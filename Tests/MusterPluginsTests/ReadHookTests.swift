import MusterCore
import SCIM
import Testing

@testable import MusterPlugins

@Suite("onRead")
struct ReadHookTests {
    private static let request = RequestOrigin(id: "request-1", client: "hr", method: "GET", path: "/Users")

    private static func user(_ attributes: AttributeMap) -> Resource { Resource(attributes: attributes) }

    private func shape(_ plugins: TestPlugins, _ resources: [Resource], of type: String = "User") async throws -> [Resource] {
        try await plugins.host.answerInterceptor.shape(resources, type, Self.request)
    }

    @Test("gets a copy of each resource, whose changes the answer shows; who asks is known")
    func shape() async throws {
        let plugins = try await plugin(
            .onRead,
            """
            assert(ctx.request.client == "hr" and ctx.request.method == "GET" and ctx.config)
            if ctx.resourceType ~= "User" then return end
            ctx.user.phoneNumbers = nil
            ctx.user.title = ctx.user.userName:upper()
            """)
        let shaped = try await shape(
            plugins, [Self.user(["userName": "ada", "phoneNumbers": [["value": "1"]]]), Self.user(["userName": "bob"])])
        #expect(shaped.map(\.attributes) == [["userName": "ada", "title": "ADA"], ["userName": "bob", "title": "BOB"]])
        let group = Self.user(["displayName": "staff"])
        #expect(try await shape(plugins, [group], of: "Group") == [group])
        #expect(plugins.host.answerInterceptor.concerns("Device"))
    }

    @Test("runs in the plugins' order, by order and then by name; without such a hook nobody is concerned")
    func order() async throws {
        let plugins = try TestPlugins()
        func append(_ letter: String) -> String {
            "return { onRead = function(ctx) ctx.user.title = (ctx.user.title or '') .. '\(letter)' end }"
        }
        try plugins.add("b", lua: append("b"))
        try plugins.add("z", #""order": 10"#, lua: append("z"))
        try plugins.add("a", lua: append("a"))
        #expect(!plugins.host.answerInterceptor.concerns("User"))
        try await plugins.host.load()
        #expect(try await shape(plugins, [Self.user(["userName": "ada"])])[0]["title"] == "zab")
    }

    @Test("cannot wait: the error names the function, the hook and the plugin's line")
    func noWaiting() async throws {
        for (call, name) in [
            ("muster.http.get('https://api.example.com/x')", "muster.http"), ("muster.time.sleep(0)", "muster.time.sleep"),
            ("muster.scim.get('User', 'u1')", "muster.scim.get"),
        ] {
            let manifest = #""permissions": {"http": ["https://api.example.com/*"], "scim": ["users:read"]}"#
            let plugins = try await plugin(.onRead, call, manifest: manifest)
            let error = await #expect(throws: SCIMError.self) { try await self.shape(plugins, [Self.user(["userName": "ada"])]) }
            #expect(error?.status == 503 && error?.detail.contains("probe/init.lua:2") == true)
            let expected = "\(name) cannot be called in onRead, which must not wait"
            #expect(plugins.log.lines.contains { $0.message.contains(expected) }, "\(plugins.log.lines.map(\.message))")
        }
    }

    @Test("that fails refuses the answer or is passed over, as the manifest says; an endless one is stopped")
    func failure() async throws {
        let user = Self.user(["userName": "ada", "title": "x"])
        for body in ["ctx.user.title = nil error('broken')", "ctx.user = 7", "while true do end", "ctx.skip()"] {
            let refusing = try await plugin(.onRead, body, manifest: #""limits": {"cpuMs": 20}"#)
            await #expect(throws: SCIMError(status: 503, detail: "")) { try await self.shape(refusing, [user]) }
            let ignoring = try await plugin(.onRead, body, manifest: #""onFailure": "ignore""#)
            #expect(try await shape(ignoring, [user]) == [user])
        }
    }

    @Test("is run for many resources at a time, and for each of them")
    func batches() async throws {
        let plugins = try await plugin(.onRead, "ctx.user.title = 'for ' .. ctx.user.userName")
        let users = (1...120).map { Self.user(["userName": .string("u\($0)")]) }
        let shaped = try await shape(plugins, users)
        #expect(shaped.map { $0["title"]?.string } == (1...120).map { "for u\($0)" })
    }

    @Test("sees a long list empty; left so it is whole again, taken away it is gone")
    func longLists() async throws {
        let plugins = try await plugin(
            .onRead,
            """
            assert(#ctx.group.members == 0 and ctx.omitted.members == 1001)
            if ctx.group.displayName == "hidden" then ctx.group.members = nil end
            """)
        let members = AttributeValue.array((1...1001).map { ["value": .string("u\($0)")] })
        let groups = ["open", "hidden"].map { Self.user(["displayName": .string($0), "members": members]) }
        let shaped = try await shape(plugins, groups, of: "Group")
        #expect(shaped[0]["members"] == members && shaped[1]["members"] == nil)
    }

    @Test("runs in specs, twice")
    func specs() async throws {
        let plugins = try TestPlugins()
        try plugins.add(
            "probe",
            lua: """
                local count = 0
                return { onRead = function(ctx)
                  count = count + 1
                  if ctx.group then ctx.group.displayName = "seen " .. count return end
                  if ctx.request.client ~= "hr" then ctx.user.phoneNumbers = nil end
                end }
                """,
            files: [
                "spec/probe_spec.lua": """
                local ada = { userName = "ada", phoneNumbers = { { value = "1" } } }
                it("hides", function()
                  expect(test.run("onRead", { user = ada }).user).equals({ userName = "ada" })
                  expect(test.run("onRead", { user = ada, request = { client = "hr" } }).user).equals(ada)
                end)
                it("is not the same", function()
                  expect(test.error_of("onRead", { group = { displayName = "x" } })).contains("answered differently")
                end)
                """
            ])
        let report = try await PluginTestRunner(directory: plugins.directory).run()
        #expect(report.summary == "2 passed, 0 failed, 0 pending", "\(report.results.compactMap(\.message))")
    }
}
