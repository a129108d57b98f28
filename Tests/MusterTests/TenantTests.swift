import Foundation
import Muster
import Testing

@Suite("Tenants")
struct TenantTests {
    @Test("No request of one tenant reads, infers or touches what is another's")
    func isolation() async throws {
        let test = try await TestProvider()
        try await test.provider.createTenant(Tenant(name: "acme"))
        try await test.provider.createTenant(Tenant(name: "globex"))
        let acmeToken = try await test.provider.createToken(name: "acme", tenant: Tenant(name: "acme"))
        let globexToken = try await test.provider.createToken(name: "globex", tenant: Tenant(name: "globex"))
        try await test.run { main in
            let (acme, globex) = (main.tenant("acme", token: acmeToken), main.tenant("globex", token: globexToken))
            // The same userName in each, and ids that only one knows.
            let (mainID, acmeID) = (try await main.createUser("ada"), try await acme.createUser("ada"))
            let group = try await acme.createGroup("staff")
            for stranger in [main, globex] {
                for path in ["/Users/\(acmeID)", "/Groups/\(group)"] {
                    for method in ["GET", "DELETE"] { #expect(try await stranger.send(method, path).status == 404) }
                    #expect(try await stranger.patch(path, ["op": "replace", "path": "externalId", "value": "x"]).status == 404)
                }
                #expect(try await stranger.send("GET", "/Users?filter=id%20eq%20%22\(acmeID)%22")["totalResults"] == 0)
                #expect(try await stranger.send("GET", "/?filter=id%20eq%20%22\(acmeID)%22")["totalResults"] == 0)
            }
            // A member, a manager or a bulk operation cannot reach over either.
            let own = try await globex.createGroup("staff")
            _ = try await globex.addMember(acmeID, to: own)
            #expect(try await globex.send("GET", "/Groups/\(own)")["members"] == nil)
            #expect(try await acme.send("GET", "/Users")["totalResults"] == 1)
            #expect(try await globex.send("GET", "/Users")["totalResults"] == 0)
            // A token opens its own tenant only, and does not tell whether there is another.
            let wrong = [
                main.tenant("acme", token: main.token), main.tenant("acme", token: globexToken), main.tenant("nobody", token: main.token),
                main.tenant("nobody", token: "mst_none"), main.tenant("../acme", token: acmeToken),
            ]
            for client in wrong {
                let answer = try await client.send("GET", "/Users/\(acmeID)")
                #expect(answer.status == 401 || answer.status == 404)
                #expect(answer["detail"] == nil || answer["detail"]?.string?.contains("acme") == false)
            }
            let (unknown, foreign) = (
                try await main.tenant("nobody", token: main.token).send("GET", "/Users"),
                try await main.tenant("acme", token: main.token).send("GET", "/Users")
            )
            #expect(unknown.status == 401 && foreign.status == 401 && unknown["detail"] == foreign["detail"])
            var crossed = main
            crossed.token = acmeToken
            #expect(try await crossed.send("GET", "/Users/\(mainID)").status == 401)
            #expect(
                try await acme.send("GET", "/Users/\(acmeID)")["meta"]?["location"]?.string?.hasSuffix(
                    "/tenants/acme/scim/v2/Users/\(acmeID)") == true)
        }
    }

    @Test("A tenant that is deleted is gone with its tokens, and a new one of its name begins empty")
    func deletion() async throws {
        let test = try await TestProvider()
        let tenant = Tenant(name: "acme")
        try await test.provider.createTenant(tenant)
        let token = try await test.provider.createToken(name: "acme", tenant: tenant)
        try await test.run { main in
            let acme = main.tenant("acme", token: token)
            let id = try await acme.createUser("ada")
            try await test.provider.deleteTenant(tenant)
            try await test.provider.createTenant(tenant)
            let fresh = main.tenant("acme", token: try await test.provider.createToken(name: "acme", tenant: tenant))
            #expect(try await fresh.send("GET", "/Users/\(id)").status == 404)
            #expect(try await fresh.send("GET", "/Users")["totalResults"] == 0)
            #expect(try await fresh.createUser("ada") != id)
            #expect(try await main.send("GET", "/Users")["totalResults"] == 0)
        }
        await #expect(throws: StoreError.self) { try await test.provider.deleteTenant(.default) }
        await #expect(throws: StoreError.self) { try await test.provider.createTenant(tenant) }
        for name in ["", "Acme", "a b", "-a", "a/b", String(repeating: "a", count: 64)] {
            await #expect(throws: ConfigurationError.self) { try await test.provider.createTenant(Tenant(name: name)) }
        }
    }

    @Test("A tenant has settings, schemas and plugins of its own")
    func settings() async throws {
        let folder = try TemporaryFolder()
        let plugins = try folder.plugin(
            "prefix", manifest: #""config": {"type": "object", "properties": {"prefix": {"type": "string", "default": ""}}}"#,
            lua: "return { mapUser = function(ctx) ctx.user.title = ctx.config.prefix end }")
        try folder.write("schemas/weight.json", SiteSchemaTests.weight)
        try folder.write(
            "muster.yaml",
            """
            directory:
              maximumCount: 50
            plugins:
              prefix:
                config: { prefix: site }
            tenants:
              acme:
                directory:
                  maximumCount: 2
                  dialect: rfc
                  schemas: \(folder.path("schemas"))
                plugins:
                  prefix:
                    config: { prefix: acme }
              globex: {}
            """)
        let configuration = try Configuration.load(file: folder.path("muster.yaml"))
        let test = try await TestProvider(plugins: plugins, configuration: configuration)
        for name in ["acme", "globex"] { try await test.provider.createTenant(Tenant(name: name)) }
        let tokens = [
            try await test.provider.createToken(name: "a", tenant: Tenant(name: "acme")),
            try await test.provider.createToken(name: "g", tenant: Tenant(name: "globex")),
        ]
        try await test.run { main in
            let (acme, globex) = (main.tenant("acme", token: tokens[0]), main.tenant("globex", token: tokens[1]))
            for (client, title) in [(main, "site"), (acme, "acme"), (globex, "site")] {
                let id = try await client.createUser("ada", ["schemas": [.string(Schema.user.id)]])
                #expect(try await client.send("GET", "/Users/\(id)")["title"]?.string == title)
            }
            for (client, maximum) in [(main, 50), (acme, 2), (globex, 50)] as [(Client, Int64)] {
                #expect(try await client.send("GET", "/ServiceProviderConfig")["filter"]?["maxResults"]?.integer == maximum)
            }
            #expect(try await acme.send("GET", "/Schemas/\(SiteSchemaTests.weightURN)").status == 200)
            #expect(try await main.send("GET", "/Schemas/\(SiteSchemaTests.weightURN)").status == 404)
            // The strict dialect of the one refuses what the others understand.
            let quirky: AttributeValue = ["userName": "bob", "active": "True"]
            #expect(try await acme.send("POST", "/Users", quirky).status == 400)
            #expect(try await globex.send("POST", "/Users", quirky).status == 201)
        }
    }

    @Test(
        "What a file says about tenants is checked",
        arguments: [
            ("tenants: [a]", "names of tenants"), ("tenants: {Acme: {}}", "lower-case"), ("tenants: {a: {directry: {}}}", "directory"),
            ("tenants: {a: {directory: {maximumCont: 1}}}", "maximumCount"),
            ("tenants: {a: {directory: {maximumCount: x}}}", "whole number"),
        ])
    func findings(yaml: String, expected: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("muster.yaml", yaml)
        let error = #expect(throws: ConfigurationError.self) { try Configuration.load(file: folder.path("muster.yaml")) }
        #expect(error?.findings.count == 1)
        #expect(error?.description.contains(expected) == true && error?.description.contains("muster.yaml:1") == true)
    }

    @Test("muster tenant makes, lists and deletes, beside a running server")
    func command() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path("data")
        let server = try await ServerProcess(data: data, plugins: folder.folder("Plugins"))
        #expect(try await MusterCommand.run("tenant", "create", "--data", data, "acme").output == "/tenants/acme/scim/v2\n")
        let token = try await MusterCommand.run("token", "create", "--data", data, "--name", "okta", "--tenant", "acme").output
        let acme = server.client.tenant("acme", token: token.replacing("\n", with: ""))
        _ = try await acme.createUser("ada")
        let list = try await MusterCommand.run("tenant", "list", "--data", data, "--json").output
        #expect(list.contains(#"{"name":"acme","users":1,"groups":0,"tokens":1}"#))
        let again = try await MusterCommand.run("tenant", "create", "--data", data, "acme")
        #expect(again.status == 1 && again.error.contains("already"))
        let unsure = try await MusterCommand.run("tenant", "delete", "--data", data, "acme")
        #expect(unsure.status == 1 && unsure.error.contains("--yes"))
        #expect(try await MusterCommand.run("tenant", "delete", "--data", data, "acme", "--yes").status == 0)
        let missing = try await MusterCommand.run("tenant", "delete", "--data", data, "acme", "--yes")
        #expect(missing.status == 1 && missing.error.contains("there is no tenant"))
        #expect(await server.stop() == 0)
    }
}
