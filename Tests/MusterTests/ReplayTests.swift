import Foundation
import Muster
import MusterPlugins
import Testing

@Suite("Replay of events through a plugin under development")
struct ReplayTests {
    private let folder: TemporaryFolder
    private var data: String { folder.path("data") }

    init() throws { folder = try TemporaryFolder() }

    /// Greets once, counts, and does by the title what a script can do: ask, wait for better times, give up.
    private static let deployed = """
        local plugin = {}
        local function post(ctx, path, body)
          return muster.http.post(ctx.config.url .. path, { json = body, headers = { ["x-key"] = "k " .. muster.secrets.get("KEY") } })
        end
        function plugin.onCreate(ctx)
          muster.once(ctx, "greet", function() post(ctx, "/greet", { name = ctx.user.userName, key = muster.secrets.get("KEY") }) end)
          local number = muster.kv.incr("people")
          local reply = post(ctx, "/people", { number = number, at = muster.time.now(), id = muster.crypto.uuid() })
          if reply.status == 503 and ctx.event.attempt == 1 then ctx.retry { after = 0, reason = "busy" } end
          if reply.status == 410 then ctx.fail { reason = "gone" } end
        end
        function plugin.onUpdate(ctx)
          if ctx.user.title == "Chief" then post(ctx, "/chief", { name = ctx.user.userName }) end
        end
        return plugin
        """

    private var manifest: String {
        #""permissions": {"http": ["{url}/*"], "kv": true, "secrets": ["KEY"]}, "config": {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]}, "retry": {"baseMs": 1}"#
    }

    /// A data folder of a server that had the plugin, and four users, two of whom have become something.
    /// - Returns: The ids of the users.
    private func serve(recordCalls: Bool = true) async throws -> [String] {
        let plugins = try folder.plugin("people", manifest: manifest, lua: Self.deployed)
        try DataFolder(path: data).create()
        let path = DataFolder(path: data).databasePath
        // The second one is busy at first, the third one is gone.
        return try await Receiver.run(status: { message in
            message.path == "/people" && message.body["number"] == 2 ? 503 : message.body["number"] == 4 ? 410 : 200
        }) { [folder] receiver in
            var configuration = try Configuration.load(
                file: folder.write(
                    "data/muster.yaml",
                    "plugins:\n  people:\n    privateHosts: [127.0.0.1]\n    config:\n      url: \(receiver.url(""))\n"))
            configuration.delivery.recordCalls = recordCalls
            let store = try SQLiteStore(path: path)
            let test = try await TestProvider(
                store: store,
                provider: ServiceProvider(
                    store: store, plugins: plugins, configuration: configuration, environment: ["MUSTER_SECRET_KEY": "s3cret-value"],
                    logger: .quiet))
            #expect(test.provider.plugins.map(\.isLoaded) == [true], "\(test.provider.plugins)")
            let ids = try await test.run { client in
                var ids: [String] = []
                for name in ["ada", "bob", "cleo", "dan"] {
                    ids.append(try await client.createUser(name))
                    // One after the other, so that everybody has a number of their own.
                    while try await !test.store.read({ try $0.backlog() }).isEmpty { try await test.provider.drainDeliveries() }
                }
                _ = try await client.set("title", of: ids[0], to: "Chief")
                _ = try await client.set("title", of: ids[1], to: "Clerk")
                try await test.provider.drainDeliveries()
                return ids
            }
            try store.close()
            return ids
        }
    }

    /// The plugin under development, called as the deployed one.
    private func develop(_ lua: String) throws -> String {
        try folder.write("Work/people/plugin.json", #"{"name": "people", "version": "1.1.0", "api": 1, \#(manifest)}"#)
        try folder.write("Work/people/init.lua", lua)
        return folder.path("Work/people")
    }

    private func replay(_ plugin: String, _ more: String...) async throws -> MusterCommand.Result {
        try await MusterCommand.run(
            ["replay", "--data", data, "--plugin", plugin, "--since", "1h"] + more, environment: ["MUSTER_SECRET_KEY": "another-secret"])
    }

    @Test("the same version does not differ: answers, failures, counters, time and UUIDs are those of then; the database stays as it is")
    func same() async throws {
        _ = try await serve()
        let database = URL(filePath: DataFolder(path: data).databasePath)
        let before = try Data(contentsOf: database)
        let result = try await replay(develop(Self.deployed))
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output == "6 events replayed, 0 differ\n")
        #expect(result.error.contains("replay: "))
        #expect(try Data(contentsOf: database) == before)
    }

    @Test("one changed line shows exactly the events that it concerns, with what differs")
    func oneLine() async throws {
        let ids = try await serve()
        let result = try await replay(develop(Self.deployed.replacing(#""/chief", { name"#, with: #""/chief", { login"#)))
        #expect(result.status == 2, "\(result.error)")
        #expect(result.lines.first?.hasPrefix("onUpdate of User \(ids[0]) at 20") == true)
        #expect(result.lines.dropFirst().first?.hasPrefix("  ~ POST http://127.0.0.1:") == true)
        #expect(
            result.lines.dropFirst(2) == [
                #"      body.login: nothing → "ada""#, #"      body.name: "ada" → nothing"#, "6 events replayed, 1 differ",
            ])
        // The same as JSON, of one person, and of nobody.
        let json = try AttributeValue(json: try await replay(folder.path("Work/people"), "--json").output)
        #expect(json["summary"]?["differing"] == 1)
        #expect(json["differences"]?.array?.first?["calls"]?.array?.first?["details"]?.array?.count == 2)
        #expect(try await replay(folder.path("Work/people"), "--subject", ids[1]).output == "2 events replayed, 0 differ\n")
        #expect(try await replay(folder.path("Work/people"), "--until", "2020-01-01T00:00:00Z").output == "0 events replayed, 0 differ\n")
    }

    @Test("a new hook, an outcome, a missing and an additional call are found")
    func kinds() async throws {
        _ = try await serve()
        let lua = Self.deployed.replacing(
            "local reply = post(ctx, \"/people\"", with: "muster.kv.set(\"last\", ctx.user.userName)\n  local reply = post(ctx, \"/folk\"")
        let result = try await replay(develop(lua))
        #expect(result.status == 2)
        #expect(result.output.contains("  + kv set last"))
        #expect(result.output.contains("/people\" → \"http://127.0.0.1:"))
        // Nobody knows what the other address would have said.
        #expect(result.output.contains("  outcome: fail: gone → delivered"))
        #expect(result.lines.last == "6 events replayed, 4 differ")

        let silent = try await replay(develop("return { onUpdate = function(ctx) end }"))
        #expect(silent.lines.last == "6 events replayed, 5 differ")
        #expect(silent.output.contains("  - POST http://127.0.0.1:"))
    }

    @Test("what was not recorded is left out and counted; the folder must hold a plugin")
    func unrecorded() async throws {
        _ = try await serve(recordCalls: false)
        let result = try await replay(develop(Self.deployed))
        #expect(result.status == 0)
        #expect(
            result.output == "0 events replayed, 0 differ\n  6 left out: what the deployed version did was not recorded, or is forgotten\n")
        let none = try await replay(folder.folder("Work/nobody"))
        #expect(none.status == 1)
        #expect(none.error.contains("there is no plugin in"))
        #expect(try await replay(folder.path("Work/nowhere")).error.contains("name it with --plugin"))
    }

    @Test("an event whose delivery is forgotten counts as not recorded; one of which none was due as one that did nothing")
    func forgotten() async throws {
        let slow = try folder.plugin(
            "slow", lua: #"return { onCreate = function(ctx) ctx.retry { after = 3600, reason = "not yet" } end }"#)
        try folder.plugin("people", lua: "return { onCreate = function(ctx) end }")
        let store = try SQLiteStore.inMemory()
        let test = try await TestProvider(store: store, provider: ServiceProvider(store: store, plugins: slow, logger: .quiet))
        try await test.run { client in
            _ = try await client.createUser("ada")
            try await test.provider.drainDeliveries()
        }
        // The other plugin's delivery keeps the change.
        let forgotten = try await store.write { try $0.pruneDeliveries(before: Timestamp(milliseconds: .max), limit: 100) }
        try #require(forgotten == 1)
        try folder.write("Work/people/plugin.json", #"{"name": "people", "version": "1.1.0", "api": 1, "permissions": {"kv": true}}"#)
        try folder.write("Work/people/init.lua", #"return { onCreate = function(ctx) muster.kv.set("seen", true) end }"#)
        let now = WallClock.system.now()
        func replay(at time: Timestamp) async throws -> ReplaySummary {
            let replay = try await Replay(
                onCopy: store, plugin: URL(filePath: folder.path("Work/people")), configuration: Configuration(),
                options: .init(since: now + .seconds(-3600)), environment: [:], clock: WallClock { time })
            return try await replay.run(progress: { _, _ in }, report: { _ in })
        }
        let late = try await replay(at: now + .seconds(8 * 86_400))
        #expect((late.replayed, late.differing, late.unrecorded) == (0, 0, 1))
        let early = try await replay(at: now + .seconds(6 * 86_400))
        #expect((early.replayed, early.differing, early.unrecorded) == (1, 1, 0))
    }

    @Test("a difference that may come from a token that was blotted out says so")
    func uncertain() async throws {
        let plugins = try folder.plugin(
            "people", manifest: #""permissions": {"kv": true}"#,
            lua: """
                return { onCreate = function(ctx)
                  local login = muster.kv.get("login")
                  if login then muster.kv.set("copy", login.access_token) else muster.kv.set("login", { access_token = "t0ken" }) end
                end }
                """)
        let store = try SQLiteStore.inMemory()
        let test = try await TestProvider(store: store, provider: ServiceProvider(store: store, plugins: plugins, logger: .quiet))
        try await test.run { client in
            for name in ["ada", "bob"] {
                _ = try await client.createUser(name)
                try await test.provider.drainDeliveries()
            }
        }
        let replay = try await Replay(
            onCopy: store, plugin: URL(filePath: plugins).appending(path: "people"), configuration: Configuration(),
            options: .init(since: WallClock.system.now() + .seconds(-3600)), environment: [:])
        var found: [ReplayDifference] = []
        let summary = try await replay.run(progress: { _, _ in }, report: { found.append($0) })
        #expect((summary.replayed, summary.differing) == (2, 1))
        #expect(found.first?.lines.last == "  not all of the deployed run was kept; the difference may come from that")
        #expect(found.first?.document["uncertain"] == true)
    }

    @Test("no secret is kept, and of runs that do nothing no record is")
    func records() async throws {
        _ = try await serve()
        let store = try SQLiteStore(path: DataFolder(path: data).databasePath)
        let records = try await store.read(.scan) { transaction in
            try transaction.recordedDeliveries(to: "plugin:people", after: 0, fromChange: 0, limit: 100).map(\.record)
        }
        try #require(records.count == 6)
        #expect(records.map { $0 != nil } == [true, true, true, true, true, false])
        for record in records.compactMap({ $0 }) { #expect(!String(decoding: record, as: UTF8.self).contains("s3cret-value")) }
        let second = try #require(records[1].flatMap { RunRecord(bytes: $0) })
        // The second attempt found the step done.
        #expect(second.calls.filter { $0.kind == .http }.map(\.body.text).allSatisfy { !$0.contains("bob") })
        let shown = try AttributeValue(json: try await MusterCommand.run("deliveries", "show", "--data", data, "2").output)
        #expect(shown["attempt"]?["outcome"] == "delivered")
        #expect(shown["attempt"]?["calls"]?.array?.count == second.calls.count)
        #expect(second.calls.contains { $0.headers.contains { $0.name == "idempotency-key" } })
    }
}
