import Muster
import Testing

@Suite("Plugins of a folder")
struct PluginsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The plugin of five lines that an operator writes first.
    static let veto = """
        return { checkUser = function(ctx)
          if ctx.operation ~= "delete" and not ctx.user.userName:find("@example%.com$") then
            ctx.reject { status = 400, scimType = "foreignDomain", detail = "userName must end in @example.com" }
          end
        end }
        """

    @Test("A plugin of five lines refuses a user with its own status, scimType and detail, and nothing is written")
    func veto() async throws {
        let record = Record<Delivery>()
        var hooks = LifecycleHooks(name: "recorder")
        hooks.on([.userCreated, .userUpdated]) { record.append($0) }
        let test = try await TestProvider(plugins: folder.plugin("our-domain", lua: Self.veto), hooks: [hooks])
        try await test.run { client in
            let refused = try await client.send("POST", "/Users", ["userName": "eve@example.net"])
            #expect(refused.status == 400)
            #expect(refused["scimType"] == "foreignDomain")
            #expect(refused["detail"] == "userName must end in @example.com")
            #expect(refused["status"] == "400")
            #expect(try await client.send("GET", "/Users")["totalResults"] == 0)

            let ada = try await client.createUser("ada@example.com")
            #expect(try await client.set("userName", of: ada, to: "ada@example.net")["scimType"] == "foreignDomain")
            #expect(try await client.send("GET", "/Users/\(ada)")["userName"] == "ada@example.com")
            #expect(try await client.send("DELETE", "/Users/\(ada)").status == 204)
            try await test.provider.drainDeliveries()
        }
        #expect(record.elements.map(\.event.kind) == [.userCreated])
    }

    @Test("A plugin maps after the hooks in Swift, and what it adds to groups is written with the user")
    func map() async throws {
        var hooks = LifecycleHooks(name: "first")
        hooks.mapUser = { change in
            var change = change
            change.after?["title"] = "swift"
            return change
        }
        let plugins = try folder.plugin(
            "second", manifest: #""permissions": {"scim": ["groups:write"]}"#,
            lua: """
                return { mapUser = function(ctx)
                  if ctx.operation == "delete" then return end
                  ctx.user.title = ctx.user.title .. ", lua"
                  ctx.groups.add("crew")
                end }
                """)
        try await TestProvider(plugins: plugins, hooks: [hooks]).run { client in
            let crew = try await client.createGroup("crew")
            let ada = try await client.createUser("ada")
            let answer = try await client.send("GET", "/Users/\(ada)")
            #expect(answer["title"] == "swift, lua")
            #expect(answer["groups"]?.array?.first?["value"]?.string == crew)
            #expect(try await client.send("GET", "/Groups/\(crew)")["members"]?.array?.first?["value"]?.string == ada)
        }
    }

    @Test("A broken plugin is named with file and line, and the others work")
    func broken() async throws {
        try folder.plugin("broken", lua: "return {\n  onCreate = function(ctx) if end\n}")
        let plugins = try folder.plugin("our-domain", lua: Self.veto)
        let test = try await TestProvider(plugins: plugins)
        let status = test.provider.plugins
        #expect(status.map(\.name) == ["broken", "our-domain"])
        #expect(status.map(\.isFailed) == [true, false])
        #expect(status.map(\.isLoaded) == [false, true])
        #expect(status[0].findings.contains { $0.contains("broken/init.lua:2") }, "\(status[0].findings)")
        try await test.run { client async throws in
            #expect(try await client.send("POST", "/Users", ["userName": "eve"])["scimType"] == "foreignDomain")
        }
    }

    @Test("A broken plugin keeps a strict provider from starting, and a plugin that is off does not")
    func strict() async throws {
        try folder.plugin("off", manifest: #""permissions": { "secrets": ["TOKEN"] }"#, lua: "return {}")
        let plugins = try folder.plugin("good", lua: Self.veto)
        try await TestProvider(plugins: plugins, isStrict: true).run { _ in }
        try folder.plugin("broken", lua: "return { onCraete = function() end }")
        let error = try await #require(throws: ConfigurationError.self) { try await TestProvider(plugins: plugins, isStrict: true) }
        #expect(error.description.contains("broken"))
        #expect(error.description.contains("onCreate"), "\(error)")
    }

    @Test("A folder that is not there is an error that names it")
    func missingFolder() async throws {
        let missing = folder.path("none")
        let error = await #expect(throws: (any Error).self) { try await TestProvider(plugins: missing) }
        #expect(error.map { "\($0)".contains(missing) } == true, "\(String(describing: error))")
    }

    @Test("A hook reaches the world with its settings and secret, once for each event, and asks the directory")
    func outbound() async throws {
        let plugins = try folder.plugin(
            "notify",
            manifest: """
                "permissions": { "http": ["{url}"], "secrets": ["NOTIFY_KEY"], "scim": ["users:read"] },
                "config": { "type": "object", "required": ["url"], "properties": { "url": { "type": "string", "format": "uri" } } }
                """,
            lua: """
                return { onCreate = function(ctx)
                  local found, total = muster.scim.find("User", 'userName eq "' .. ctx.user.userName .. '"')
                  local reply = muster.http.post(ctx.config.url, {
                    headers = { authorization = muster.secrets.get("NOTIFY_KEY") },
                    json = { user = ctx.user.userName, found = total, client = ctx.request.client },
                  })
                  if reply.status >= 500 then ctx.retry { after = 0, reason = "busy" } end
                end }
                """)
        let isBusy = Record<Void>()
        let messages = try await Receiver.run(status: { _ in
            defer { isBusy.append(()) }
            return isBusy.elements.isEmpty ? 503 : 200
        }) { [folder] receiver in
            let configuration = try Configuration.load(
                file: folder.write(
                    "muster.yaml",
                    "plugins:\n  notify:\n    privateHosts: [127.0.0.1]\n    config:\n      url: \(receiver.url("/hook"))\n"))
            let environment = ["MUSTER_SECRET_NOTIFY_KEY": "s3cret-value"]
            let test = try await TestProvider(plugins: plugins, configuration: configuration, environment: environment)
            #expect(test.provider.plugins.map(\.isLoaded) == [true], "\(test.provider.plugins)")
            try await test.run { client in
                _ = try await client.createUser("ada")
                while receiver.messages.elements.count < 2 { try await test.provider.drainDeliveries() }
                try await test.provider.drainDeliveries()
            }
            let backlog = try await test.store.read { try $0.backlog() }
            #expect(backlog.values.allSatisfy { $0.isEmpty }, "\(backlog)")
            return receiver.messages.elements
        }
        #expect(messages.count == 2, "the first was answered 503")
        let message = try #require(messages.last)
        #expect(message.method == "POST")
        #expect(message.path == "/hook")
        #expect(message.headers["authorization"] == "s3cret-value")
        #expect(message.body == ["user": "ada", "found": 1, "client": "tests"])
        #expect(messages[0].headers["idempotency-key"]?.isEmpty == false)
        #expect(messages[0].headers["idempotency-key"] == message.headers["idempotency-key"], "the same event")
    }

    @Test("A hook reaches only what its manifest names", arguments: [("/hooks/*", true), ("/other/*", false)])
    func permission(path: String, isAllowed: Bool) async throws {
        let (deliveries, messages) = try await Receiver.run { [folder] receiver in
            let plugins = try folder.plugin(
                "notify", manifest: #""permissions": { "http": ["\#(receiver.url(path))"] }, "retry": { "maxAttempts": 1 }"#,
                lua: "return { onCreate = function(ctx) muster.http.get('\(receiver.url("/hooks/hello"))') end }")
            let test = try await TestProvider(plugins: plugins)
            try #require(test.provider.plugins.map(\.isLoaded) == [true], "\(test.provider.plugins)")
            try await test.run { client in
                _ = try await client.createUser("ada")
                try await test.provider.drainDeliveries()
            }
            return (try await test.store.read { try $0.deliveries(DeliveryQuery()) }, receiver.messages.elements)
        }
        #expect(messages.map(\.path) == (isAllowed ? ["/hooks/hello"] : []))
        #expect(deliveries.map(\.state) == [isAllowed ? .delivered : .setAside])
        if !isAllowed { #expect(deliveries.first?.lastError?.contains("permissions.http") == true, "\(deliveries.first?.lastError ?? "")") }
    }
}
