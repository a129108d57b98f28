import Logging
import MusterCore
import SCIM
import Synchronization
import Testing

@testable import MusterPlugins

@Suite struct ModuleTests {
    static let everything = #""permissions": {"kv": true, "secrets": ["TOKEN"], "scim": ["users:read"]}"#
    static let settings = PluginSettings(secret: { ["TOKEN": "s3cret-value", "OTHER": "x"][$0] })

    private func load(_ body: String, hook: HookName = .onCreate, scim: ScimAccess = .none, time: TestClock = TestClock()) async throws
        -> TestPlugins
    {
        try await plugin(hook, body, manifest: Self.everything, settings: Self.settings, scim: scim, time: time)
    }

    @Test(
        "modules do what they say",
        arguments: [
            // json
            #"assert(muster.json.encode({ a = 1 }) == '{"a":1}' and muster.json.encode(muster.json.array()) == "[]" and muster.json.encode({}) == "{}")"#,
            #"assert(muster.json.encode({ 1, 2.5, true, null, "é" }) == '[1,2.5,true,null,"é"]')"#,
            #"local v = muster.json.decode('{"a":[1,null],"b":9007199254740993}') assert(v.a[2] == null and v.b == 9007199254740993 and #v.a == 2)"#,
            #"assert(muster.json.encode(muster.json.decode('{"a":[],"b":{}}')):find('"a":[]', 1, true))"#,
            // time
            #"assert(muster.time.now() == 1767225600 and muster.time.iso() == "2026-01-01T00:00:00.000Z")"#,
            #"assert(muster.time.iso(0) == "1970-01-01T00:00:00.000Z" and muster.time.iso(1.5) == "1970-01-01T00:00:01.500Z") muster.time.sleep(0)"#,
            // crypto
            #"assert(muster.crypto.hash("sha256", "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")"#,
            #"assert(muster.crypto.hash("sha256", "abc", "base64") == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")"#,
            #"assert(muster.crypto.hash("sha256", "abc", "base64url") == "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0" and #muster.crypto.hash("sha512", "") == 128)"#,
            #"assert(muster.crypto.hmac("sha256", "key", "The quick brown fox jumps over the lazy dog") == "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8")"#,
            #"assert(muster.crypto.base64.decode(muster.crypto.base64.encode("häß")) == "häß")"#,
            #"assert(muster.crypto.uuid():match("^%x+%-%x+%-4%x+%-%x+%-%x+$") and muster.crypto.uuid() ~= muster.crypto.uuid())"#,
            #"assert(#muster.crypto.random(16) == 32 and muster.crypto.random(16) ~= muster.crypto.random(16))"#,
            #"assert(muster.crypto.equals("a", "a") and not muster.crypto.equals("a", "b") and not muster.crypto.equals("a", ""))"#,
            // url
            #"local e = muster.url.encode assert(e("aZ09-._~") == "aZ09-._~" and e("7#/?&=+% ä\0") == "7%23%2F%3F%26%3D%2B%25%20%C3%A4%00" and e("") == "")"#,
            // secrets
            #"assert(muster.secrets.get("TOKEN") == "s3cret-value")"#,
            // kv
            #"local kv = muster.kv kv.set("a", { x = { 1, null } }) assert(kv.get("a").x[2] == null) kv.delete("a") assert(kv.get("a") == nil)"#,
            #"local kv = muster.kv assert(kv.get("none") == nil and kv.incr("n") == 1 and kv.incr("n", 5) == 6 and kv.incr("n", -7) == -1 and kv.get("n") == -1)"#,
            // views
            #"for name in pairs(muster) do assert(type(name) == "string") end assert(muster.api == 1 and muster.scim.USER:find("User"))"#,
        ])
    func works(_ body: String) async throws {
        #expect(try await load(body).handle("probe", .user(.userCreated)) == .delivered)
    }

    @Test(
        "what is wrong with a call is said at the plugin's line",
        arguments: [
            (#"muster.json.decode("{")"#, "json.decode: the JSON is not valid at byte 1"),
            ("muster.json.decode(nil)", "json.decode: the argument must be a string, not nil"),
            ("muster.json.encode({ 1, x = 2 })", "both array elements and named fields"),
            (#"muster.crypto.hash("md5", "x")"#, "the algorithm is sha256, sha384 or sha512"),
            (#"muster.crypto.hash("sha256", nil)"#, "crypto.hash: the data must be a string"),
            (#"muster.crypto.base64.decode("%")"#, "is not base64"),
            (#"muster.crypto.base64.decode("/w==")"#, "the content is not UTF-8 text"), ("muster.crypto.random(0)", "from 1 to 1024"),
            ("muster.url.encode(nil)", "url.encode: the argument must be a string"),
            (#"muster.secrets.get("OTHER")"#, "'OTHER' is not among this plugin's secrets; add it to permissions.secrets in plugin.json"),
            ("muster.time.sleep(61)", "from 0 to 60 seconds"), (#"muster.time.iso("x")"#, "must be a number"),
            (#"muster.kv.set("", 1)"#, "the key has 1 to 256 bytes"),
            (#"muster.kv.set("muster:x", 1)"#, "keys that begin with 'muster:' are reserved"),
            (#"muster.kv.set("a", ("x"):rep(70000))"#, "larger than 64 KiB"),
            (#"muster.kv.set("a", 1, { tll = 1 })"#, "kv.set has no option 'tll'"),
            (#"muster.kv.set("a", 1, { ttl = -1 })"#, "'ttl' is a number of seconds"),
            (#"muster.kv.set("a", "x") muster.kv.incr("a")"#, "is not a whole number"),
            (#"muster.kv.set("a", math.maxinteger) muster.kv.incr("a")"#, "would not fit 64 bits"),
            (#"muster.kv.incr("a", 1.5)"#, "the step must be a whole number"),
            (#"muster.kv.set("a", { x = 1, X = 2 })"#, "the value cannot be kept"),
            (
                #"muster.scim.get("Group", "x")"#,
                "scim.get of Group is not permitted; add \"groups:read\" to permissions.scim in plugin.json"
            ),
            (#"muster.scim.get("Robot", "x")"#, "the resource type is \"User\" or \"Group\", not \"Robot\""),
            (#"muster.scim.find("User", nil, { count = 500 })"#, "count from 0 to 200"),
            (#"muster.once(ctx, "x")"#, "the step must be a function, not nil"),
            ("muster.http = nil", "read-only"), ("muster.kv.get = nil", "read-only"),
        ])
    func wrong(_ body: String, _ problem: String) async throws {
        let outcome = try await load(body).handle("probe", .user(.userCreated))
        let reason = try #require(outcome.retryReason, "\(outcome)")
        #expect(reason.hasPrefix("probe/init.lua:2: ") && reason.contains(problem), "\(reason)")
    }

    @Test("kv asks for its permission")
    func kvPermission() async throws {
        let plugins = try await plugin(.onCreate, #"muster.kv.set("a", 1)"#)
        let reason = try #require(await plugins.handle("probe", .user(.userCreated)).retryReason)
        #expect(reason.contains(#"muster.kv is not permitted; add "kv": true to permissions in plugin.json"#))
    }

    @Test("values end with their time to live, which counting does not prolong; plugins do not see each other's")
    func kvLifetime() async throws {
        let plugins = try await load(
            """
            local kv, before = muster.kv, muster.kv.get("a")
            if not before then kv.set("a", "x", { ttl = 60 }) end
            ctx.fail { reason = tostring(before) .. kv.incr("n", 1, { ttl = 100 }) }
            """)
        func run() async -> DeliveryOutcome { await plugins.handle("probe", .user(.userCreated)) }
        #expect(await run() == .fail(reason: "nil1"))
        plugins.time.advance(by: .seconds(59))
        #expect(await run() == .fail(reason: "x2"))
        plugins.time.advance(by: .seconds(2))
        #expect(await run() == .fail(reason: "nil3"))
        plugins.time.advance(by: .seconds(40))
        #expect(await run() == .fail(reason: "x1"))
        #expect(plugins.store.state.withLock { Set($0.values.keys) } == ["default/probe/a", "default/probe/n"])
    }

    @Test("counting is atomic: many runs at once lose nothing")
    func kvAtomic() async throws {
        let plugins = try await load(#"muster.kv.incr("n")"#)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<40 { group.addTask { _ = await plugins.handle("probe", .user(.userCreated)) } }
        }
        let bytes = try #require(plugins.store.state.withLock { $0.values["default/probe/n"]?.bytes })
        #expect(PluginValue(bytes: bytes)?.value == 40)
    }

    @Test("muster.once does not repeat a step that is done, repeats one that failed, and keeps events apart")
    func once() async throws {
        let plugins = try await load(
            """
            local ran = muster.once(ctx, "first", function() muster.log.info("first") end)
            muster.once(ctx, "second", function()
              muster.log.info("second")
              if ctx.event.attempt < 3 then ctx.retry { reason = "again" } end
            end)
            ctx.fail { reason = tostring(ran) }
            """)
        #expect(await plugins.handle("probe", .user(.userCreated), attempt: 1) == .retry(after: nil, reason: "again"))
        #expect(await plugins.handle("probe", .user(.userCreated), attempt: 2) == .retry(after: nil, reason: "again"))
        #expect(await plugins.handle("probe", .user(.userCreated), attempt: 3) == .fail(reason: "false"))
        #expect(plugins.log.lines.map(\.message) == ["first", "second", "second", "second"])
        var other = LifecycleEvent.user(.userCreated)
        other.id = "change-2-1"
        #expect(await plugins.handle("probe", other, attempt: 3) == .fail(reason: "true"))

        let before = try await load(#"muster.once(ctx, "x", function() end)"#, hook: .mapUser)
        await #expect(throws: SCIMError(status: 503, detail: "")) { try await before.create([:]) }
        #expect(before.log.lines.contains { $0.message.contains("muster.once cannot be called in mapUser") })
    }

    @Test("a step that failed inside pcall, or within another one, leaves the numbers of later requests alone")
    func onceAndKeys() async throws {
        let transport = FakeTransport()
        let plugins = try await plugin(
            .onCreate,
            """
            local function post() muster.http.post("https://a.example/") end
            post()
            pcall(muster.once, ctx, "fails", function() post() error("no") end)
            muster.once(ctx, "outer", function()
              post()
              muster.once(ctx, "inner", post)
              post()
            end)
            post()
            """, manifest: #""permissions": {"kv": true, "http": ["https://a.example/*"]}"#, transport: transport)
        #expect(await plugins.handle("probe", .user(.userCreated)) == .delivered)
        #expect(
            transport.requests.map { $0[header: "idempotency-key"] } == [
                "change-1-1:probe:1", "change-1-1:probe:fails:1", "change-1-1:probe:outer:1", "change-1-1:probe:inner:1",
                "change-1-1:probe:outer:2", "change-1-1:probe:2",
            ])
    }

    @Test("a plugin's log lines carry who, where and what for, are cut to size, and hold no secret")
    func log() async throws {
        let plugins = try await load(
            """
            muster.log.warn("token is " .. muster.secrets.get("TOKEN"), { user = "ada", n = 7, list = { 1 }, auth = "Bearer s3cret-value" })
            print("a", 1, nil)
            muster.log.debug(("x"):rep(5000))
            for i = 1, 200 do muster.log.info(i) end
            error("at the end s3cret-value")
            """)
        let outcome = await plugins.handle("probe", .user(.userCreated))
        #expect(outcome == .retry(after: nil, reason: "probe/init.lua:6: at the end ***"))
        let lines = plugins.log.lines
        #expect(lines[0].level == .warning && lines[0].message == "token is ***")
        #expect(
            lines[0].metadata == [
                "plugin.name": "probe", "plugin.hook": "onCreate", "request.id": "request-1", "event.id": "change-1-1",
                "plugin.field.user": "ada",
                "plugin.field.n": "7", "plugin.field.list": "[1]", "plugin.field.auth": "Bearer ***",
            ])
        #expect(lines[1].message == "a\t1\tnil" && lines[2].message.utf8.count <= 4100)
        #expect(lines.count == 101 && lines[99].message.contains("further lines are dropped"))
        #expect(!lines.contains { $0.message.contains("s3cret-value") || $0.metadata.values.contains { $0.contains("s3cret-value") } })
    }

    @Test("scim.get and scim.find ask the directory of the tenant, and its refusal is the plugin's error")
    func scim() async throws {
        let access = ScimAccess(
            get: { type, id, tenant in id == "m1" ? ["id": "m1", "userName": .string("\(type) of \(tenant.name)")] : nil },
            find: { type, filter, start, count, _ in
                if filter == "bad" { throw SCIMError.invalidFilter("there is no attribute 'bad'") }
                return ["totalResults": 7, "Resources": [["id": .string("\(type) \(filter ?? "-") \(start) \(count)")]]]
            })
        let plugins = try await load(
            """
            assert(muster.scim.get("User", "m1").userName == "User of default" and muster.scim.get("User", "none") == nil)
            local people, total = muster.scim.find("User", 'userName eq "x"', { startIndex = 3, count = 5 })
            assert(total == 7 and #people == 1 and people[1].id == 'User userName eq "x" 3 5')
            assert(muster.scim.find("User")[1].id == "User - 1 100")
            muster.scim.find("User", "bad")
            """, scim: access)
        #expect(
            await plugins.handle("probe", .user(.userCreated))
                == .retry(after: nil, reason: "probe/init.lua:6: scim.find: invalidFilter: there is no attribute 'bad'"))
    }

    @Test("scim.changes reads on from its cursor, says where changes were forgotten, and needs its permission")
    func changes() async throws {
        let feed = ChangeFeed { tenant, cursor, limit in
            ChangeFeed.Page(
                changes: [["actor": .string("\(tenant.name) \(cursor.map(String.init) ?? "-") \(limit)")]], cursor: (cursor ?? 0) + 1,
                hasGap: cursor == 1)
        }
        let manifest = #""permissions": {"scim": ["changes:read"]}"#
        let body = """
            local changes, cursor, gap = muster.scim.changes()
            assert(changes[1].actor == "default - 100" and cursor == 1 and gap == false)
            changes, cursor, gap = muster.scim.changes { after = cursor, limit = 7 }
            assert(changes[1].actor == "default 1 7" and cursor == 2 and gap == true)
            muster.scim.changes { after = "1" }
            """
        let plugins = try await plugin(.onCreate, body, manifest: manifest, changes: feed)
        #expect(
            await plugins.handle("probe", .user(.userCreated))
                == .retry(after: nil, reason: "probe/init.lua:6: scim.changes: 'after' is the cursor that an earlier call gave"))
        let refused = try await plugin(.onCreate, "muster.scim.changes()", changes: feed)
        #expect(await refused.handle("probe", .user(.userCreated)).retryReason?.contains("add \"changes:read\"") == true)
    }
}
