import Hummingbird
import Muster
import ServiceLifecycle
import Testing

@Suite("ServiceProvider")
struct ServiceProviderTests {
    @Test("Routes stand beside the application's own, and only ours ask for a token")
    func routes() async throws {
        try await TestProvider().run { client async throws in
            #expect(try await client.sendToRoot("GET", "/").text == "the application")
            #expect(try await client.send("GET", "/ServiceProviderConfig").status == 200)
            var stranger = client
            stranger.token = "mst_none"
            #expect(try await stranger.send("GET", "/Users").status == 401)
            #expect(try await stranger.sendToRoot("GET", "/").status == 200)
            #expect(try await stranger.sendToRoot("GET", "/health/live").status == 200)
            #expect(try await stranger.sendToRoot("GET", "/health/ready").status == 200)
        }
    }

    @Test("Limits and counts of the configuration hold")
    func settings() async throws {
        var configuration = Configuration()
        configuration.server.publicURL = "https://people.example.com/scim/v2/"
        configuration.server.maximumBodyBytes = 1024
        configuration.directory.defaultCount = 1
        configuration.directory.maximumCount = 2
        configuration.directory.patchBodyMemberLimit = 1
        try await TestProvider(configuration: configuration).run { client in
            var ids: [String] = []
            for name in ["a", "b", "c"] { ids.append(try await client.createUser(name)) }
            let first = try await client.send("GET", "/Users/\(ids[0])")
            #expect(first["meta"]?["location"]?.string == "https://people.example.com/scim/v2/Users/\(ids[0])")
            #expect(try await client.send("GET", "/Users")["itemsPerPage"] == 1)
            #expect(try await client.send("GET", "/Users?count=100")["itemsPerPage"] == 2)
            let fat = AttributeValue.string(String(repeating: "x", count: 1024))
            #expect(try await client.send("POST", "/Users", ["userName": fat]).status == 413)
            let group = try await client.createGroup("crew")
            #expect(try await client.addMember(ids[0], to: group).status == 200)
            #expect(try await client.addMember(ids[1], to: group).status == 204)
        }
    }

    @Test("Attributes that the configuration names are indexed, also for who is there already")
    func index() async throws {
        let department = "\(Schema.enterpriseUser.id):department"
        let first = try await TestProvider()
        try await first.run { client in
            _ = try await client.createUser("ada", [Schema.enterpriseUser.id: ["department": "Engines"]])
        }
        var configuration = Configuration()
        configuration.directory.indexUser = ["title", department]
        let second = try await ServiceProvider(store: first.store, configuration: configuration)
        await second.shutdown()
        let found = try await first.store.read {
            try $0.resources(of: "User", in: .default, where: department, equals: .text("engines")).count
        }
        #expect(found == 1)
    }

    @Test("An attribute that no schema has cannot be indexed", arguments: [(["shoeSize"], [String]()), ([], ["userName"])])
    func unknownIndex(user: [String], group: [String]) async throws {
        let lists = ["directory.indexUser": user.joined(), "directory.indexGroup": group.joined()]
        let configuration = try Configuration.load(flags: lists.filter { !$1.isEmpty })
        let error = await #expect(throws: ConfigurationError.self) { try await TestProvider(configuration: configuration) }
        #expect(error?.description.contains((user + group)[0]) == true)
    }

    @Test("Runs in a service group: serves, delivers without being told to, and ends when it is asked to")
    func run() async throws {
        let record = Record<Delivery>()
        var hooks = LifecycleHooks(name: "recorder")
        hooks.on([.userCreated]) { record.append($0) }
        var configuration = Configuration()
        configuration.server.port = 0
        let store = try SQLiteStore.inMemory()
        let provider = try await ServiceProvider(store: store, configuration: configuration, hooks: [hooks])
        let token = try await provider.createToken(name: "tests")
        let ports = Record<Int>()
        let group = ServiceGroup(services: [Serving(provider: provider, ports: ports)], logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let port = try #require(await ports.wait { !$0.isEmpty }.first)
            let client = Client(baseURL: "http://127.0.0.1:\(port)/scim/v2", token: token)
            #expect(try await client.send("POST", "/Users", ["userName": "ada"]).status == 201)
            #expect(await record.wait { !$0.isEmpty }.count == 1)
            #expect(try await client.sendToRoot("GET", "/health/ready").status == 200)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            await #expect(throws: (any Error).self) { try await client.sendToRoot("GET", "/health/live") }
        }
    }

    private struct Serving: Service {
        let provider: ServiceProvider
        let ports: Record<Int>
        func run() async throws { try await provider.run { ports.append($0) } }
    }
}
