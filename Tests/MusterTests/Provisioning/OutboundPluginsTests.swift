import Foundation
import Muster
import MusterCore
import MusterPlugins
import MusterProvisioner
import MusterTesting
import SCIM
import Testing

@Suite("Plugins and provisioning", .timeLimit(.minutes(5)))
struct OutboundPluginsTests {
    private static let lua = """
        local function tell(ctx)
          muster.http.post("https://hook.example/" .. ctx.action, { json = {
            user = ctx.user.userName, account = ctx.remoteId, title = ctx.document.title, error = ctx.error } })
        end
        return {
          mapOutbound = function(ctx)
            if ctx.user.userName == "eve" then ctx.reject { reason = "no cost centre" } end
            if ctx.user.userName == "bob" then ctx.skip("not yet") end
            ctx.document.title = ctx.config.title .. " at " .. ctx.target
          end,
          onProvisioned = tell, onProvisionFailed = tell,
        }
        """

    private static let manifest = """
        "permissions": { "http": ["https://hook.example/*"] },
        "config": { "type": "object", "properties": { "title": { "type": "string", "default": "Agent" } } }
        """

    @Test("mapOutbound decides what a target is sent; a rejected person has failed with the reason; ends are told over HTTP")
    func engine() async throws {
        let folder = try TemporaryFolder()
        let test = try await TestProvider()
        try await test.run { client in
            for name in ["ada", "bob", "carl", "eve"] { _ = try await client.createUser(name) }
        }
        let (target, hook) = (FakeTarget(), RecordingTransport())
        target.switches.refusedUserNames = ["carl"]
        hook.stub("POST", "https://hook.example/*", OutboundResponse(status: 204))
        let host = PluginHost(
            directory: URL(filePath: try folder.plugin("shape", manifest: Self.manifest, lua: Self.lua)), store: test.store,
            world: PluginWorld(store: test.store, transport: hook), settings: PluginSettings(), logger: .quiet)
        #expect(try await host.load().map(\.state) == [.loaded])
        let provisioner = Provisioner(
            store: test.store, transport: target, configuration: Configuration(),
            hooks: ProvisioningHooks(plugins: { _ in host }, untold: { Issue.record($0) }), environment: ["MUSTER_SECRET_TOKEN": "secret"],
            isOnlyWorker: true, logger: .quiet)
        let definition: AttributeValue = [
            "name": "app", "preset": "rfc", "baseURL": "https://app.example.com/scim/v2", "scope": ["everyone": true],
            "authentication": ["type": "bearer", "token": "TOKEN"],
            "approval": ["create": false, "update": false, "delete": false, "groups": false],
        ]
        try await provisioner.save(definition, in: .default, by: "test")
        #expect(try await provisioner.connect("app", in: .default, by: "test").batch?.people == 4)
        await provisioner.drain()

        #expect(target.users.map { $0["userName"] } == ["ada"], "bob is skipped, eve rejected, carl refused there")
        #expect(target.user(named: "ada")?["title"] == "Agent at app")
        let open = try await test.store.read { try $0.provisioningTasks(ProvisioningTaskQuery(limit: 100)) }
        #expect(open.count == 2 && open.allSatisfy { $0.state == .failed })
        #expect(open.contains { $0.lastError == "a plugin refuses: shape: no cost centre" }, "\(open.map(\.lastError))")
        let told = try hook.requests.map { try AttributeValue(json: $0.body) }
        #expect(told.count == 2)
        let ada = try #require(told.first { $0["user"] == "ada" })
        #expect(ada == ["account": "u1", "title": "Agent at app", "user": "ada"])
        let carl = try #require(told.first { $0["user"] == "carl" })
        #expect(carl["account"] == nil && carl["error"]?.string?.isEmpty == false)
        #expect(hook.requests.allSatisfy { $0.url == "https://hook.example/create" })
    }

    @Test("a command plans with the plugins of the folder what the server sends with them, and says which do not run")
    func commands() async throws {
        let bench = try await ProvisioningBench()
        _ = try await bench.add("--group", "Eng", "--no-approval", "--updates", "only-changes")
        _ = try await bench.run("target", "connect", "app")
        let plugins = try bench.folder.plugin(
            "shape",
            lua: "return { mapOutbound = function(ctx) ctx.document.title = 'Agent at ' .. ctx.target end }")
        try bench.folder.plugin(
            "secretive", manifest: #""permissions": {"secrets": ["KEY"]}"#, lua: "return { onProvisioned = function() end }")
        let planned = try await bench.run("target", "provision", "app", "--user", "ada", "--explain", "--plan-only")
        #expect(planned.status == 0 && planned.output.contains("Agent at app"), "\(planned.output)\(planned.error)")
        #expect(planned.error.contains("secretive 1.0.0: off (the secret 'KEY' is missing)"), "\(planned.error)")
        try await bench.work(plugins: plugins)
        #expect(try await bench.accounts().values.map { $0["title"] } == ["Agent at app", "Agent at app"])
        let again = try await bench.run("target", "provision", "app", "--user", "ada", "--plan-only")
        #expect(again.output.contains("nothing to do"), "the command sees the server's document: \(again.output)\(again.error)")

        try bench.folder.plugin("broken", lua: "return {")
        let refused = try await bench.run("target", "provision", "app", "--user", "ada", "--plan-only")
        #expect(refused.status == 1)
        #expect(
            (refused.output + refused.error).contains("the plugins cannot be loaded: broken/init.lua"), "\(refused.output)\(refused.error)")
        #expect(try await bench.run("target", "list").status == 0, "what plans nobody needs no plugins")
        let none = try bench.folder.folder("None")
        let bare = try await bench.run("target", "provision", "app", "--user", "ada", "--explain", "--plan-only", "--plugins", none)
        #expect(bare.status == 0 && !bare.output.contains("Agent at app"), "\(bare.output)\(bare.error)")
    }
}
