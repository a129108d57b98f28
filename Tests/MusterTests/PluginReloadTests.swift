import Foundation
import Muster
import SCIM
import Testing

@Suite("Plugins of a running server", .timeLimit(.minutes(10)))
struct PluginReloadTests {
    private let folder: TemporaryFolder
    private var data: String { folder.path("data") }

    init() throws { folder = try TemporaryFolder() }

    @discardableResult
    private func title(_ text: String) throws -> String {
        try folder.plugin("titles", lua: "return { mapUser = function(ctx) if ctx.user then ctx.user.title = '\(text)' end end }")
    }

    private func reload(_ arguments: String...) async throws -> MusterCommand.Result {
        try await MusterCommand.run(["plugin", "reload", "--data", data] + arguments)
    }

    private func created(_ name: String, by server: ServerProcess) async throws -> String? {
        try await server.client.send("POST", "/Users", ["userName": .string(name)])["title"]?.string
    }

    @Test("what root asks belongs to the folder's owner, so that the server can read it and its user can ask", .enabled(if: geteuid() == 0))
    func requestOfRoot() async throws {
        let owner = 65_534
        _ = try folder.folder("data")
        try FileManager.default.setAttributes([.ownerAccountID: owner, .groupOwnerAccountID: owner], ofItemAtPath: data)
        // Nobody serves the folder: the request is all that comes of it.
        for _ in 1...2 { await #expect(throws: DataFolder.Failure.self) { try await DataFolder(path: data).requestReload() } }
        let request = try FileManager.default.attributesOfItem(atPath: data + "/plugin-reload.request")
        #expect(request[.ownerAccountID] as? UInt == UInt(owner) && request[.groupOwnerAccountID] as? UInt == UInt(owner))
    }

    @Test("'plugin reload' takes a changed plugin and its settings up, and refuses a broken one while the last good goes on")
    func command() async throws {
        try folder.write("data/muster.yaml", "pluginReload: signal\n")
        let server = try await ServerProcess(data: data, plugins: title("one"))
        #expect(try await created("a", by: server) == "one")

        try title("two")
        let good = try await reload()
        #expect(good.status == 0, "\(good)")
        #expect(good.lines == ["titles 1.0.0: loaded (mapUser)"])
        #expect(try await created("b", by: server) == "two")

        try folder.plugin("titles", lua: "return {\n  mapUser = function(ctx) if end\n}")
        let broken = try await reload()
        #expect(broken.status == 1)
        #expect(broken.output.contains("titles/init.lua:2"), "\(broken.output)")
        #expect(try await created("c", by: server) == "two")
        let list = try await MusterCommand.run("plugin", "list", "--data", data, "--plugins", folder.path("Plugins"))
        #expect(list.lines[0].contains("SERVER"))
        #expect(list.lines[1].contains("1.0.0, last good") && list.lines[1].contains("titles/init.lua:2"), "\(list.output)")
        let log = await server.log.wait { lines in lines.contains { $0.contains("titles/init.lua:2") } }
        #expect(log.contains { $0.contains("error") && $0.contains("titles/init.lua:2") })

        // A restart beside the broken one serves the last good one too.
        #expect(await server.stop() == 0)
        let again = try await server.restarted()
        #expect(try await created("d", by: again) == "two")
        #expect(again.output.elements.contains { $0.contains("this is the last good version") } == true)

        try title("three")
        try folder.write(
            "data/muster.yaml", "pluginReload: signal\nserver:\n  maximumConnections: 7\nplugins:\n  titles:\n    enabled: false\n")
        let off = try await reload("--json")
        #expect(off.status == 0)
        let document = try AttributeValue(json: off.output)
        #expect(document["needingRestart"] == ["server"])
        #expect(document["plugins"]?.array?.first?["loaded"] == false)
        #expect(try await created("e", by: again) == nil)
        #expect(await again.stop() == 0)
    }

    @Test("a configuration with a mistake changes nothing")
    func configuration() async throws {
        let server = try await ServerProcess(data: data, plugins: title("one"))
        try folder.write("data/muster.yaml", "plugns: {}\n")
        let refused = try await reload()
        #expect(refused.status == 1)
        #expect(refused.lines.first?.hasSuffix("muster.yaml:1: unknown key 'plugns'; did you mean 'plugins'?") == true, "\(refused)")
        #expect(try await created("a", by: server) == "one")
    }

    @Test("SIGHUP does the same, and by itself a change is taken up too")
    func signalAndWatch() async throws {
        try folder.write("data/muster.yaml", "pluginReload: signal\n")
        let signalled = try await ServerProcess(data: data, plugins: title("one"))
        try title("two")
        signalled.signal(SIGHUP)
        await signalled.log.wait { lines in lines.contains { $0.contains("plugin titles 1.0.0: loaded") } }
        #expect(try await created("a", by: signalled) == "two")
        #expect(await signalled.stop() == 0)

        try folder.write("data/muster.yaml", "")
        let watching = try await signalled.restarted()
        try title("three")
        await watching.log.wait { lines in lines.contains { $0.contains("plugin titles 1.0.0: loaded") } }
        #expect(try await created("b", by: watching) == "three")
        #expect(await watching.stop() == 0)
    }

    @Test("'plugin reload' without a server says so, also where one has left its data")
    func noServer() async throws {
        let nothing = try await reload()
        #expect(nothing.status == 1)
        #expect(nothing.error.hasPrefix("Error: no server has the data folder \(data)"), "\(nothing.error)")
        let server = try await ServerProcess(data: data, plugins: title("one"))
        await server.kill()
        let gone = try await reload()
        #expect(gone.status == 1)
        #expect(gone.error.hasPrefix("Error: no server has the data folder \(data)"), "\(gone.error)")
    }

    @Test("a shadow follows the live version of a server, sends nothing, and 'plugin shadow' lists what it does otherwise")
    func shadow() async throws {
        let messages = try await Receiver.run { [folder, data] receiver in
            func write(_ path: String, _ version: String, _ template: String) throws {
                try folder.write(
                    "\(path)/plugin.json",
                    """
                    {"name": "mails", "version": "\(version)", "api": 1, "permissions": {"http": ["\(receiver.url("/"))*"]}}
                    """)
                try folder.write(
                    "\(path)/init.lua",
                    """
                    return { onCreate = function(ctx)
                      muster.http.post("\(receiver.url("/send"))", { json = { template = "\(template)", to = ctx.user.userName } })
                    end }
                    """)
            }
            try write("Plugins/mails", "1.0.0", "old")
            try write("next", "1.1.0", "new")
            try folder.write("data/muster.yaml", "plugins:\n  mails:\n    shadow: \(folder.path("next"))\n")
            let server = try await ServerProcess(data: data, plugins: folder.path("Plugins"))
            #expect(server.output.elements.contains { $0.hasPrefix("Plugins") })
            let none = try await MusterCommand.run("plugin", "shadow", "--data", data, "other")
            #expect(none.status == 1 && none.error.hasPrefix("Error: no shadow of 'other' has run yet"), "\(none)")
            let ada = try await server.client.createUser("ada@example.com")
            var shown = try await MusterCommand.run("plugin", "shadow", "--data", data, "mails")
            while shown.status != 0 { shown = try await MusterCommand.run("plugin", "shadow", "--data", data, "mails") }
            #expect(shown.lines[0].hasPrefix("mails 1.0.0 live, 1.1.0 in its shadow, since 20"), "\(shown.output)")
            #expect(shown.lines[1] == "1 runs: 0 agree, 1 diverge; 0 more were not followed")
            #expect(shown.lines[2].contains("  onCreate  User/\(ada)  (request "))
            #expect(shown.lines.suffix(2) == ["  ~ POST \(receiver.url("/send"))", "      ~ body.template"])
            #expect(!shown.output.contains("ada@"))
            let json = try await AttributeValue(json: MusterCommand.run("plugin", "shadow", "--data", data, "mails", "--json").output)
            #expect(json["divergences"] == 1 && json["lastDivergences"]?.array?.first?["hook"] == "onCreate")
            #expect(await server.stop() == 0)
            return receiver.messages.elements
        }
        #expect(messages.map { $0.body["template"] } == ["old"])
    }

    @Test("a pinned plugin that changes is refused until it is pinned again")
    func pins() async throws {
        let plugins = try title("one")
        func muster(_ arguments: String...) async throws -> MusterCommand.Result {
            try await MusterCommand.run(["plugin"] + arguments + ["--data", data])
        }
        #expect(try await muster("pin", "--plugins", plugins, "--verify").status == 1, "nothing is pinned")
        let pinned = try await muster("pin", "--plugins", plugins)
        #expect(pinned.status == 0 && pinned.lines.first?.hasPrefix("titles  ") == true, "\(pinned)")
        #expect(try await muster("pin", "--plugins", plugins, "--verify").output == "1 plugins are as they were pinned\n")
        let next = try folder.folder("next")
        try FileManager.default.copyItem(atPath: plugins + "/titles", toPath: next + "/titles")
        #expect(try await muster("pin", "--shadow", next + "/titles").status != 0, "whose shadow is not said")
        let shadow = try await muster("pin", "titles", "--shadow", next + "/titles")
        #expect(shadow.status == 0 && shadow.lines.first?.hasPrefix("titles@shadow  ") == true, "\(shadow)")
        #expect(try await muster("pin", "--plugins", plugins, "--verify").output == "1 plugins are as they were pinned\n")
        let server = try await ServerProcess(data: data, plugins: plugins, arguments: ["--strict"])

        try title("two")
        let verified = try await muster("pin", "--plugins", plugins, "--verify")
        #expect(verified.status == 1 && verified.output.contains("titles/init.lua: error: the file is not as it was pinned"))
        let check = try await muster("check", "--plugins", plugins)
        #expect(check.status == 1 && check.output.contains("not as it was pinned"))
        let refused = try await muster("reload")
        #expect(refused.status == 1 && refused.output.contains("run 'muster plugin pin titles'"), "\(refused)")
        #expect(try await created("a", by: server) == "one")

        #expect(try await muster("pin", "titles", "--plugins", plugins).status == 0)
        #expect(try await muster("reload").status == 0)
        #expect(try await created("b", by: server) == "two")

        #expect(try await muster("unpin", "titles").status == 0)
        #expect(try await muster("reload").output.contains("the plugin is not pinned"))
        #expect(try await muster("unpin", "--all").output == "nothing is pinned any more\n")
        #expect(try await muster("reload").status == 0)
        #expect(try await muster("unpin", "--all").status == 1)
    }
}
