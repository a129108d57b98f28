import Foundation
import Muster
import Testing

@Suite("The command muster import")
struct ImportCommandTests {
    private let folder: TemporaryFolder
    private var data: String { folder.path("data") }

    init() throws { folder = try TemporaryFolder() }

    private func load(_ arguments: String..., input: String? = nil) async throws -> MusterCommand.Result {
        try await MusterCommand.run(
            ["import", "--data", data] + arguments, in: folder.path, input: input.map { URL(filePath: $0) })
    }

    private func userNames() async throws -> [String] {
        let store = try SQLiteStore(path: DataFolder(path: data).databasePath)
        let names = try await store.read(.scan) { transaction in
            var names: [String] = []
            try transaction.forEachResource(of: "User", in: .default) {
                names.append(try AttributeValue(json: $0.document)["userName"]?.string ?? "")
            }
            return names
        }
        try store.close()
        return names.sorted()
    }

    @Test("imports, into a new data folder too, and ends with 0; with bad rows it lists them and ends with 1")
    func imports() async throws {
        try folder.write("people.csv", "userName;title\nada;Countess\nbob;Clerk\n")
        let first = try await load("people.csv")
        #expect(first.status == 0, "\(first.error)")
        #expect(first.lines == ["2 rows, 2 created, 0 updated, 0 unchanged, 0 failed"])
        #expect(
            first.error
                == "no plugin takes part: there is no folder Plugins here; --plugins names another\nimport: 2 of 2\n",
            "without a terminal progress is lines, on standard error")
        let bad = try folder.write("bad.csv", "userName,active\nada,maybe\ncarl,yes\n")
        let second = try await load("-", input: bad)
        #expect(second.status == 1)
        #expect(
            second.lines == [
                "error: line 2: column 'active': 'maybe' is neither true nor false", "2 rows, 1 created, 0 updated, 0 unchanged, 1 failed",
            ])
        #expect(try await userNames() == ["ada", "bob", "carl"])
    }

    @Test("with --dry-run says what it would do, and does nothing")
    func dryRun() async throws {
        try folder.write("people.csv", "userName,title,Group\nada,Countess,Ops\nbob,Clerk,\n")
        #expect(try await load("people.csv", "--map", "Group=groups", "--create-groups").status == 0)
        try folder.write("people.csv", "userName,title,Group\nada,Queen,Ops\ncarl,Clerk,New\n")
        let dry = try await load(
            "people.csv", "--map", "Group=groups", "--create-groups", "--deactivate-missing", "--force", "--dry-run")
        #expect(dry.status == 0, "\(dry.error)")
        #expect(
            dry.lines == [
                "line 2: ada: title", "line 3: carl: new", "group New: new", "bob: deactivated, for they are not in the file",
                "2 rows, 1 created, 1 updated, 0 unchanged, 0 failed, 1 groups made, 1 memberships added, 1 deactivated; nothing was changed, "
                    + "for this was a dry run",
            ])
        #expect(try await userNames() == ["ada", "bob"])
    }

    @Test("goes through the plugins of the folder, in a dry run too")
    func plugins() async throws {
        try folder.plugin(
            "gate",
            lua: "return { checkUser = function(ctx) if ctx.user.title == 'Chief' then ctx.reject { detail = 'no chiefs' } end end }")
        try folder.write("people.csv", "userName,title\nada,Chief\nbob,Clerk\n")
        #expect(try await MusterCommand.run("token", "create", "--data", data, "--name", "a").status == 0)
        for arguments in [["--dry-run"], []] {
            let result = try await MusterCommand.run(["import", "--data", data, "people.csv"] + arguments, in: folder.path)
            #expect(result.status == 1 && result.lines.contains("error: line 2: no chiefs"), "\(result.output)\(result.error)")
        }
        #expect(try await userNames() == ["bob"])
        #expect(try await load("people.csv", "--plugins", "nowhere").status == 1)
    }

    @Test("works beside a running server, whose clients see the people at once")
    func besideServer() async throws {
        let server = try await ServerProcess(data: data, plugins: folder.folder("Plugins"))
        try folder.write("people.csv", "userName,groups\nada,Ops\n")
        #expect(try await load("people.csv", "--create-groups").status == 0)
        let found = try await server.client.send("GET", "/Users?filter=userName%20eq%20%22ada%22")
        #expect(found["totalResults"] == 1)
        #expect(found["Resources"]?.array?.first?["groups"]?.array?.first?["display"] == "Ops")
    }

    @Test(
        "refuses what makes no sense, in one line, and changes nothing",
        arguments: [
            (["nothing.csv"], 1, "nothing.csv: the file cannot be read"), (["people.csv", "--map", "title"], 64, "'--map"),
            (["people.csv", "--map", "title=shoes"], 1, "column 'title' as 'shoes': nothing is known by this name"),
            (["people.csv", "--map", "title=title", "--map", "title=nickName"], 64, "named twice"),
            (["people.csv", "--deactivate-missing"], 64, "say --yes too"), (["people.csv", "--match", "email"], 64, "--match"),
            (["people.csv", "--separator", "ab"], 64, "--separator"),
            (["people.csv", "--tenant", "nobody"], 1, "there is no tenant 'nobody'"),
            (["people.csv", "--match", "externalId"], 1, "there is no column 'externalId', by which people are found"),
        ] as [([String], Int32, String)])
    func refusals(arguments: [String], status: Int32, message: String) async throws {
        try folder.write("people.csv", "userName,title\nada,Clerk\n")
        let result = try await MusterCommand.run(["import", "--data", data] + arguments, in: folder.path)
        #expect(result.status == status)
        #expect(result.output.isEmpty && result.error.contains(message), "\(result.error)")
    }

    @Test("does what the article says")
    func article() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "Sources/Muster/Muster.docc/ImportingPeople.md"), encoding: .utf8)
        func block(_ language: String) throws -> String {
            String(try #require(text.components(separatedBy: "```\(language)\n").dropFirst().first?.components(separatedBy: "```").first))
        }
        try folder.write("people.csv", block("csv"))
        let tools = try MusterCommand.executable.deletingLastPathComponent().path(percentEncoded: false)
        let bash = try ChildProcess(
            executable: URL(filePath: "/bin/bash"), arguments: ["-euc", block("sh")], environment: ["PATH": "\(tools):/usr/bin:/bin"],
            folder: folder.path)
        let output = Record(bash.output)
        #expect(await bash.wait() == 0)
        let wanted = try block("text")
        #expect(await output.finished().joined(separator: "\n") + "\n" == wanted)
        // Every title that is known stands in the table.
        for title in [
            "userName", "email", "firstName", "givenName", "lastName", "familyName", "displayName", "title", "department", "manager",
            "active", "phone", "mobile", "employeeNumber", "externalId", "groups",
        ] {
            #expect(text.contains("`\(title)`"), "\(title)")
        }
    }

    @Test("with --dry-run tries out what would go into a data folder that is not there yet, and makes none")
    func freshDryRun() async throws {
        try folder.write("people.csv", "userName,title\nada,Clerk\n")
        let dry = try await load("people.csv", "--dry-run")
        #expect(dry.status == 0 && dry.lines.first == "line 2: ada: new", "\(dry.output)\(dry.error)")
        #expect(!FileManager.default.fileExists(atPath: data))
    }

    @Test("runs no plugin that is not as it was pinned")
    func pins() async throws {
        func title(_ text: String) throws -> String {
            try folder.plugin("titles", lua: "return { mapUser = function(ctx) if ctx.user then ctx.user.title = '\(text)' end end }")
        }
        try folder.write("people.csv", "userName\nada\n")
        try folder.write("more.csv", "userName\nbob\n")
        let plugins = try title("one")
        #expect(try await load("people.csv").status == 0)
        #expect(try await MusterCommand.run("plugin", "pin", "--plugins", plugins, "--data", data).status == 0)
        #expect(try await load("people.csv").status == 0)
        _ = try title("two")
        for command in [["import", "more.csv"], ["rehearse", "--apply"]] {
            let refused = try await MusterCommand.run(command + ["--data", data], in: folder.path)
            #expect(refused.status == 1 && refused.error.contains("not as it was pinned"), "\(refused.output)\(refused.error)")
        }
        #expect(try await userNames() == ["ada"])
    }
}
