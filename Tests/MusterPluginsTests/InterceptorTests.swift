import Logging
import MusterCore
import SCIM
import Testing

@testable import MusterPlugins

@Suite struct InterceptorTests {
    static let writesGroups = #""permissions": {"scim": ["groups:write"]}"#

    @Test("a map hook changes the user in place and asks for groups; a map that changes nothing keeps the order of attributes")
    func map() async throws {
        let plugins = try await plugin(
            .mapUser,
            """
            ctx.user.title = ctx.operation .. "/" .. ctx.request.client .. "/" .. ctx.request.path
            ctx.user.emails[2] = { value = "b@example.com" }
            ctx.user.nickName = nil
            ctx.user.roles = {}
            ctx.user.locale = null
            ctx.groups.add("staff")
            ctx.groups.remove("guests")
            """, manifest: Self.writesGroups)
        let change = try await plugins.create(["userName": "ada", "emails": [["value": "a@example.com"]], "nickName": "a"])
        let expected: AttributeMap = [
            "id": "u1", "userName": "ada", "emails": [["value": "a@example.com"], ["value": "b@example.com"]],
            "title": "create/onelogin//Users",
        ]
        #expect(change.after?.attributes == expected)
        #expect(
            change.groupEffects == [
                .init(.add, group: "staff", actor: "plugin:probe"), .init(.remove, group: "guests", actor: "plugin:probe"),
            ])

        let idle = try await plugin(.mapUser, "")
        let user: AttributeMap = ["userName": "ada", "active": true, "name": ["familyName": "L"], "title": "x"]
        #expect(try await idle.create(user).after?.attributes.members.map(\.name) == ["userName", "active", "name", "title", "id"])
    }

    @Test("before and changes are there when they are touched, and config is a copy")
    func lazy() async throws {
        let plugins = try await plugin(
            .mapUser,
            """
            if ctx.before then ctx.user.nickName = ctx.before.title end
            for path, change in pairs(ctx.changes) do ctx.user[path .. "Changed"] = tostring(change.from) .. ">" .. tostring(change.to) end
            ctx.config.greeting = ctx.config.greeting .. "!"
            ctx.user.displayName = ctx.config.greeting
            """,
            manifest: #""config": {"type": "object", "properties": {"greeting": {"type": "string", "default": "hi"}}}"#)
        for _ in 1...2 {
            let change = try await plugins.intercept(.patch(["id": "u1", "title": "a"], ["title": "b"]))
            let expected: AttributeMap = ["id": "u1", "title": "b", "nickName": "a", "titleChanged": "a>b", "displayName": "hi!"]
            #expect(change.after?.attributes == expected)
        }
        #expect(try await plugins.create(["title": "b"]).after?["titleChanged"] == "nil>b")
    }

    @Test("a group is mapped without its members, whose ids stand beside it")
    func group() async throws {
        let plugins = try await plugin(
            .mapGroup,
            "ctx.group.displayName = ctx.group.displayName:upper() .. #ctx.members.added .. ctx.members.removed[1] .. tostring(ctx.user)")
        var change = ResourceChange.create([:])
        change.key = ResourceKey(type: "Group", id: "g1")
        change.after = Resource(attributes: ["id": "g1", "displayName": "sales"])
        change.membersAdded = ["a", "b"]
        change.membersRemoved = ["c"]
        #expect(try await plugins.intercept(change).after?["displayName"] == "SALES2cnil")
        #expect(plugins.host.interceptor.concerns("Group") && !plugins.host.interceptor.concerns("User"))
    }

    @Test("all types but users and groups share the hooks of resources, which see ctx.resource and its type")
    func resource() async throws {
        let plugins = try TestPlugins()
        try plugins.add(
            "probe",
            lua: """
                return {
                  mapResource = function(ctx)
                    ctx.resource.label = ctx.resourceType .. " " .. ctx.resource.serial .. tostring(ctx.user) .. tostring(ctx.group)
                  end,
                  checkResource = function(ctx) if ctx.resource.serial == "bad" then ctx.reject "no" end end,
                }
                """)
        try await plugins.host.load()
        func change(_ serial: String) -> ResourceChange {
            var change = ResourceChange.create(["serial": .string(serial)])
            change.key = ResourceKey(type: "Device", id: "d1")
            return change
        }
        #expect(try await plugins.intercept(change("7")).after?["label"] == "Device 7nilnil")
        await #expect(throws: SCIMError(status: 400, detail: "")) { try await plugins.intercept(change("bad")) }
        #expect(["Device", "User", "Group"].map(plugins.host.interceptor.concerns) == [true, false, false])
    }

    @Test(
        "a reject is the client's answer, through pcall too; its reason stands only in the log",
        arguments: [
            (#"ctx.reject { status = 403, scimType = "house", detail = "no", reason = "because" }"#, 403, "house", "no"),
            (#"pcall(function() ctx.reject { detail = "no" } end)"#, 400, nil, "no"), (#"ctx.reject "no""#, 400, nil, "no"),
            ("ctx.reject()", 400, nil, "the change is not allowed here"),
            (#"local co = coroutine.wrap(function() ctx.reject { status = 409, detail = "no" } end) co()"#, 409, nil, "no"),
        ] as [(String, Int, String?, String)])
    func reject(_ body: String, _ status: Int, _ scimType: String?, _ detail: String) async throws {
        for hook in [HookName.mapUser, .checkUser] {
            let plugins = try await plugin(hook, body)
            let error = try await #require(throws: SCIMError.self) { try await plugins.create(["userName": "ada"]) }
            #expect(error.status == status && error.scimType == scimType && error.detail == detail)
            #expect(plugins.log.lines.contains { $0.message.contains("rejected a change") && $0.metadata["request.id"] == "request-1" })
        }
    }

    @Test("who changes memberships says so in plugin.json; else it is an error that names plugin, line and what to add")
    func groupsNotPermitted() async throws {
        for kind in ["add", "remove"] {
            let plugins = try await plugin(
                .mapUser, #"ctx.groups.\#(kind)("staff")"#, manifest: #""permissions": {"scim": ["groups:read", "users:write"]}"#)
            let error = try await #require(throws: SCIMError.self) { try await plugins.create(["userName": "ada"]) }
            #expect(error.status == 503 && error.detail.hasPrefix("plugin 'probe' failed: runtime error at probe/init.lua:2"))
            let problem = #"ctx.groups.\#(kind) is not permitted; add "groups:write" to permissions.scim in plugin.json"#
            #expect(plugins.log.lines.contains { $0.message.contains(problem) }, "\(plugins.log.lines)")
        }
    }

    @Test("skip leaves the change as it was, whatever the hook did before")
    func skip() async throws {
        let plugins = try await plugin(
            .mapUser, #"ctx.user.title = "x" ctx.groups.add("y") return ctx.skip("not mine")"#, manifest: Self.writesGroups)
        let change = try await plugins.create(["userName": "ada"])
        #expect(change.after?["title"] == nil && change.groupEffects.isEmpty)
    }

    @Test("a check sees the result of all maps; what it changes in its copy has no effect, and the log says so")
    func check() async throws {
        let plugins = try TestPlugins()
        try plugins.add("a", lua: "return { checkUser = function(ctx) assert(ctx.user.title == 'mapped') ctx.user.title = 'x' end }")
        try plugins.add("b", lua: "return { mapUser = function(ctx) ctx.user.title = 'mapped' end }")
        try await plugins.host.load()
        #expect(try await plugins.create(["userName": "ada"]).after?["title"] == "mapped")
        #expect(plugins.log.lines.map(\.message).filter { $0.contains("which has no effect") }.count == 1)
    }

    @Test(
        "a mistake in a hook is answered with 503 that names plugin and line, and the log has the rest",
        arguments: [
            ("\nlocal x = ctx.usr", "runtime error at probe/init.lua:3", "ctx has no field 'usr'"),
            ("error('s3cret things')", "runtime error at probe/init.lua:2", "s3cret things"),
            ("error({ outcome = 'retry' })", "runtime error", ""),
            ("ctx.usr = 1", "runtime error at probe/init.lua:2", "ctx has no field 'usr'"),
            ("ctx.user = 1", "wrong result", "ctx.user is no table any more"),
            ("ctx.user[1] = 'x'", "value that cannot be passed", "both array elements and named fields at user"),
            ("ctx.user.x = function() end", "value that cannot be passed", "a function at user.x"),
            ("while true do end", "CPU time limit reached at probe/init.lua:2", ""),
            ("while true do pcall(function() while true do end end) end", "CPU time limit reached at probe/init.lua:2", ""),
            ("local s = 'x' while true do s = s .. s end", "memory limit reached at probe/init.lua:2", ""),
            ("muster.time.sleep(30)", "time-out at probe/init.lua:2", ""),
            ("ctx.reject { status = 200 }", "runtime error at probe/init.lua:2", "'status' must be a whole number from 400 to 599"),
            ("ctx.reject { scimtype = 'x' }", "runtime error at probe/init.lua:2", "ctx.reject has no field 'scimtype'"),
            ("ctx:reject { detail = 'x' }", "runtime error at probe/init.lua:2", "call it as ctx.reject{...}, with a dot"),
            ("ctx.groups.add(nil)", "runtime error at probe/init.lua:2", "takes a group's id or displayName"),
        ])
    func failure(_ body: String, _ summary: String, _ logged: String) async throws {
        let plugins = try await plugin(.mapUser, body, manifest: #""limits": {"cpuMs": 60, "wallMs": 1500, "memoryMiB": 4}"#)
        let error = try await #require(throws: SCIMError.self) { try await plugins.create(["userName": "ada"]) }
        #expect(error.status == 503 && error.retryAfter == 30)
        #expect(error.detail.hasPrefix("plugin 'probe' failed: \(summary)"), "\(error.detail)")
        #expect(error.detail.hasSuffix("(see the server's log, request request-1)") && !error.detail.contains("things"))
        #expect(plugins.log.lines.contains { $0.level == .error && $0.message.contains(logged) }, "\(plugins.log.lines)")
        // The machine goes on.
        await #expect(throws: SCIMError.self) { try await plugins.create(["userName": "bob"]) }
    }

    @Test("a plugin whose failures are ignored is passed over, but its rejects count")
    func ignored() async throws {
        let plugins = try TestPlugins()
        try plugins.add(
            "probe", #""onFailure": "ignore""#,
            lua: """
                return { mapUser = function(ctx)
                  ctx.user.title = "x"
                  if ctx.user.userName == "bad" then ctx.reject { detail = "no" } end
                  error("broken")
                end }
                """)
        try plugins.add("second", lua: "return { mapUser = function(ctx) ctx.user.nickName = 'y' end }")
        try await plugins.host.load()
        let change = try await plugins.create(["userName": "ada"])
        #expect(change.after?["title"] == nil && change.after?["nickName"] == "y")
        #expect(plugins.log.lines.contains { $0.level == .warning && $0.message.contains("is passed over") })
        await #expect(throws: SCIMError(status: 400, detail: "")) { try await plugins.create(["userName": "bad"]) }
    }

    @Test("on delete, ctx.user is what is about to go, and a check may keep it")
    func delete() async throws {
        let plugins = try await plugin(
            .checkUser,
            #"if ctx.operation == "delete" and ctx.user.userName == "root" then ctx.reject { status = 403, detail = "stays" } end"#)
        var change = ResourceChange.patch(["id": "u1", "userName": "root"], [:])
        (change.operation, change.after) = (.delete, nil)
        await #expect(throws: SCIMError(status: 403, detail: "")) { try await plugins.intercept(change) }
        change.before?["userName"] = "ada"
        #expect(try await plugins.intercept(change).after == nil)
    }

    @Test("a plugin that had to be stopped five times is held back for a while, then tried again")
    func breaker() async throws {
        let plugins = try await plugin(
            .checkUser, "if ctx.user.userName == 'bad' then while true do end end", manifest: #""limits": {"cpuMs": 20}"#)
        for _ in 1...5 {
            #expect(!plugins.host.reports[0].isPaused)
            await #expect(throws: SCIMError(status: 503, detail: "")) { try await plugins.create(["userName": "bad"]) }
        }
        #expect(plugins.host.reports[0].isPaused && plugins.host.reports[0].line.hasSuffix("paused: it was stopped too often"))
        let error = await #expect(throws: SCIMError.self) { try await plugins.create(["userName": "good"]) }
        #expect(error?.detail.contains("it is paused") == true)
        plugins.time.advance(by: .seconds(301))
        try await plugins.create(["userName": "good"])
        #expect(!plugins.host.reports[0].isPaused)
    }
}

@Suite struct CircuitBreakerTests {
    @Test("kills that lie apart do not open it; one on trial opens it anew")
    func windows() {
        var breaker = CircuitBreaker()
        func time(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }
        let apart = (0..<20).map { breaker.recordKill(at: time(Int64($0) * 151)) }
        #expect(!apart.contains(true))
        let opened = breaker.recordKill(at: time(19 * 151))
        let open = [299, 300].map { breaker.isOpen(at: time(19 * 151 + $0)) }
        #expect(opened && open == [true, false])
        let openedOnTrial = breaker.recordKill(at: time(4000))
        let openAfterwards = breaker.isOpen(at: time(4300))
        breaker.recordSuccess()
        let openedOnceMore = breaker.recordKill(at: time(4301))
        #expect(openedOnTrial && !openAfterwards && !openedOnceMore)
    }
}
