import Foundation
import Muster
import Testing

@Suite("Rehearsal of plugins over a directory")
struct RehearsalTests {
    private let folder: TemporaryFolder
    private var data: String { folder.path("data") }
    private var plugins: String { folder.path("Plugins") }

    /// Names the team after the title, puts engineers into a group, and posts what has changed.
    static let teams = """
        local plugin = {}
        function plugin.mapUser(ctx)
          if ctx.operation == "delete" then return end
          if ctx.user.title == "Engineer" then
            ctx.user.nickName = "eng-" .. ctx.user.userName
            ctx.groups.add("Engineers")
          end
        end
        function plugin.checkUser(ctx)
          if ctx.user.title == "Chief" then ctx.reject { status = 403, detail = "chiefs are left alone" } end
        end
        function plugin.onUpdate(ctx)
          muster.http.post("https://hr.example.com/people", { json = { name = ctx.user.nickName, token = muster.secrets.get("HR") } })
          if ctx.user.userName == "user3" then ctx.fail { reason = "nobody there" } end
        end
        return plugin
        """
    static let permissions = #""permissions": {"http": ["https://hr.example.com/*"], "secrets": ["HR"], "scim": ["groups:write"]}"#

    init() throws { folder = try TemporaryFolder() }

    /// A data folder with ten users, of which every third is an engineer, one chief among the others, and a group.
    private func seed() async throws {
        try DataFolder(path: data).create()
        let store = try SQLiteStore(path: DataFolder(path: data).databasePath)
        let test = try await TestProvider(store: store, provider: ServiceProvider(store: store, logger: .quiet))
        try await test.run { client in
            _ = try await client.createGroup("Engineers")
            for number in 0..<10 {
                let title: AttributeValue = number == 1 ? "Chief" : number.isMultiple(of: 3) ? "Engineer" : "Clerk"
                _ = try await client.createUser("user\(number)", ["title": title])
            }
        }
        try store.close()
    }

    /// The bytes of every file of the data folder.
    private func files() throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: data)
        return Dictionary(uniqueKeysWithValues: try names.map { ($0, try Data(contentsOf: URL(filePath: data).appending(path: $0))) })
    }

    private func rehearse(_ more: String...) async throws -> MusterCommand.Result {
        try await MusterCommand.run(["rehearse", "--data", data, "--plugins", plugins] + more)
    }

    /// The versions of all users by userName.
    private func versions() async throws -> [String: Int64] {
        let store = try SQLiteStore(path: DataFolder(path: data).databasePath)
        let versions = try await store.read(.scan) { transaction in
            var versions: [String: Int64] = [:]
            try transaction.forEachResource(of: "User", in: .default) { user in
                versions[try AttributeValue(json: user.document)["userName"]?.string ?? ""] = user.meta.version
            }
            return versions
        }
        try store.close()
        return versions
    }

    @Test("lists exactly those whom applying it then changes, and after that nobody; the database stays as it is, byte for byte")
    func exactness() async throws {
        try await seed()
        try folder.plugin("teams", manifest: Self.permissions, lua: Self.teams)
        let before = try files()
        let first = try await rehearse("--json")
        #expect(first.status == 0, "\(first.error)")
        let after = try files()
        #expect(after.keys.sorted() == before.keys.sorted())
        for (name, bytes) in before { #expect(after[name] == bytes, "\(name)") }
        let result = try AttributeValue(json: first.output)
        let differences = try #require(result["differences"]?.array)
        let changed = differences.filter { $0["changed"] == true }.compactMap { $0["name"]?.string }
        #expect(changed == ["user0", "user3", "user6", "user9"])
        #expect(result["summary"]?["changed"] == 4)
        #expect(result["summary"]?["refused"] == 1)
        #expect(result["summary"]?["groups"]?["joined"] == 4)

        let old = try await versions()
        let applied = try await MusterCommand.run(
            ["rehearse", "--data", data, "--plugins", plugins, "--apply"], environment: ["MUSTER_SECRET_HR": "hr-secret"])
        #expect(applied.status == 0, "\(applied.error)")
        let new = try await versions()
        #expect(new.filter { $0.value != old[$0.key] }.keys.sorted() == changed)
        // The hooks get their events from the queue, and the changes bear the actor's name.
        let queue = try await MusterCommand.run("deliveries", "list", "--data", data, "--json")
        let deliveries = try #require(try AttributeValue(json: queue.output).array)
        #expect(deliveries.count == 4)
        #expect(deliveries.allSatisfy { $0["subscriber"] == "plugin:teams" && $0["hook"] == "onUpdate" && $0["actor"] == "console" })

        let second = try await rehearse()
        #expect(second.lines.last == "10 checked, 0 changed, 1 refused")
    }

    @Test("shows attributes, groups, calls without secrets, refusals and failing hooks, and how many in all")
    func text() async throws {
        try await seed()
        try folder.plugin("teams", manifest: Self.permissions, lua: Self.teams)
        let result = try await MusterCommand.run(
            ["rehearse", "--data", data, "--plugins", plugins, "--users", #"userName eq "user1" or userName eq "user3""#],
            environment: ["MUSTER_SECRET_HR": "hr-secret"])
        let text = result.output.replacing(/[0-9a-f-]{36}/, with: "ID")
        #expect(
            text == """
                user1 (User ID)
                  ! refused: 403: chiefs are left alone
                user3 (User ID)
                  nickName: nothing → "eng-user3"
                  + group Engineers (ID)
                  > teams onUpdate: POST https://hr.example.com/people {"name": "eng-user3", "token": "***"}
                  ! teams onUpdate would be set aside: nobody there
                2 checked, 1 changed, 1 refused, 1 with failing hooks
                  nickName: 1
                  groups: 1 joined, 0 left
                  calls of teams: 1

                """, "\(result.error)")
        #expect(!result.error.contains("made-up"))
        #expect(result.error.contains("rehearse: 2 of 2"))
    }

    @Test("each resource meets what the ones before it have left: the second of two that want one name is refused")
    func order() async throws {
        try await seed()
        try folder.plugin(
            "same",
            lua: #"return { mapUser = function(ctx) if ctx.user.title == "Engineer" then ctx.user.userName = "one" end end }"#)
        let result = try await rehearse("--json")
        let differences = try #require(try AttributeValue(json: result.output)["differences"]?.array)
        #expect(differences.map { $0["changed"] == true } == [true, false, false, false])
        #expect(differences.map { $0["name"]?.string } == ["user0", "user3", "user6", "user9"])
        #expect(differences.dropFirst().allSatisfy { $0["refusal"]?["scimType"] == "uniqueness" })
    }

    @Test("no copy of the directory outlives the command, however it ends")
    func copies() async throws {
        try await seed()
        let place = try folder.folder("tmp")
        func left(_ arguments: String..., status: Int32) async throws -> [String] {
            let result = try await MusterCommand.run(arguments + ["--data", data], environment: ["TMPDIR": place])
            #expect(result.status == status, "\(result.error)")
            return try FileManager.default.contentsOfDirectory(atPath: place)
        }
        try folder.plugin("fine", lua: #"return { mapUser = function(ctx) ctx.user.title = "x" end, onUpdate = function() end }"#)
        #expect(try await left("rehearse", "--plugins", plugins, "--threshold", "1", status: 2) == [])
        #expect(try await left("replay", "--plugin", plugins + "/fine", "--since", "1h", status: 0) == [])
        try folder.plugin("broken", lua: "return {")
        #expect(try await left("rehearse", "--plugins", plugins, status: 1) == [])
    }

    @Test("calls alone are no difference: they are counted, and listed only with those who differ")
    func calls() async throws {
        try await seed()
        try folder.plugin(
            "lookup", manifest: #""permissions": {"http": ["https://hr.example.com/*"]}"#,
            lua: """
                return { mapUser = function(ctx)
                  muster.http.get("https://hr.example.com/people/" .. ctx.user.userName)
                  if ctx.user.userName == "user2" then ctx.user.nickName = "two" end
                end }
                """)
        let result = try await rehearse("--threshold", "1")
        #expect(result.status == 0, "\(result.error)")
        #expect(
            result.output.replacing(/[0-9a-f-]{36}/, with: "ID") == """
                user2 (User ID)
                  nickName: nothing → "two"
                  > lookup mapUser: GET https://hr.example.com/people/user2
                10 checked, 1 changed, 0 refused
                  nickName: 1
                  calls of lookup: 10 (9 for resources that do not differ)

                """)
        let summary = try AttributeValue(json: try await rehearse("--json").output)["summary"]
        #expect(summary?["calls"]?["lookup"] == 10)
        #expect(summary?["unlistedCalls"]?["lookup"] == 9)
    }

    @Test("groups are gone over on demand")
    func groups() async throws {
        try await seed()
        try folder.plugin(
            "loud", lua: #"return { mapGroup = function(ctx) ctx.group.displayName = ctx.group.displayName:upper() end }"#)
        #expect(try await rehearse().lines.last == "10 checked, 0 changed, 0 refused")
        let result = try await rehearse("--groups")
        #expect(result.output.contains("  displayName: \"Engineers\" → \"ENGINEERS\""))
        #expect(result.output.contains("11 checked, 1 changed"))
    }

    @Test("ends with 2 when more differ than may, with what is wrong where a plugin is broken, and shows no more than is wanted")
    func ends() async throws {
        try await seed()
        try folder.plugin("teams", manifest: Self.permissions, lua: Self.teams)
        #expect(try await rehearse("--threshold", "5").status == 0)
        #expect(try await rehearse("--threshold", "4").status == 2)
        #expect(try await rehearse("--threshold", "50%").status == 0)
        #expect(try await rehearse("--threshold", "49.9%").status == 2)
        #expect(try await rehearse("--threshold", "many").status == 64)
        let short = try await rehearse("--limit", "1")
        #expect(short.output.contains("and 4 more"))
        #expect(short.error.contains("the secret HR is not here"))
        #expect(try await rehearse("--users", "userName equals 1").status == 64)
        #expect(try await rehearse("--tenant", "none").error.contains("there is no tenant 'none'"))
        try folder.plugin("teams", lua: "return { mapUsr = function() end }")
        let broken = try await rehearse()
        #expect(broken.status == 1)
        #expect(broken.error.contains("'mapUsr' is no hook"))
    }
}
