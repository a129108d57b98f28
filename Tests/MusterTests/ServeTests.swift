import Foundation
import Muster
import MusterTesting
import Testing

@Suite("muster serve", .timeLimit(.minutes(10)))
struct ServeTests {
    private let folder: TemporaryFolder
    private var data: String { folder.path("data") }

    init() throws { folder = try TemporaryFolder() }

    @Test("prints base URL, a token once, a line to paste, and how the plugins stand; keeps all that over a restart")
    func firstStart() async throws {
        try folder.plugin("our-domain", lua: PluginsTests.veto)
        try folder.plugin("needs-secret", manifest: #""permissions": { "secrets": ["TOKEN"] }"#, lua: "return {}")
        let plugins = try folder.plugin("broken", lua: "return {\n  onCreate = function(ctx) if end\n}")
        let server = try await ServerProcess(data: data, plugins: plugins)
        let token = server.client.token
        #expect(token.hasPrefix("mst_"))
        let lines = await server.output.wait { lines in lines.contains { $0.contains("our-domain") } }
        #expect(lines.contains { $0.contains("curl") && $0.contains(token) && $0.contains("/scim/v2/") })
        #expect(lines.contains { $0.contains("our-domain 1.0.0: loaded (checkUser)") })
        #expect(lines.contains { $0.contains("needs-secret 1.0.0: off") && $0.contains("TOKEN") })
        #expect(lines.contains { $0.contains("broken 1.0.0: failed") })
        #expect(lines.contains { $0.contains("broken/init.lua:2") })

        #expect(try await server.client.send("POST", "/Users", ["userName": "eve"])["scimType"] == "foreignDomain")
        let ada = try await server.client.createUser("ada@example.com")
        #expect(await server.stop() == 0)

        let again = try await server.restarted()
        #expect(again.output.elements.allSatisfy { !$0.contains("mst_") }, "a token is shown once")
        #expect(try await again.client.send("GET", "/Users/\(ada)")["userName"] == "ada@example.com")
        let log = again.log.elements.joined()
        #expect(!log.contains(token))
        #expect(await again.stop(SIGINT) == 0)
    }

    @Test("Each request has one line in the log, which bears the id that stands in the answer, and no token")
    func log() async throws {
        let server = try await ServerProcess(data: data, plugins: folder.folder("Plugins"))
        let answers = [
            try await server.client.send("GET", "/Users"), try await server.client.send("GET", "/Users/none"),
            try await server.client.send("POST", "/Users", ["userName": "ada"]),
        ]
        let ids = try answers.map { try #require($0.headers["x-request-id"]) }
        #expect(Set(ids).count == ids.count)
        #expect(await server.stop() == 0)
        let lines = await server.log.finished()
        for id in ids { #expect(lines.count { $0.contains(id) } == 1) }
        #expect(!lines.contains { $0.contains(server.client.token) })
    }

    @Test("The base URL that it prints is the public one where one is named")
    func publicURL() async throws {
        try folder.write("data/muster.yaml", "server:\n  publicURL: https://people.example.com/scim/v2\n")
        let server = try await ServerProcess(data: data, plugins: folder.folder("Plugins"))
        #expect(server.output.elements.contains { $0.hasPrefix("SCIM base URL") && $0.hasSuffix(" https://people.example.com/scim/v2") })
    }

    @Test("The line to paste works as it stands")
    func curl() async throws {
        let server = try await ServerProcess(data: data, plugins: folder.folder("Plugins"))
        let line = try #require(server.output.elements.first { $0.contains("curl ") }?.firstRange(of: "curl ").map { $0 })
        let text = try #require(server.output.elements.first { $0.contains("curl ") })
        let shell = try ChildProcess(
            executable: URL(filePath: "/bin/sh"), arguments: ["-c", "exec " + text[line.lowerBound...] + " --silent --fail"],
            environment: [:])
        let output = await shell.output.reduce(into: "") { $0 += $1 }
        #expect(await shell.wait() == 0)
        #expect(try AttributeValue(json: output)["totalResults"] == 0)
    }

    @Test("A second server on the same data folder is refused; the first goes on")
    func lock() async throws {
        let plugins = try folder.folder("Plugins")
        let first = try await ServerProcess(data: data, plugins: plugins)
        let second = try await MusterCommand.run("serve", "--data", data, "--plugins", plugins, "--port", "0")
        #expect(second.status == 1)
        #expect(second.output.isEmpty)
        #expect(second.error == "Error: another server has the data folder \(data); stop it, or choose another with --data\n")
        #expect(try await first.client.send("GET", "/Users").status == 200)
        await first.kill()
        _ = try await first.restarted()
    }

    @Test("A port that is taken is an error that names it")
    func takenPort() async throws {
        let plugins = try folder.folder("Plugins")
        try await Receiver.run { [folder] receiver in
            let result = try await MusterCommand.run(
                "serve", "--data", folder.path("data"), "--plugins", plugins, "--port", "\(receiver.port)")
            #expect(result.status == 1)
            #expect(result.output.isEmpty)
            let last = result.error.split(separator: "\n").last
            #expect(last?.hasPrefix("Error: ") == true && last?.contains("\(receiver.port)") == true, "\(result.error)")
        }
    }

    @Test("Tokens made and revoked beside the running server count there within moments")
    func tokensBeside() async throws {
        let server = try await ServerProcess(data: data, plugins: folder.folder("Plugins"))
        let made = try await MusterCommand.run("token", "create", "--data", data, "--name", "okta")
        var client = server.client
        client.token = made.output.trimmingCharacters(in: .newlines)
        #expect(try await client.send("GET", "/Users").status == 200)
        #expect(try await MusterCommand.run("token", "revoke", "--data", data, "okta").status == 0)
        let deadline = ContinuousClock.now + .seconds(10)
        var status = 200
        while status == 200, ContinuousClock.now < deadline { status = try await client.send("GET", "/Users").status }
        #expect(status == 401)
        #expect(try await server.client.send("GET", "/Users").status == 200)
    }

    @Test("Settings come from muster.yaml in the data folder, and --config names another file")
    func configurationFiles() async throws {
        let plugins = try folder.folder("Plugins")
        try folder.write("data/muster.yaml", "directory:\n  maximumCount: 7\n")
        func maximum(_ server: ServerProcess) async throws -> AttributeValue? {
            try await server.client.send("GET", "/ServiceProviderConfig")["filter"]?["maxResults"]
        }
        let usual = try await ServerProcess(data: data, plugins: plugins)
        #expect(try await maximum(usual) == 7)
        await usual.kill()
        let token = usual.client.token
        let named = try await ServerProcess(
            .init(
                data: data, plugins: plugins, arguments: ["--config", folder.write("other.yaml", "directory:\n  maximumCount: 8\n")],
                token: token))
        #expect(try await maximum(named) == 8)
        await named.kill()
        let variable = try await ServerProcess(
            .init(data: data, plugins: plugins, environment: ["MUSTER_DIRECTORY_MAXIMUM_COUNT": "9"], token: token))
        #expect(try await maximum(variable) == 9)
    }

    @Test("An unknown key, a wrong value and an unknown variable keep it from starting, each with a line of its own")
    func wrongConfiguration() async throws {
        let file = try folder.write("muster.yaml", "server:\n  prot: 1\ndelivery:\n  concurrency: many\n")
        let result = try await MusterCommand.run(
            "serve", "--data", data, "--plugins", folder.folder("Plugins"), "--config", file, environment: ["MUSTER_SERVER_HSOT": "a"])
        #expect(result.status == 1)
        #expect(result.output.isEmpty)
        #expect(result.error.contains("\(file):2: unknown key 'server.prot'; did you mean 'server.port'?"))
        #expect(result.error.contains("\(file):4: delivery.concurrency: a whole number"))
        #expect(result.error.contains("unknown environment variable MUSTER_SERVER_HSOT; did you mean 'MUSTER_SERVER_HOST'?"))
        #expect(!FileManager.default.fileExists(atPath: data), "nothing was begun")
    }

    @Test("With --strict a broken plugin keeps it from starting")
    func strict() async throws {
        let plugins = try folder.plugin("broken", lua: "return {\n  onCreate = function(ctx) if end\n}")
        let result = try await MusterCommand.run("serve", "--data", data, "--plugins", plugins, "--port", "0", "--strict")
        #expect(result.status == 1)
        #expect(result.output.isEmpty)
        #expect(result.error.contains("broken/init.lua:2"))
    }

    @Test("A plugins folder that was named must be there")
    func missingPlugins() async throws {
        let missing = folder.path("none")
        let result = try await MusterCommand.run("serve", "--data", data, "--plugins", missing, "--port", "0")
        #expect(result.status == 1)
        #expect(result.error == "Error: there is no folder \(missing); name the plugins folder with --plugins\n")
    }

    @Test("A hook whose other end is down for a while delivers when it is back, also over a SIGKILL")
    func patience() async throws {
        let reserved = try ReservedPort()
        let port = reserved.number
        let plugins = try folder.plugin(
            "sign-out",
            manifest:
                #""permissions": { "http": ["http://127.0.0.1:\#(port)/*"] }, "retry": { "maxAttempts": 1000, "baseMs": 50, "maxMs": 200 }"#,
            lua: """
                return { onDeactivate = function(ctx)
                  local reply = muster.http.post("http://127.0.0.1:\(port)/out", { json = { user = ctx.user.userName, event = ctx.event.id } })
                  if reply.status >= 300 then ctx.retry { reason = "answers " .. reply.status } end
                end }
                """)
        try folder.write("data/muster.yaml", "plugins:\n  sign-out:\n    privateHosts: [127.0.0.1]\n")
        let first = try await ServerProcess(data: data, plugins: plugins)
        let ada = try await first.client.createUser("ada", ["active": true])
        try await first.client.set("active", of: ada, to: false)
        // It has tried at least once: the failure stands in the log or in the queue.
        var attempts: Int64 = 0
        while attempts < 1 {
            let list = try await MusterCommand.run("deliveries", "list", "--data", data, "--json")
            attempts = try AttributeValue(json: list.output).array?.first?["attempts"]?.integer ?? 0
        }
        await first.kill()
        let second = try await first.restarted()
        try await Receiver.run(port: port) { receiver in
            let message = try #require(await receiver.messages.wait { !$0.isEmpty }.first)
            #expect(message.path == "/out")
            #expect(message.body["user"] == "ada")
            // The receiver stays until the hook has its answer, which the server waits for before it ends.
            #expect(await second.stop() == 0)
        }
        withExtendedLifetime(reserved) {}
        #expect(try await MusterCommand.run("deliveries", "list", "--data", data).output == "Nothing is waiting.\n")
    }

    /// A plugin that says that it has begun, and then takes its time.
    private func slow(_ receiver: Receiver, seconds: Int) throws -> String {
        try folder.plugin(
            "slow", manifest: #""permissions": { "http": ["http://127.0.0.1:\#(receiver.port)/*"] }"#,
            lua: """
                return { onCreate = function(ctx)
                  muster.http.post("http://127.0.0.1:\(receiver.port)/begun", { json = { event = ctx.event.id } })
                  muster.time.sleep(\(seconds))
                end }
                """)
    }

    @Test("SIGTERM lets a hook that waits come to its end")
    func finishes() async throws {
        try await Receiver.run { [self] receiver in
            let server = try await ServerProcess(data: data, plugins: slow(receiver, seconds: 1))
            _ = try await server.client.createUser("ada")
            _ = await receiver.messages.wait { !$0.isEmpty }
            #expect(await server.stop() == 0)
            #expect(receiver.messages.elements.count == 1)
        }
        let deliveries = try await SQLiteStore(path: DataFolder(path: data).databasePath).read { try $0.deliveries(DeliveryQuery()) }
        #expect(deliveries.map(\.state) == [.delivered])
    }

    @Test("SIGTERM gives a hook back that waits for longer than the grace period, and no attempt is used up")
    func givesBack() async throws {
        try await Receiver.run { [self] receiver in
            let environment = ["MUSTER_DELIVERY_GRACE_SECONDS": "0"]
            let server = try await ServerProcess(data: data, plugins: slow(receiver, seconds: 25), environment: environment)
            _ = try await server.client.createUser("ada")
            _ = await receiver.messages.wait { !$0.isEmpty }
            #expect(await server.stop() == 0)
            let store = try SQLiteStore(path: DataFolder(path: data).databasePath)
            let delivery = try #require(try await store.read { try $0.deliveries(DeliveryQuery()) }.first)
            #expect(delivery.state == .ready && delivery.attempts == 0 && delivery.leasedUntil == nil && delivery.lastError == nil)

            // The next start begins it anew, under the same key.
            let again = try await server.restarted()
            let messages = await receiver.messages.wait { $0.count == 2 }
            await again.kill()
            let keys = messages.map { $0.headers["idempotency-key"] }
            #expect(keys[0] != nil && keys[0] == keys[1])
        }
    }

    @Test("Metrics and details tell an operator with a token how requests, hooks and the queue do")
    func operators() async throws {
        let plugins = try folder.plugin(
            "keeper", manifest: #""delivery": { "concurrency": 2, "ratePerSecond": 50 }"#,
            lua: #"return { onCreate = function(ctx) ctx.retry { after = 3000, reason = "not yet" } end }"#)
        let server = try await ServerProcess(data: data, plugins: plugins)
        _ = try await server.client.createUser("ada")
        var metrics = ""
        while !metrics.contains(#"outcome="retried""#) { metrics = try await server.client.sendToRoot("GET", "/metrics").text }
        for line in [
            #"muster_http_requests_total{method="POST",route="/scim/v2/Users",status="201"} 1"#,
            #"muster_deliveries_total{outcome="retried",subscriber="plugin:keeper"} 1"#,
            #"muster_plugin_runs_total{hook="onCreate",outcome="retry",plugin="keeper"} 1"#,
            #"muster_delivery_backlog{state="ready",subscriber="plugin:keeper"}"#,
            #"muster_delivery_oldest_due_seconds{subscriber="plugin:keeper"}"#,
            #"muster_delivery_oldest_event_seconds{subscriber="plugin:keeper"}"#,
        ] { #expect(metrics.contains(line), "\(line)") }
        var stranger = server.client
        stranger.authorization = "Bearer mst_wrong"
        for path in ["/metrics", "/health/detail"] { #expect(try await stranger.sendToRoot("GET", path).status == 401) }
        #expect(await server.stop() == 0)

        // The plugin is removed: what waits for it stays, and is named.
        try FileManager.default.removeItem(atPath: plugins + "/keeper")
        let again = try await server.restarted()
        let detail = try await again.client.sendToRoot("GET", "/health/detail")
        #expect(detail["status"] == "ok" && detail["deliveries"]?["ready"] == 1, "\(detail.text)")
        let row = try #require(detail["subscribers"]?.array?.first)
        #expect(row["name"] == "plugin:keeper" && row["present"] == false && row["behind"] == false && row["ready"] == 1)
        _ = await again.log.wait { lines in lines.contains { $0.contains("plugin:keeper") && $0.contains("is not there") } }
        #expect(try await MusterCommand.run("deliveries", "list", "--data", data).output.contains("plugin:keeper"))
        let drop = [
            "deliveries", "drop", "--data", data, "--subscriber", "plugin:keeper", "--state", "ready,blocked", "--reason", "removed",
        ]
        #expect(try await MusterCommand.run(drop + ["--dry-run"]).lines.count == 2)
        #expect(try await MusterCommand.run(drop).output == "1 dropped\n")
        #expect(await again.stop() == 0)
    }
}
