import Foundation
import Logging
import Muster
import Testing

/// `muster lua`, fed through a pipe.
@Suite("muster lua") struct LuaConsoleTests {
    private let folder: TemporaryFolder
    private var data: String { folder.path("data") }

    init() throws {
        folder = try TemporaryFolder()
        try folder.plugin(
            "greeter", manifest: #""permissions": { "http": ["https://api.example.com/*"], "kv": true }"#,
            lua: """
                local plugin = {}
                function plugin.onCreate(ctx)
                  muster.http.post("https://api.example.com/hello", { json = { to = ctx.user.userName } })
                  muster.kv.set("greeted", true)
                end
                return plugin
                """)
    }

    private func muster(_ input: String, _ arguments: String...) async throws -> MusterCommand.Result {
        let file = try folder.write("input.lua", input)
        return try await MusterCommand.run(
            ["lua", "--data", data, "--plugins", folder.path("Plugins")] + arguments, input: URL(filePath: file))
    }

    /// A database with one user.
    private func makeUser() async throws -> String {
        try DataFolder(path: data).create()
        let store = try SQLiteStore(path: DataFolder(path: data).databasePath)
        let test = try await TestProvider(store: store, provider: ServiceProvider(store: store, logger: .quiet))
        let id = try await test.run { client in try await client.createUser("ada") }
        try store.close()
        return id
    }

    /// The bytes of every file of the data folder.
    private func files() throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: data)
        return Dictionary(uniqueKeysWithValues: try names.map { ($0, try Data(contentsOf: URL(filePath: data).appending(path: $0))) })
    }

    @Test("reads texts from a pipe, runs a hook on a copy, shows what it would have sent, and leaves the database as it is")
    func piped() async throws {
        let id = try await makeUser()
        let before = try files()
        let result = try await muster(
            """
            1 + 1
            users('userName eq "ada"')[1].id
            function twice(x)
              return x * 2
            end
            twice(21)
            run("onCreate", "\(id)")
            muster.kv.get("greeted")
            :help
            :quit
            error("never read")
            """, "--plugin", "greeter")
        #expect(result.status == 0, "\(result.error)")
        #expect(result.error.isEmpty, "\(result.error)")
        #expect(
            result.output.hasPrefix(
                "2\n\"\(id)\"\n42\nhttp POST https://api.example.com/hello {\"to\":\"ada\"} (not sent)\nkv set greeted true (not kept)\n"),
            "\(result.output)")
        #expect(
            result.output.contains("outcome = \"done\"") && result.output.contains("\ntrue\n")
                && result.output.contains("run(HOOK, ID, CHANGES)"))
        #expect(try files() == before)
    }

    @Test("a text that fails is told on standard error with its line, the next one runs, and the exit code is 1")
    func failing() async throws {
        _ = try await makeUser()
        let result = try await muster("nope()\n'on'\nfor i = 1, 2 do\n", "--plugin", "greeter")
        #expect(result.status == 1)
        #expect(result.output == "\"on\"\n")
        #expect(result.error.contains("console:1: undefined global 'nope'") && result.error.contains("near <eof>"), "\(result.error)")
    }

    @Test("says what is not there: plugin, database, tenant")
    func missing() async throws {
        #expect(try await muster("1", "--plugin", "greeter").error.contains("there is no database in \(data)"))
        _ = try await makeUser()
        let plugin = try await muster("1", "--plugin", "greter")
        #expect(plugin.status == 1 && plugin.error.contains("did you mean 'greeter'?"), "\(plugin.error)")
        let tenant = try await muster("1", "--plugin", "greeter", "--tenant", "nobody")
        #expect(tenant.status == 1 && tenant.error.contains("there is no tenant 'nobody'"), "\(tenant.error)")
    }

    @Test("requests reach the world only with --live-http")
    func live() async throws {
        _ = try await makeUser()
        try await Receiver.run { receiver in
            let permission = "\"permissions\": { \"http\": [\"\(receiver.url("/*"))\"] }"
            try folder.plugin("caller", manifest: permission, lua: "return {}")
            let text = "muster.http.post(\"\(receiver.url("/hello"))\", { body = \"hi\" }).status"
            let dry = try await muster(text, "--plugin", "caller")
            #expect(dry.output == "http POST \(receiver.url("/hello")) hi (not sent)\n200\n", "\(dry.output)\(dry.error)")
            #expect(receiver.messages.elements.isEmpty)
            let live = try await muster(text, "--plugin", "caller", "--live-http")
            #expect(live.output == "200\n", "\(live.output)\(live.error)")
            #expect(receiver.messages.elements.map(\.text) == ["hi"])
        }
    }
}
