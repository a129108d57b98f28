import Muster
import Testing

@Suite("What plugins do to the directory")
struct PluginActionsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let permissions = #""permissions": {"kv": true, "scim": ["users:read", "users:write", "groups:read", "groups:write"]}"#

    /// Keeps every event.
    private func recorder(_ record: Record<Delivery>) -> LifecycleHooks {
        var hooks = LifecycleHooks(name: "recorder")
        hooks.on(Set(LifecycleEvent.Kind.allCases)) { record.append($0) }
        return hooks
    }

    @Test("A change by muster.scim is the plugin's own, goes through all hooks, and may meet hooks of the same plugin meanwhile")
    func patch() async throws {
        let record = Record<Delivery>()
        let plugins = try folder.plugin(
            "greeter", manifest: Self.permissions,
            lua: """
                return {
                  mapUser = function(ctx)
                    if ctx.request.client == "plugin:greeter" then
                      muster.kv.set("seen", ctx.user.title)
                      ctx.user.nickName = "by " .. ctx.request.client
                    end
                  end,
                  onCreate = function(ctx)
                    local after = muster.scim.patch("User", ctx.user.id, { title = "Mentor", displayName = null })
                    assert(after.title == "Mentor" and after.nickName == "by plugin:greeter" and after.displayName == nil)
                  end,
                }
                """)
        let test = try await TestProvider(plugins: plugins, hooks: [recorder(record)])
        try await test.run { client in
            let ada = try await client.createUser("ada", ["displayName": "Ada"])
            try await test.provider.drainDeliveries()
            let after = try await client.send("GET", "/Users/\(ada)")
            #expect(after["title"] == "Mentor" && after["nickName"] == "by plugin:greeter" && after["displayName"] == nil)
        }
        let update = try #require(record.elements.first { $0.event.kind == .userUpdated }).event.change
        #expect(update.actor == "plugin:greeter" && update.depth == 1)
        let creation = try #require(record.elements.first { $0.event.kind == .userCreated }).event.change
        #expect(creation.actor == "tests" && creation.depth == 0)
        #expect(update.requestID == creation.requestID, "what the request led to is found by its id")
    }

    @Test("Resources are created and deleted; the directory's refusal is the script's error, which it can catch")
    func createAndDelete() async throws {
        let record = Record<Delivery>()
        let plugins = try folder.plugin(
            "teams", manifest: Self.permissions,
            lua: """
                return {
                  onCreate = function(ctx)
                    if ctx.request.client == "plugin:teams" then return end
                    local ok, problem = pcall(muster.scim.create, "User", { userName = ctx.user.userName })
                    assert(not ok and problem:find("scim.create: uniqueness: another User has this userName already", 1, true), problem)
                    ok, problem = pcall(muster.scim.create, "Group", { displayName = "x", colour = "red" })
                    assert(not ok and problem:find("colour", 1, true), problem)
                    ok, problem = pcall(muster.scim.patch, "User", "nobody", { title = "x" })
                    assert(not ok and problem:find("there is no User with the id 'nobody'", 1, true), problem)
                    local group = muster.scim.create("Group", {
                      displayName = "Team", externalId = ctx.event.id, members = { { value = ctx.user.id } },
                    })
                    muster.scim.patch("Group", group.id, { { op = "replace", path = "displayName", value = "Team A" } })
                  end,
                  onDelete = function(ctx)
                    for _, group in ipairs(muster.scim.find("Group")) do muster.scim.delete("Group", group.id) end
                  end,
                }
                """)
        let test = try await TestProvider(plugins: plugins, hooks: [recorder(record)])
        try await test.run { client in
            let ada = try await client.createUser("ada")
            try await test.provider.drainDeliveries()
            let groups = try await client.send("GET", "/Groups")
            #expect(groups["totalResults"] == 1 && groups["Resources"]?.array?.first?["displayName"] == "Team A")
            #expect(try await client.send("GET", "/Users/\(ada)")["groups"]?.array?.count == 1)
            _ = try await client.send("DELETE", "/Users/\(ada)")
            try await test.provider.drainDeliveries()
            #expect(try await client.send("GET", "/Groups")["totalResults"] == 0)
        }
        let kinds = record.elements.filter { $0.event.change.actor == "plugin:teams" }.map(\.event.kind)
        #expect(Set(kinds) == [.groupCreated, .memberAdded, .groupUpdated, .groupDeleted])
    }

    @Test("Hooks whose changes cause each other without end are stopped after three, with plugin, file and line")
    func loop() async throws {
        let record = Record<Delivery>()
        let plugins = try folder.plugin(
            "counter", manifest: Self.permissions,
            lua: """
                return { onUpdate = function(ctx)
                  local count = muster.kv.incr("runs")
                  muster.scim.patch("User", ctx.user.id, { nickName = "n" .. count })
                end }
                """)
        let test = try await TestProvider(plugins: plugins, hooks: [recorder(record)])
        try await test.run { client in
            let ada = try await client.createUser("ada")
            try await client.set("title", of: ada, to: "first")
            try await test.provider.drainDeliveries()
            #expect(try await client.send("GET", "/Users/\(ada)")["nickName"] == "n3")
        }
        let depths = record.elements.filter { $0.event.kind == .userUpdated }.map(\.event.change.depth)
        #expect(depths == [0, 1, 2, 3])
        let waiting = try await test.store.read { try $0.deliveries(DeliveryQuery(states: [.ready])) }
        let reason = try #require(waiting.first?.lastError)
        #expect(waiting.count == 1 && reason.hasPrefix("counter/init.lua:3: scim.patch of User/") && reason.contains("looks like a loop"))
    }

    @Test("What a plugin's map hook does to a group is recorded as the plugin's change of the group, in the user's transaction")
    func memberships() async throws {
        let record = Record<Delivery>()
        let plugins = try folder.plugin(
            "sorter", manifest: #""permissions": {"scim": ["groups:write"]}"#,
            lua: """
                return { mapUser = function(ctx)
                  if ctx.operation == "create" then ctx.groups.add("crew") elseif ctx.operation == "patch" then ctx.groups.remove("crew") end
                end }
                """)
        let test = try await TestProvider(plugins: plugins, hooks: [recorder(record)])
        try await test.run { client in
            let crew = try await client.createGroup("crew")
            let ada = try await client.createUser("ada")
            try await client.set("title", of: ada, to: "x")
            try await test.provider.drainDeliveries()
            let events = record.elements.map(\.event).filter { $0.subject.id == ada }
            #expect(events.map(\.kind) == [.userCreated, .memberAdded, .userUpdated, .memberRemoved])
            #expect(events.map(\.change.actor) == ["tests", "plugin:sorter", "tests", "plugin:sorter"])
            #expect(events[1].change.resource.id == crew && events[1].change.depth == 1)
            #expect(events[1].change.time == events[0].change.time && events[1].change.requestID == events[0].change.requestID)
            #expect(Set(events.map(\.id)).count == 4)
        }
    }

    @Test("A plugin of the site changes a tenant's directory by the tenant's own rules")
    func tenant() async throws {
        let plugins = try folder.plugin(
            "namer", manifest: Self.permissions,
            lua:
                #"return { onGroupCreate = function(ctx) pcall(muster.scim.create, "Group", { displayName = ctx.group.displayName }) end }"#
        )
        var configuration = Configuration()
        var strict = Configuration.Tenant()
        strict.directory.uniqueGroupNames = true
        configuration.tenants["strict"] = strict
        let test = try await TestProvider(plugins: plugins, configuration: configuration)
        try await test.provider.createTenant(Tenant(name: "strict"))
        let token = try await test.provider.createToken(name: "tests", tenant: Tenant(name: "strict"))
        try await test.run { client in
            let other = client.tenant("strict", token: token)
            _ = try await other.createGroup("one")
            try await test.provider.drainDeliveries()
            #expect(try await other.send("GET", "/Groups")["totalResults"] == 1, "names are unique there")
            #expect(try await client.send("GET", "/Groups")["totalResults"] == 0)
        }
    }
}
