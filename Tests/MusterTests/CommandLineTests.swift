import Foundation
import Muster
import MusterPlugins
import Testing

@Suite("The command muster")
struct CommandLineTests {
    private let folder: TemporaryFolder
    private var data: String { folder.path("data") }

    init() throws { folder = try TemporaryFolder() }

    /// A data folder that holds one delivery that was set aside.
    /// - Returns: The delivery.
    private func setAside(reason: String = "no such mailbox") async throws -> Delivery {
        try DataFolder(path: data).create()
        let store = try SQLiteStore(path: DataFolder(path: data).databasePath)
        var hooks = LifecycleHooks(name: "recorder")
        hooks.on([.userCreated], outcome: { _ in .fail(reason: reason) })
        let provider = try await ServiceProvider(store: store, hooks: [hooks], logger: .quiet)
        let test = try await TestProvider(store: store, provider: provider)
        try await test.run { client in
            _ = try await client.createUser("ada")
            try await provider.drainDeliveries()
        }
        return try #require(await store.read { try $0.deliveries(DeliveryQuery()) }.first)
    }

    @Test("says its version, alone")
    func version() async throws {
        let result = try await MusterCommand.run("--version")
        #expect(result.status == 0)
        #expect(result.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil, "\(result.output)")
    }

    // MARK: Help

    @Test(
        "teaches with --help; the texts are kept in Snapshots (RECORD_SNAPSHOTS=1 renews them)",
        arguments: [
            [], ["serve"], ["token"], ["token", "create"], ["token", "list"], ["token", "rotate"], ["token", "revoke"],
            ["token", "hash-password"], ["plugin"], ["plugin", "list"],
            ["plugin", "check"], ["plugin", "reload"], ["plugin", "pin"], ["plugin", "unpin"], ["plugin", "shadow"],
            ["plugin", "schedule"], ["deliveries"],
            ["deliveries", "list"], ["deliveries", "show"], ["deliveries", "retry"], ["deliveries", "drop"], ["test"], ["rehearse"],
            ["replay"],
            ["plugin", "new"], ["plugin", "docs"], ["plugin", "definitions"], ["lua"], ["import"], ["target"], ["target", "add"],
            ["target", "list"], ["target", "show"], ["target", "set"], ["target", "remove"], ["target", "test"], ["target", "connect"],
            ["target", "disconnect"], ["target", "resume"], ["target", "wait"], ["target", "groups"], ["target", "assign"],
            ["target", "unassign"],
            ["target", "assignments"], ["target", "adopt"], ["target", "provision"], ["target", "reconcile"], ["target", "history"],
            ["target", "presets"], ["target", "macros"], ["target", "template"], ["mapping"], ["mapping", "show"], ["mapping", "set"],
            ["mapping", "check"], ["mapping", "test"], ["mapping", "reapply"], ["approval"], ["approval", "list"], ["approval", "show"],
            ["approval", "approve"], ["approval", "reject"], ["audit"],
        ])
    func help(command: [String]) async throws {
        let result = try await MusterCommand.run(command + ["--help"])
        #expect(result.status == 0)
        #expect(result.error.isEmpty)
        try Snapshot("help" + command.map { "-" + $0 }.joined()).expect(result.output)
    }

    @Test(
        "answers what it does not understand with 64, a line that says so, and nothing on standard output",
        arguments: [["frobnicate"], ["serve", "--prot", "1"], ["token", "create"], ["deliveries", "retry"], ["serve", "--port", "x"]])
    func usage(arguments: [String]) async throws {
        let result = try await MusterCommand.run(arguments)
        #expect(result.status == 64)
        #expect(result.output.isEmpty)
        #expect(result.error.hasPrefix("Error: "))
    }

    // MARK: Schedules

    @Test("lists the plugins' schedules with their next times, and the last run of each tenant")
    func schedules() async throws {
        try DataFolder(path: data).create()
        let store = try SQLiteStore(path: DataFolder(path: data).databasePath)
        let lua = "return { onSchedule = function(ctx) end }"
        try folder.plugin("nightly", manifest: #""schedule": "0 6 * * *", "scheduleZone": "Europe/Berlin""#, lua: lua)
        try folder.plugin("fresh", manifest: #""schedule": "@daily""#, lua: lua)
        try folder.plugin("plain", lua: "return {}")
        let states: [(String, AttributeValue)] = [
            ("default", ["slot": 1_767_243_600_000, "attempts": 1]),
            ("acme", ["slot": 1_767_243_600_000, "attempts": 2, "due": 1_767_243_660_000, "lastError": "the service is away"]),
            ("lost", ["slot": 1_767_243_600_000, "attempts": 12, "lastError": "gone"]),
            ("new", ["slot": 1_767_243_600_000, "attempts": 0]),
        ]
        try await store.write { transaction in
            for (name, state) in states {
                let tenant = Tenant(name: name)
                if tenant != .default { try transaction.createTenant(tenant) }
                try transaction.setPluginValue(
                    "muster:schedule", PluginValue(state).bytes, plugin: "nightly", tenant: tenant, expires: nil)
            }
        }
        let arguments = ["plugin", "schedule", "--data", data, "--plugins", folder.path("Plugins")]
        let result = try await MusterCommand.run(arguments)
        #expect(result.status == 0, "\(result.error)")
        #expect(
            result.lines.count == 6 && result.lines[0].split(separator: " ") == ["NAME", "SCHEDULE", "NEXT", "TENANT", "LAST", "STATE"])
        #expect(
            result.lines[1].wholeMatch(of: /fresh +@daily +20\S+T00:00:00.000Z +- +- +no server has seen it yet/) != nil, "\(result.lines)")
        let rows = result.lines.dropFirst(2)
        #expect(rows.allSatisfy { $0.hasPrefix("nightly") && $0.contains("0 6 * * * Europe/Berlin") })
        for end in [
            "default  2026-01-01T05:00:00.000Z  done",
            "acme     2026-01-01T05:00:00.000Z  is tried again at 2026-01-01T05:01:00.000Z: the service is away",
            "lost     2026-01-01T05:00:00.000Z  failed: gone", "new      -                         has not run yet",
        ] { #expect(rows.contains { $0.hasSuffix(end) }, "\(end): \(result.output)") }

        let json = try await AttributeValue(json: MusterCommand.run(arguments + ["--json"]).output)
        #expect(json.array?.map { $0["plugin"] } == ["fresh", "nightly"] && json.array?[0]["tenants"] == .array([]))
        let acme = json.array?[1]["tenants"]?.array?.first { $0["tenant"] == "acme" }
        #expect(
            acme == [
                "tenant": "acme", "last": "2026-01-01T05:00:00.000Z", "attempts": 2, "state": "again", "due": "2026-01-01T05:01:00.000Z",
                "error": "the service is away",
            ])
    }

    // MARK: Tokens

    @Test("makes a token and prints it alone; lists it without its secret; revokes it")
    func tokens() async throws {
        let created = try await MusterCommand.run("token", "create", "--data", data, "--name", "onelogin")
        #expect(created.status == 0, "\(created.error)")
        #expect(created.error.isEmpty)
        #expect(created.output.wholeMatch(of: /mst_[a-z0-9]+_[A-Za-z0-9_-]{43}\n/) != nil, "\(created.output)")
        let secret = try #require(created.output.split(separator: "_", maxSplits: 2).last).dropLast()

        let list = try await MusterCommand.run("token", "list", "--data", data)
        #expect(list.lines.count == 2)
        #expect(list.lines[0].split(separator: " ") == ["ID", "NAME", "TENANT", "SCOPES", "DIALECT", "CREATED", "LAST", "USED", "STATE"])
        #expect(list.lines[1].contains("onelogin"))
        #expect(list.lines[1].hasSuffix("active"))
        #expect(!list.output.contains(secret))

        let json = try await AttributeValue(json: MusterCommand.run("token", "list", "--data", data, "--json").output)
        let token = try #require(json.array?.first)
        #expect(token["name"] == "onelogin")
        #expect(token["revoked"] == .null)
        #expect(created.output.hasPrefix("mst_\(try #require(token["id"]?.string))_"))

        #expect(try await MusterCommand.run("token", "revoke", "--data", data, "onelogin").status == 0)
        let after = try await MusterCommand.run("token", "list", "--data", data)
        #expect(after.lines[1].contains("revoked 20"))
        let again = try await MusterCommand.run("token", "revoke", "--data", data, "onelogin")
        #expect(again.status == 1)
        #expect(again.error == "Error: there is no active token with the id or name 'onelogin'; see 'muster token list'\n")
    }

    @Test("makes no second token of one name, and none with a name that no log could show")
    func tokenNames() async throws {
        #expect(try await MusterCommand.run("token", "create", "--data", data, "--name", "a").status == 0)
        for name in ["a", "", "two\nlines", String(repeating: "x", count: 129)] {
            let result = try await MusterCommand.run("token", "create", "--data", data, "--name", name)
            #expect(result.status == 1, "\(name)")
            #expect(result.output.isEmpty)
            #expect(result.error.split(separator: "\n").count == 1)
        }
        #expect(try await MusterCommand.run("token", "revoke", "--data", data, "a").status == 0)
        #expect(try await MusterCommand.run("token", "create", "--data", data, "--name", "a").status == 0, "the name is free again")
    }

    @Test("makes tokens that end, may do less and have a dialect, and tells so")
    func limitedTokens() async throws {
        let arguments = ["--scope", "read:User", "--scope", "write:Group", "--expires", "90d", "--dialect", "Okta"]
        #expect(try await MusterCommand.run(["token", "create", "--data", data, "--name", "okta"] + arguments).status == 0)
        let list = try await MusterCommand.run("token", "list", "--data", data)
        #expect(list.lines[1].contains("  read:User write:Group  okta  "))
        #expect(list.lines[1].contains("  never  ") && list.lines[1].contains("active until 20"))
        let json = try await AttributeValue(json: MusterCommand.run("token", "list", "--data", data, "--json").output)
        let token = try #require(json.array?.first)
        #expect(token["scopes"] == ["read:User", "write:Group"])
        #expect(token["dialect"] == "okta" && token["tenant"] == "default" && token["lastUsed"] == .null)
        #expect(token["expires"]?.string?.hasPrefix("20") == true)
    }

    @Test(
        "refuses a token that would be none",
        arguments: [
            ["--scope", "reed"], ["--scope", ","], ["--expires", "soon"], ["--expires", "-1d"], ["--expires", "1000000d"],
            ["--dialect", "x"],
            ["--tenant", "nobody"],
        ])
    func wrongTokens(arguments: [String]) async throws {
        let result = try await MusterCommand.run(["token", "create", "--data", data, "--name", "a"] + arguments)
        #expect(result.status != 0)
        #expect(result.output.isEmpty)
    }

    @Test("makes the next token of a name, and no third")
    func rotation() async throws {
        _ = try await MusterCommand.run("token", "create", "--data", data, "--name", "okta")
        let next = try await MusterCommand.run("token", "rotate", "--data", data, "okta", "--overlap", "2h")
        #expect(next.output.hasPrefix("mst_") && next.lines.count == 1)
        let list = try await MusterCommand.run("token", "list", "--data", data)
        #expect(list.lines.dropFirst().map { $0.contains("active until") } == [true, false])
        let third = try await MusterCommand.run("token", "rotate", "--data", data, "okta")
        #expect(third.status == 1)
        #expect(third.error.contains("two live tokens"))
        #expect(try await MusterCommand.run("token", "revoke", "--data", data, "okta").status == 0)
        let after = try await MusterCommand.run("token", "list", "--data", data)
        #expect(after.lines.dropFirst().allSatisfy { $0.contains("revoked 20") })
        #expect(try await MusterCommand.run("token", "rotate", "--data", data, "okta").status == 1)
    }

    @Test("makes data that only its owner can read")
    func permissions() async throws {
        _ = try await MusterCommand.run("token", "create", "--data", data, "--name", "a")
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(data) == 0o700)
        #expect(try mode(data + "/muster.sqlite") == 0o600)
    }

    @Test(
        "tells that there is no database where none is, instead of making one",
        arguments: [
            ["token", "list"], ["token", "revoke", "x"], ["deliveries", "list"], ["deliveries", "show", "1"],
            ["deliveries", "retry", "--all"], ["deliveries", "drop", "--all", "--reason", "x"], ["target", "list"],
            ["target", "connect", "x"],
            ["mapping", "show"], ["mapping", "reapply"], ["approval", "list"], ["approval", "approve", "1"], ["audit"],
        ])
    func noDatabase(command: [String]) async throws {
        let result = try await MusterCommand.run(command + ["--data", data])
        #expect(result.status == 1)
        #expect(result.error == "Error: there is no database in \(data); name the data folder of the server with --data\n")
        #expect(!FileManager.default.fileExists(atPath: data))
    }

    @Test("tells that a file is no database of ours, and leaves it as it is")
    func foreignDatabase() async throws {
        try folder.write("data/muster.sqlite", "not a database at all, but long enough to be looked at as one")
        let result = try await MusterCommand.run("token", "list", "--data", data)
        #expect(result.status == 1)
        #expect(result.error.hasPrefix("Error: cannot use the database '\(data)/muster.sqlite'"), "\(result.error)")
        #expect(result.error.split(separator: "\n").count == 1)
    }

    @Test("tells that the data folder cannot be one, and that a configuration cannot be read")
    func badPaths() async throws {
        let file = try folder.write("file", "")
        let created = try await MusterCommand.run("token", "create", "--data", file, "--name", "a")
        #expect(created.status == 1)
        #expect(created.error.hasPrefix("Error: cannot make the data folder \(file)"), "\(created.error)")
        #expect(created.error.split(separator: "\n").count == 1)
        let missing = folder.path("none.yaml")
        let served = try await MusterCommand.run("serve", "--data", data, "--config", missing)
        #expect(served.status == 1)
        #expect(served.error == "Error: \(missing): the file cannot be read\n")
    }

    // MARK: Deliveries

    @Test("lists, shows, retries and drops what was set aside")
    func deliveries() async throws {
        let delivery = try await setAside()
        let list = try await MusterCommand.run("deliveries", "list", "--data", data)
        #expect(list.lines.count == 2)
        #expect(list.lines[0].hasPrefix("ID"))
        for part in ["setAside", "swift:recorder", "onCreate", delivery.event.subject.id, "no such mailbox"] {
            #expect(list.lines[1].contains(part))
        }
        let column = try #require(list.lines[0].range(of: "STATE")).lowerBound
        #expect(list.lines[1][column...].hasPrefix("setAside"), "columns stand below their titles")

        let shown = try await AttributeValue(json: MusterCommand.run("deliveries", "show", "--data", data, "\(delivery.id)").output)
        #expect(shown["eventID"]?.string == delivery.event.id)
        #expect(shown["actor"] == "tests")
        #expect(shown["before"] == .null)
        #expect(shown["after"]?["userName"] == "ada")
        #expect(shown["changes"]?.array?.contains("userName") == true)
        #expect(shown["lastError"] == "no such mailbox")

        let retried = try await MusterCommand.run("deliveries", "retry", "--data", data, "\(delivery.id)")
        #expect(retried.output == "1 will be tried again\n")
        let ready = try await AttributeValue(json: MusterCommand.run("deliveries", "list", "--data", data, "--json").output)
        #expect(ready.array?.map { $0["state"] } == ["ready"])
        #expect(ready.array?.map { $0["attempts"] } == [0])
        #expect(try await MusterCommand.run("deliveries", "retry", "--data", data, "\(delivery.id)").status == 1)

        let dropped = try await MusterCommand.run("deliveries", "drop", "--data", data, "\(delivery.id)", "--reason", "left long ago")
        #expect(dropped.output == "1 dropped\n")
        #expect(try await MusterCommand.run("deliveries", "list", "--data", data).output == "Nothing is waiting.\n")
        let old = try await MusterCommand.run("deliveries", "list", "--data", data, "--state", "dropped")
        #expect(old.output.contains("left long ago"))
        #expect(try await MusterCommand.run("deliveries", "drop", "--data", data, "\(delivery.id)", "--reason", "x").status == 1)
    }

    @Test("lets no text of others break the table or command the terminal")
    func harmless() async throws {
        _ = try await setAside(reason: "first\nsecond\u{1B}[31m\u{9B}2J\tend")
        let list = try await MusterCommand.run("deliveries", "list", "--data", data)
        #expect(list.lines.count == 2)
        #expect(list.lines[1].hasSuffix("first second [31m 2J end"))
    }

    @Test("finds deliveries by hook, tenant, subject, time and error, and with --dry-run changes nothing")
    func filters() async throws {
        let delivery = try await setAside()
        func found(_ arguments: String...) async throws -> Bool {
            let retry = ["deliveries", "retry", "--data", data, "--dry-run"] + arguments
            let listed = try await MusterCommand.run(retry)
            #expect(listed.status == 0, "\(listed.error)")
            let listing = try await MusterCommand.run(["deliveries", "list", "--data", data] + arguments)
            let isListed = listing.output != "Nothing is waiting.\n"
            #expect(isListed == (listed.output != "Nothing is meant by that.\n"))
            return isListed
        }
        #expect(try await found("--hook", "oncreate,onDelete"))
        #expect(try await !found("--hook", "onDelete"))
        #expect(try await found("--tenant", "default"))
        #expect(try await !found("--tenant", "acme"))
        #expect(try await found("--subject", delivery.event.subject.id))
        #expect(try await !found("--subject", "nobody"))
        #expect(try await found("--since", "1h"))
        #expect(try await !found("--until", "1h"))
        #expect(try await found("--since", "2026-01-01T00:00:00Z", "--error", "mailbox"))
        #expect(try await !found("--error", "Mailbox"))
        for wrong in [["--hook", "onCreat"], ["--since", "yesterday"]] {
            #expect(try await MusterCommand.run(["deliveries", "list", "--data", data] + wrong).status == 64)
        }
        #expect(
            try await MusterCommand.run("deliveries", "retry", "--data", data, "--error", "mailbox").output == "1 will be tried again\n")
    }

    @Test("selects deliveries by state and subscriber")
    func selection() async throws {
        _ = try await setAside()
        func count(_ arguments: String...) async throws -> Int? {
            let result = try await MusterCommand.run(["deliveries", "list", "--data", data, "--json"] + arguments)
            return try AttributeValue(json: result.output).array?.count
        }
        #expect(try await count("--state", "setAside") == 1)
        #expect(try await count("--state", "setaside,ready") == 1)
        #expect(try await count("--state", "ready") == 0)
        #expect(try await count("--subscriber", "swift:recorder") == 1)
        #expect(try await count("--subscriber", "plugin:other") == 0)
        #expect(try await count("--limit", "0") == 0)
        let unknown = try await MusterCommand.run("deliveries", "list", "--data", data, "--state", "stuck")
        #expect(unknown.status == 64)
        #expect(unknown.error.contains("there is no state 'stuck'; known are: blocked, ready"))
        let missing = try await MusterCommand.run("deliveries", "show", "--data", data, "4711")
        #expect(missing.status == 1)
        #expect(missing.error == "Error: there is no delivery 4711\n")
        let others = try await MusterCommand.run("deliveries", "retry", "--data", data, "--subscriber", "plugin:other")
        #expect(others.status == 1)
        #expect(try await MusterCommand.run("deliveries", "retry", "--data", data, "--all").output == "1 will be tried again\n")
    }

    // MARK: Plugins

    @Test("lists plugins with state and reason, and finds mistakes with file and line")
    func plugins() async throws {
        try folder.plugin("our-domain", lua: PluginsTests.veto)
        try folder.plugin(
            "needs-secret", manifest: #""permissions": { "secrets": ["TOKEN"] }"#,
            lua: "return { onDelete = function() return muster.secrets.get('TOKEN') end }")
        let plugins = try folder.plugin("broken", lua: "return {\n  onCreate = function(ctx) if end\n}")

        let list = try await MusterCommand.run("plugin", "list", "--data", data, "--plugins", plugins)
        #expect(list.status == 0, "\(list.error)")
        #expect(list.lines.count == 4)
        #expect(list.lines.contains { $0.hasPrefix("broken") && $0.contains("failed") })
        #expect(list.lines.contains { $0.hasPrefix("needs-secret") && $0.contains("off") && $0.contains("TOKEN") })
        #expect(list.lines.contains { $0.hasPrefix("our-domain") && $0.contains("loaded") && $0.contains("checkUser") })
        let given = try await MusterCommand.run(
            "plugin", "list", "--data", data, "--plugins", plugins, "--json", environment: ["MUSTER_SECRET_TOKEN": "x"])
        let states = try AttributeValue(json: given.output).array?.map { [$0["name"]?.string, $0["state"]?.string] }
        #expect(states == [["broken", "failed"], ["needs-secret", "loaded"], ["our-domain", "loaded"]])

        let check = try await MusterCommand.run("plugin", "check", "--data", data, "--plugins", plugins)
        #expect(check.status == 1)
        #expect(check.output.contains("broken/init.lua:2"), "\(check.output)")
        try FileManager.default.removeItem(atPath: plugins + "/broken")
        let good = try await MusterCommand.run("plugin", "check", "--data", data, "--plugins", plugins)
        #expect(good.status == 0, "\(good.output)")
        #expect(good.output.hasSuffix("2 plugins checked, 0 findings\n"), "\(good.output)")
    }

    @Test("runs the specs of plugins; one that fails is named with file and line and makes the exit code 1")
    func specs() async throws {
        let plugins = try folder.plugin("our-domain", lua: PluginsTests.veto)
        func spec(_ name: String) throws {
            try folder.write(
                "Plugins/our-domain/spec/domain_spec.lua",
                """
                describe("our domain", function()
                  it("refuses strangers", function()
                    local run = test.run("checkUser", { operation = "create", user = { userName = "\(name)" } })
                    expect(run.outcome).equals("reject")
                  end)
                end)
                """)
        }
        try spec("eve@example.net")
        let passed = try await MusterCommand.run("test", "--plugins", plugins)
        #expect(passed.status == 0, "\(passed.output)\(passed.error)")
        #expect(passed.output.hasSuffix("1 passed, 0 failed, 0 pending\n"))
        try spec("ada@example.com")
        let failed = try await MusterCommand.run("test", "--plugins", plugins, "our-domain")
        #expect(failed.status == 1)
        #expect(failed.output.contains("our-domain/spec/domain_spec.lua:4"), "\(failed.output)")
        let json = try await AttributeValue(json: MusterCommand.run("test", "--plugins", plugins, "--json").output)
        #expect(json["failed"] == 1)
        let unknown = try await MusterCommand.run("test", "--plugins", plugins, "our-domian")
        #expect(unknown.status == 2)
        #expect((unknown.output + unknown.error).contains("did you mean 'our-domain'?"))
    }
}
