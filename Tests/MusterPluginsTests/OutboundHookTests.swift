import MusterCore
import SCIM
import Testing

@testable import MusterPlugins

@Suite("Hooks of provisioning")
struct OutboundHookTests {
    private static let key = ResourceKey(tenant: Tenant(name: "acme"), type: "User", id: "u1")

    private static let outbound = OutboundInput(
        document: ["userName": "ada", "title": "Countess", "emails": [["value": "ada@x.com"]]],
        user: Resource(attributes: ["id": "u1", "userName": "ada", "userType": "Employee"]), key: key, target: "clarizen")

    private static func ending(error: String? = nil) -> OutboundEnding {
        OutboundEnding(
            id: "clarizen-7", target: "clarizen", key: key, user: Resource(attributes: ["id": "u1", "userName": "ada"]),
            action: "update", document: ["userName": "ada"], remoteID: "42", error: error)
    }

    // MARK: mapOutbound

    @Test("mapOutbound sees document, person, target and tenant, and changes the document in place")
    func map() async throws {
        let plugins = try await plugin(
            .mapOutbound,
            """
            local document = ctx.document
            assert(ctx.user.userType == "Employee" and ctx.request.client == "provisioner")
            document.title = nil
            document.emails[2] = { value = "ada@" .. ctx.target .. "." .. ctx.request.tenant }
            document.nickName = muster.json.null
            """)
        #expect(
            try await plugins.host.map(Self.outbound)
                == .document(["userName": "ada", "emails": [["value": "ada@x.com"], ["value": "ada@clarizen.acme"]]]))
    }

    @Test("a document that nobody changes stays as it is, byte for byte")
    func untouched() async throws {
        let plugins = try await plugin(.mapOutbound, "local _ = ctx.document.title")
        var outbound = Self.outbound
        outbound.document = ["userName": "ada", "active": .null, "emails": []]
        #expect(try await plugins.host.map(outbound) == .document(outbound.document))
    }

    @Test("a document that is changed keeps the order of its attributes, and new ones come last")
    func orderOfAttributes() async throws {
        let plugins = try await plugin(
            .mapOutbound,
            """
            local document = ctx.document
            document.b, document.a, document.title = 1, 2, "Dame"
            document.name.middleName = "King"
            """)
        var outbound = Self.outbound
        outbound.document = ["userName": "ada", "title": "Countess", "name": ["givenName": "Ada", "familyName": "L"], "active": true]
        guard case .document(let document) = try await plugins.host.map(outbound) else { throw CancellationError() }
        #expect(
            document.jsonText
                == #"{"userName":"ada","title":"Dame","name":{"givenName":"Ada","familyName":"L","middleName":"King"},"active":true,"a":2,"b":1}"#
        )
    }

    @Test("plugins map in their order, each after its predecessor, until one skips or rejects")
    func order() async throws {
        let plugins = try TestPlugins()
        try plugins.add(
            "a", #""order": 900"#, lua: "return { mapOutbound = function(ctx) ctx.document.title = ctx.document.title .. 'a' end }")
        try plugins.add("b", lua: "return { mapOutbound = function(ctx) ctx.document.title = 'b' end }")
        try plugins.add(
            "c",
            lua: """
                return { mapOutbound = function(ctx)
                  if ctx.target == "aws" then ctx.skip("not there") end
                  if ctx.target == "app" then ctx.reject { detail = "no", reason = "no cost centre" } end
                  if ctx.target == "short" then ctx.reject("no") end
                  if ctx.target == "mute" then ctx.reject() end
                end }
                """)
        try await plugins.host.load()
        func decision(_ target: String) async throws -> OutboundDecision {
            var outbound = Self.outbound
            outbound.target = target
            return try await plugins.host.map(outbound)
        }
        guard case .document(let document) = try await decision("clarizen") else { throw CancellationError() }
        #expect(document["title"] == "ba")
        #expect(try await decision("aws") == .skip("c: not there"))
        #expect(try await decision("app") == .reject("c: no cost centre"))
        #expect(try await decision("short") == .reject("c: no"))
        #expect(try await decision("mute") == .reject("c: no reason is given"))
    }

    @Test(
        "a mapOutbound that fails refuses the person, or is passed over, as the manifest says",
        arguments: ["error('broken')", "ctx.document = 7", "ctx.document = nil", "while true do end"])
    func failure(body: String) async throws {
        let refusing = try await plugin(.mapOutbound, body, manifest: #""limits": {"cpuMs": 20}"#)
        let failure = await #expect(throws: OutboundFailure.self) { try await refusing.host.map(Self.outbound) }
        #expect(failure?.description.hasPrefix("plugin 'probe' failed in mapOutbound: ") == true)
        #expect(failure?.description.contains("broken") == false, "what a script says is for the log")
        let ignoring = try await plugin(.mapOutbound, body, manifest: #""limits": {"cpuMs": 20}, "onFailure": "ignore""#)
        #expect(try await ignoring.host.map(Self.outbound) == .document(Self.outbound.document))
    }

    @Test("mapOutbound must not act on the world, and changes of the person have no effect, which the log says")
    func limits() async throws {
        let acting = try await plugin(.mapOutbound, "muster.mail.send { to = 'a@x.com', subject = 's', text = 't' }")
        await #expect(throws: OutboundFailure.self) { try await acting.host.map(Self.outbound) }
        #expect(acting.log.lines.contains { $0.message.contains("cannot be called in mapOutbound (phase outbound)") })
        let changing = try await plugin(.mapOutbound, "ctx.user.userName = 'eve'")
        #expect(try await changing.host.map(Self.outbound) == .document(Self.outbound.document))
        #expect(changing.log.lines.contains { $0.message.contains("changed its copy of the user in mapOutbound") })
    }

    // MARK: Ends

    private static let post = """
        local reply = muster.http.post("https://a.example/", { json = {
          id = ctx.event.id, key = ctx.event.key, attempt = ctx.event.attempt, target = ctx.target, action = ctx.action, remoteId = ctx.remoteId,
          user = ctx.user and ctx.user.userName, error = ctx.error, document = ctx.document, tenant = ctx.request.tenant } })
        """

    private func hearing(_ hook: HookName, _ more: String = "", _ transport: FakeTransport) async throws -> TestPlugins {
        let body = Self.post + "\n" + more
        return try await plugin(hook, body, manifest: #""permissions": {"http": ["https://a.example/*"]}"#, transport: transport)
    }

    @Test("onProvisioned is told what was done, onProvisionFailed what went wrong; neither hears of events of the directory")
    func ends() async throws {
        let transport = FakeTransport()
        let done = try await hearing(.onProvisioned, "", transport)
        await done.host.tell(Self.ending(error: "full"))
        #expect(transport.requests.isEmpty, "that is the other hook's")
        await done.host.tell(Self.ending())
        let sent = try #require(transport.requests.first)
        let expected: AttributeValue = [
            "action": "update", "attempt": 1, "document": ["userName": "ada"], "id": "onProvisioned-clarizen-7", "key": "User/u1",
            "remoteId": "42", "target": "clarizen", "tenant": "acme", "user": "ada",
        ]
        #expect(try AttributeValue(json: sent.body) == expected)
        #expect(sent[header: "idempotency-key"] == "onProvisioned-clarizen-7:probe:1")
        #expect(done.host.subscriptions.isEmpty)

        let failed = try await hearing(.onProvisionFailed, "", transport)
        await failed.host.tell(
            OutboundEnding(id: "clarizen-8", target: "clarizen", key: Self.key, action: "delete", error: "the target is full"))
        let told = try AttributeValue(json: #require(transport.requests.last).body)
        #expect(told["error"] == "the target is full" && told["user"] == nil && told["document"] == nil && told["remoteId"] == nil)
    }

    @Test("a run that fails or asks for it is tried again under the same key, three times at most, and then logged")
    func retries() async throws {
        let retry = OutboundRetry(base: .zero)
        for more in ["error('no ' .. reply.status)", "ctx.retry { after = 0, reason = 'no ' .. reply.status }"] {
            let transport = FakeTransport { _ in .init(status: 503) }
            let plugins = try await hearing(.onProvisioned, more, transport)
            await plugins.host.tell(Self.ending(), retry)
            #expect(Set(transport.requests.map { $0[header: "idempotency-key"] }) == ["onProvisioned-clarizen-7:probe:1"])
            #expect(try transport.requests.map { try AttributeValue(json: $0.body)["attempt"] } == [1, 2, 3])
            #expect(plugins.log.lines.last?.message == "plugin 'probe': onProvisioned failed, given up after 3 attempts")
        }
    }

    @Test("what cannot be done in time, or shall not be tried again, is given up at once; skip ends it well")
    func endsAtOnce() async throws {
        for (more, isLogged) in [("ctx.retry { after = 60 }", true), ("ctx.fail('no')", true), ("ctx.skip('no')", false), ("", false)] {
            let transport = FakeTransport()
            let plugins = try await hearing(.onProvisioned, more, transport)
            await plugins.host.tell(Self.ending())
            #expect(transport.requests.count == 1)
            #expect(plugins.log.lines.contains { $0.message.contains("given up after 1 attempts") } == isLogged, "\(more)")
        }
    }

    @Test("a run ends with the time that all of them have, and a cancelled caller has told all the same")
    func time() async throws {
        let slow = try await plugin(.onProvisioned, "muster.time.sleep(20)")
        await slow.host.tell(Self.ending(), OutboundRetry(limit: .milliseconds(50)))
        #expect(slow.log.lines.contains { $0.message.contains("given up") })
        let transport = FakeTransport()
        let plugins = try await hearing(.onProvisioned, "", transport)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await plugins.host.tell(Self.ending())
        }
        await task.value
        #expect(transport.requests.count == 1)
    }

    // MARK: Specs

    @Test("all three run in specs; mapOutbound twice, and must answer the same")
    func specs() async throws {
        let plugins = try TestPlugins()
        try plugins.add(
            "probe", #""permissions": {"http": ["https://a.example/*"]}"#,
            lua: """
                local count = 0
                local function tell(ctx)
                  muster.http.post("https://a.example/" .. ctx.target, { json = { ctx.action, ctx.event.key, ctx.remoteId or ctx.error } })
                end
                return {
                  mapOutbound = function(ctx)
                    count = count + 1
                    if ctx.target == "aws" then ctx.reject { reason = "no" } end
                    if ctx.target == "count" then ctx.document.count = count end
                    if ctx.target == "user" then ctx.user.userName = "eve" end
                    if ctx.target == "nothing" then ctx.document = nil end
                    ctx.document.title = ctx.user.title
                  end,
                  onProvisioned = tell, onProvisionFailed = tell,
                }
                """,
            files: [
                "spec/probe_spec.lua": """
                local user = { id = "u1", userName = "ada", title = "Countess" }
                it("maps", function()
                  local run = test.run("mapOutbound", { user = user, document = { userName = "ada" }, target = "clarizen" })
                  expect(run).equals { outcome = "done", document = { userName = "ada", title = "Countess" } }
                  expect(test.run("mapOutbound", { user = user, target = "aws" })).equals { outcome = "reject", reason = "no" }
                end)
                it("is told of mistakes", function()
                  local function problem(target) return test.error_of("mapOutbound", { user = user, target = target }) end
                  expect(problem("count")).contains("answered differently")
                  expect(problem("user")).contains("which has no effect")
                  expect(problem("nothing")).contains("document")
                end)
                it("tells", function()
                  test.http.stub("POST", "*", { status = 200 })
                  test.run("onProvisioned", { user = user, target = "clarizen", remoteId = "42" })
                  test.run("onProvisionFailed", { user = user, target = "aws", action = "delete", error = "full" })
                  expect(test.http.calls[1].json).equals { "create", "User/u1", "42" }
                  expect(test.http.calls[2].json).equals { "delete", "User/u1", "full" }
                end)
                """
            ])
        let report = try await PluginTestRunner(directory: plugins.directory).run()
        #expect(report.summary == "3 passed, 0 failed, 0 pending", "\(report.results.compactMap(\.message))")
    }
}
