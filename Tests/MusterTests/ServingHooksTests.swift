import Foundation
import Muster
import Testing

@Suite("Hooks around a request, over HTTP")
struct ServingHooksTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("onRead: what it takes away is in no answer, nor can it be selected; the change is stored all the same")
    func read() async throws {
        let plugins = try folder.plugin(
            "hide",
            lua: """
                return { onRead = function(ctx)
                  if ctx.user then ctx.user.title = nil end
                  if ctx.group then ctx.group.displayName = ctx.group.displayName .. " (" .. #(ctx.group.members or {}) .. ")" end
                end }
                """)
        let test = try await TestProvider(plugins: plugins)
        try await test.run { client in
            let created = try await client.send("POST", "/Users", ["userName": "tests", "title": "secret", "locale": "en"])
            let id = try #require(created.id)
            let group = try await client.createGroup("crew")
            var answers = [created, try await client.send("GET", "/Users/\(id)"), try await client.send("GET", "/Me")]
            answers.append(try await client.send("PUT", "/Users/\(id)", ["userName": "tests", "title": "other", "locale": "en"]))
            answers.append(try await client.set("locale", of: id, to: "de"))
            answers.append(try await client.send("GET", "/Users?attributes=title"))
            answers.append(try await client.send("GET", "/Users?filter=title%20eq%20%22other%22"))
            answers.append(try await client.send("GET", "/"))
            answers.append(
                try await client.send("POST", "/.search", ["schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]]))
            for answer in answers {
                #expect((200...201).contains(answer.status) && !answer.text.contains("title") && !answer.text.contains("secret"))
            }
            try await client.addMember(id, to: group)
            let crew = try await client.send("GET", "/Groups/\(group)")
            #expect(crew["displayName"] == "crew (1)")
            #expect(crew.headers["etag"] == crew["meta"]?["version"]?.string)
            let stored = try #require(try await test.store.read { try $0.resource(ResourceKey(type: "User", id: id)) })
            #expect(try AttributeValue(json: stored.document)["title"] == "other")
        }
    }

    @Test("onRequest and onConflict in Lua: a strange client's person gets the next free name")
    func requestAndConflict() async throws {
        let plugins = try folder.plugin(
            "odd",
            lua: """
                return {
                  onRequest = function(ctx)
                    local request = ctx.request
                    if request.path == "/people" then request.path = "/Users" end
                    if request.json and request.json.login then request.json.userName, request.json.login = request.json.login, nil end
                  end,
                  onConflict = function(ctx)
                    if ctx.conflict.path == "userName" then ctx.user.userName = ctx.conflict.value:gsub("%d+$", "") .. ctx.conflict.attempt end
                  end,
                }
                """)
        try await TestProvider(plugins: plugins).run { client in
            var names: [String?] = []
            for _ in 1...3 { names.append(try await client.send("POST", "/people", ["login": "ada"])["userName"]?.string) }
            #expect(names == ["ada", "ada1", "ada2"])
        }
    }

    @Test("The same in Swift")
    func swift() async throws {
        var hooks = LifecycleHooks(name: "swift")
        hooks.onRequest = { request, _ in
            var request = request
            if request.path == "/people" { request.path = "/Users" }
            return request
        }
        hooks.onConflict = { change, conflict in
            var change = change
            change.after?["userName"] = .string("ada\(conflict.attempt)")
            return change
        }
        hooks.onRead = { resource, type, request in
            var resource = resource
            resource["nickName"] = .string("\(type) for \(request.client)")
            return resource
        }
        try await TestProvider(hooks: [hooks]).run { client in
            _ = try await client.createUser("ada")
            let second = try await client.send("POST", "/people", ["userName": "ada"])
            #expect(second["userName"] == "ada1" && second["nickName"] == "User for tests")
        }
    }

    @Test("A plugin that is off for the site is on for one tenant, with settings of that tenant")
    func tenants() async throws {
        let plugins = try folder.plugin(
            "prefix", manifest: #""config": {"type": "object", "properties": {"prefix": {"type": "string", "default": "none"}}}"#,
            lua: """
                return {
                  mapUser = function(ctx) ctx.user.title = ctx.config.prefix end,
                  onRead = function(ctx) if ctx.user then ctx.user.nickName = ctx.request.tenant .. " " .. ctx.config.prefix end end,
                }
                """)
        try folder.write(
            "muster.yaml",
            """
            plugins: { prefix: { enabled: false } }
            tenants:
              acme: { plugins: { prefix: { enabled: true, config: { prefix: of acme } } } }
              globex: {}
              initech: { plugins: { prefix: { enabled: true } } }
            """)
        let configuration = try Configuration.load(file: folder.path("muster.yaml"))
        let test = try await TestProvider(plugins: plugins, configuration: configuration)
        var tokens: [String: String] = [:]
        for name in ["acme", "globex", "initech"] {
            try await test.provider.createTenant(Tenant(name: name))
            tokens[name] = try await test.provider.createToken(name: "t", tenant: Tenant(name: name))
        }
        let expected = ["acme": "of acme", "globex": nil, "initech": "none"] as [String: String?]
        try await test.run { [tokens] main in
            let site = try await main.send("POST", "/Users", ["userName": "ada"])
            #expect(site["title"] == nil && site["nickName"] == nil)
            for (name, token) in tokens {
                let user = try await main.tenant(name, token: token).send("POST", "/Users", ["userName": "ada"])
                let title = expected[name] ?? nil
                #expect(user["title"]?.string == title)
                #expect(user["nickName"]?.string == title.map { "\(name) \($0)" })
            }
        }
    }
}
