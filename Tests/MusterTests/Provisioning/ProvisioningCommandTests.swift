import Foundation
import Muster
import Testing

@Suite("The commands of provisioning", .timeLimit(.minutes(5)))
struct ProvisioningCommandTests {
    private let bench: ProvisioningBench

    init() async throws { bench = try await ProvisioningBench() }

    @Test("take people to an application: add, test, connect, approve, reconcile; history and audit tell of it")
    func wholeWay() async throws {
        let added = try await bench.add("--group", "Eng")
        #expect(added.status == 0, "\(added.error)")
        #expect(added.output == "app is off; try it with 'muster target test app', switch it on with 'muster target connect app'\n")
        let list = try await bench.run("target", "list")
        #expect(list.lines[0].split(separator: " ") == ["NAME", "PRESET", "STATE", "ACCOUNTS", "DUE", "WAITING", "HELD", "FAILED", "URL"])
        #expect(
            list.lines[1].split(separator: " ") == [
                "app", "rfc", "off", "0", "of", "0", "0", "0", "0", "0", "\(bench.application.baseURL)",
            ])
        let tried = try await bench.run("target", "test", "app")
        #expect(tried.status == 0, "\(tried.output)\(tried.error)")
        #expect(tried.lines.dropFirst().allSatisfy { $0.hasPrefix("ok") } && tried.lines.count >= 3)
        let connected = try await bench.run("target", "connect", "app")
        #expect(connected.status == 0 && connected.lines.contains("app: on"), "\(connected.output)\(connected.error)")
        #expect(connected.lines.last?.hasPrefix("app: work for 2 people, batch batch-") == true)

        try await bench.work()
        #expect(try await bench.accounts().isEmpty, "they wait for an approval")
        let waiting = try await bench.run("approval", "list")
        #expect(waiting.lines.count == 3 && waiting.lines[1].contains("pending") && waiting.lines[1].contains("create"))
        let plans = try #require(try await bench.json("approval", "list").array)
        let ada = try #require(plans.first { $0["name"] == "ada" })
        let number = "\(ada["number"]?.integer ?? 0)"
        let shown = try await bench.run("approval", "show", number)
        let body = try #require(ada["plan"]?["operations"]?.array?.first?["body"])
        #expect(shown.lines.contains("  POST /Users") && shown.lines.contains("    " + body.jsonText), "the request, exactly as it is sent")
        #expect(shown.lines.contains("  userName: nothing → \"ada\""))

        #expect(try await bench.run("approval", "approve", number).output == "1 approved\n")
        #expect(try await bench.run("approval", "approve", number).status == 1, "it does not wait any more")
        let rejected = try await bench.run("approval", "reject", "--target", "app", "--action", "create", "--reason", "not yet")
        #expect(rejected.output == "1 rejected\n")
        try await bench.work()
        #expect(try await bench.accounts().keys.sorted() == ["ada"])
        #expect(try await bench.run("approval", "list").output == "Nothing waits.\n")
        let refused = try await bench.run("approval", "list", "--state", "rejected")
        #expect(refused.lines.count == 2 && refused.output.contains("bob") && refused.output.contains(": not yet"))

        let history = try await bench.run("target", "history", "app", "--user", "ada")
        #expect(history.lines.count == 2 && history.lines[1].contains("create") && history.lines[1].hasSuffix("done"))
        #expect(history.lines[1].contains("User ada ("))
        #expect(try await bench.json("target", "history", "app").array?.first?["requests"]?.array?.first?["status"] == 201)
        #expect(try await bench.run("target", "history", "app", "--user", "bob").output == "Nothing was done there yet.\n")
        let audit = try #require(try await bench.json("audit").array)
        #expect(audit.map { $0["act"] } == ["approval.reject", "approval.approve", "target.connect", "target.create"])
        #expect(audit.allSatisfy { $0["actor"]?.string?.hasPrefix("console:") == true })
        #expect(audit[0]["detail"]?["reason"] == "not yet")
        #expect(try await bench.run("audit", "--limit", "1").lines.count == 2)
    }

    @Test("wait until there is nothing left to do, in plain lines where there is no terminal, or until the time is over")
    func wait() async throws {
        _ = try await bench.add("--group", "Eng", "--no-approval")
        _ = try await bench.run("target", "connect", "app")
        let early = try await bench.run("target", "wait", "app", "--timeout", "0s")
        #expect(early.status == 2, "\(early.output)\(early.error)")
        #expect(early.output == "app: on, 0 of 0 accounts active; 2 due, 0 pending, 0 parked, 0 approved, 0 failed, 0 rejected\n")
        try await bench.work()
        let done = try await bench.run("target", "wait", "app")
        #expect(done.status == 0 && done.output.hasPrefix("app: on, 2 of 2 accounts active; 0 due"), "\(done.output)\(done.error)")
        try bench.folder.write("people.csv", "userName,groups\ndora,Eng\n")
        #expect(try await bench.load().status == 0)
        let unheard = try await bench.run("target", "wait", "app", "--timeout", "0s")
        #expect(unheard.status == 2 && unheard.error.contains("has not looked at all changes"), "\(unheard.output)\(unheard.error)")
        try await bench.work()
        #expect(try await bench.run("target", "wait", "app").output.hasPrefix("app: on, 3 of 3 accounts active; 0 due"))
        _ = try await bench.run("target", "disconnect", "app")
        let off = try await bench.run("target", "wait", "app")
        #expect(off.status == 1 && off.error == "Error: 'app' is off; switch it on with 'muster target connect app'\n")
        let store = try SQLiteStore(path: DataFolder(path: bench.folder.path("data")).databasePath)
        try await store.write { transaction in
            guard var row = try transaction.provisioningTarget("app", in: .default) else { return }
            (row.state, row.reason) = (.quarantined, "it is down")
            try transaction.update(row)
        }
        try store.close()
        let quarantined = try await bench.run("target", "wait", "app")
        #expect(quarantined.status == 1 && quarantined.error.hasPrefix("Error: 'app' is quarantined: it is down; "), "\(quarantined.error)")
    }

    @Test("provision one person and tell each step; with --plan-only nothing is sent")
    func explain() async throws {
        _ = try await bench.add("--group", "Eng", "--no-approval")
        let off = try await bench.run("target", "provision", "app", "--user", "ada", "--explain")
        #expect(off.output.contains("the connection is off"))
        _ = try await bench.run("target", "connect", "app")
        let planned = try await bench.run("target", "provision", "app", "--user", "ada", "--explain", "--plan-only")
        #expect(planned.status == 0, "\(planned.error)")
        #expect(planned.lines.filter { !$0.hasPrefix(" ") } == ["import", "scope", "match", "map", "plan"])
        #expect(try await bench.accounts().isEmpty)
        let done = try await bench.run("target", "provision", "app", "--user", "ada")
        #expect(done.status == 0 && done.lines.last == "create: done", "\(done.output)\(done.error)")
        #expect(try await bench.accounts().keys.sorted() == ["ada"])
        let outside = try await bench.json("target", "provision", "app", "--user", "carl")
        #expect(outside["steps"]?.array?.last?["lines"]?.array?.first?.string?.contains("not in the target's scope") == true)
        #expect(planned.error == "no plugin takes part: there is no folder Plugins here; --plugins names another\n")
        #expect(
            try await bench.run("target", "provision", "app", "--user", "nobody").error
                == "Error: there is no user with the id or userName 'nobody'\n")
    }

    @Test("reconcile: 2 when something differs with --plan-only; put right without; then nothing differs")
    func reconcile() async throws {
        _ = try await bench.add("--everyone", "--no-approval")
        _ = try await bench.run("target", "connect", "app")
        try await bench.work()
        let same = try await bench.run("target", "reconcile", "app", "--plan-only")
        #expect(same.status == 0, "\(same.output)\(same.error)")
        #expect(same.output == "3 accounts read, 0 missing, 0 extra, 0 different, 0 unmanaged\n")
        let ada = try #require(try await bench.accounts()["ada"]?["id"]?.string)
        let message: AttributeValue = [
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [["op": "replace", "path": "name.familyName", "value": "Byron"]],
        ]
        _ = try await bench.application.client.send("PATCH", "/Users/\(ada)", message)
        let drift = try await bench.run("target", "reconcile", "app", "--plan-only")
        #expect(drift.status == 2, "\(drift.error)")
        #expect(drift.lines.first == "different: ada" && drift.output.contains("Byron"))
        let report = try await bench.json("target", "reconcile", "app")
        #expect(report["counts"]?["different"] == 1 && report["enqueued"] == 1)
        try await bench.work()
        #expect(try await bench.accounts()["ada"]?["name"]?["familyName"] == "Lovelace")
        #expect(try await bench.run("target", "reconcile", "app", "--plan-only").status == 0)
    }

    @Test("the delete guard holds what would take too much away; list says how to allow it, and a batch approval does")
    func deleteGuard() async throws {
        _ = try await bench.add("--no-approval", "--guard-count", "1")
        try bench.folder.write("rules.json", #"[{"name": "all", "if": [], "then": [{"action": "assign", "target": "app"}]}]"#)
        try bench.folder.write("none.json", "[]")
        #expect(try await bench.run("mapping", "set", "rules.json").output.hasPrefix("version 1 holds for new people"))
        _ = try await bench.run("target", "connect", "app")
        try await bench.work()
        #expect(try await bench.accounts().count == 3)

        #expect(try await bench.run("mapping", "set", "none.json").status == 0)
        let reapplied = try await bench.run("mapping", "reapply")
        #expect(reapplied.status == 0, "\(reapplied.error)")
        let batch = try #require(reapplied.output.firstMatch(of: /batch (guard-[-0-9a-f]+)/)?.1)
        #expect(reapplied.output.contains("the delete guard holds all of it, for 3 of 3 active accounts"))
        #expect(reapplied.lines.contains { $0.hasSuffix("muster approval approve --batch \(batch)") })
        try await bench.work()
        #expect(try await bench.accounts().values.allSatisfy { $0["active"] == true })
        let held = try await bench.run("approval", "list")
        #expect(held.lines.first?.hasPrefix("The delete guard holds batch \(batch) at app") == true)
        #expect(held.lines.count == 5 && held.lines[2].contains("parked"))
        let all = try await bench.run("approval", "approve", "--target", "app")
        #expect(all.status == 1, "the guard is not passed along with everything else")
        #expect(try await bench.run("approval", "approve", "--batch", String(batch)).output == "3 approved\n")
        try await bench.work()
        #expect(try await bench.accounts().values.allSatisfy { $0["active"] == false })
    }

    @Test("show, check, set and test mapping rules")
    func mappings() async throws {
        #expect(try await bench.run("mapping", "show").output == "[]\n")
        try bench.folder.write(
            "rules.json",
            #"[{"name": "engineers", "if": [{"source": "groups", "operator": "contains", "value": "Eng"}], "then": [{"action": "set", "attribute": "title", "value": "Engineer"}]}]"#
        )
        let checked = try await bench.plain("mapping", "check", "rules.json")
        #expect(checked.status == 0, "\(checked.output)\(checked.error)")
        let tested = try await bench.run("mapping", "test", "ada", "--rules", "rules.json")
        #expect(
            tested.output.contains("engineers") && tested.output.contains("sets title to \"Engineer\""), "\(tested.output)\(tested.error)")
        #expect(try await bench.json("mapping", "test", "ada", "--rules", "rules.json")["settings"]?.array?.count == 1)
        #expect(try await bench.json("mapping", "test", "carl", "--rules", "rules.json")["settings"] == [])
        #expect(try await bench.json("mapping", "test", "ada")["rules"] == [], "nothing was saved")
        #expect(try await bench.run("mapping", "set", "rules.json").status == 0)
        let shown = try await bench.run("mapping", "show")
        #expect(shown.error == "version 1\n")
        #expect(try AttributeValue(json: shown.output).array?.first?["name"] == "engineers")
        #expect(try await bench.run("mapping", "reapply").output == "no target is on\n")

        try bench.folder.write("wrong.json", #"[{"name": "x", "if": [], "then": [{"action": "sett"}]}]"#)
        let wrong = try await bench.plain("mapping", "check", "wrong.json")
        #expect(wrong.status == 1 && wrong.lines.count == 1 && wrong.output.contains("sett"), "\(wrong.output)")
        #expect(try await bench.run("mapping", "set", "wrong.json").status == 1)
        try bench.folder.write("broken.json", "[{")
        #expect(try await bench.plain("mapping", "check", "broken.json").error.hasPrefix("Error: broken.json: "))
    }

    @Test("assign people and groups, adopt an account, and take it back")
    func people() async throws {
        _ = try await bench.add("--no-approval")
        #expect(try await bench.run("target", "assignments", "app").output == "Nobody is assigned.\n")
        #expect(try await bench.run("target", "assign", "app", "--user", "carl", "--target-group", "Sales").status == 0)
        #expect(try await bench.run("target", "assign", "app", "--group", "Eng").status == 0)
        let assigned = try #require(try await bench.json("target", "assignments", "app").array)
        #expect(Set(assigned.compactMap { $0["type"]?.string }) == ["User", "Group"])
        #expect(assigned.first { $0["type"] == "User" }?["groups"] == ["Sales"])
        let listed = try await bench.run("target", "assignments", "app").lines.map { $0.split(separator: " ").map(String.init) }
        #expect(listed.first == ["TYPE", "NAME", "ID", "GROUPS", "THERE"])
        #expect(Set(listed.dropFirst().map { $0.prefix(2).joined(separator: " ") }) == ["User carl", "Group Eng"])
        #expect(try await bench.run("target", "unassign", "app", "--group", "Eng").status == 0)
        #expect(try await bench.run("target", "unassign", "app", "--group", "Eng").status == 1)

        let made = try await bench.application.client.createUser("carl-there")
        let adopted = try await bench.run("target", "adopt", "app", "--user", "carl", "--id", made)
        #expect(adopted.status == 0, "\(adopted.error)")
        _ = try await bench.run("target", "connect", "app")
        try await bench.work()
        #expect(try await bench.accounts()["carl"]?["id"]?.string == made)
        #expect(
            try await bench.run("target", "adopt", "app", "--user", "ada", "--id", made).error
                == "Error: the account '\(made)' belongs to another person already\n")
    }

    @Test("show and change what was decided, by single settings or from a file")
    func definitions() async throws {
        _ = try await bench.add("--group", "Eng")
        let changed = try await bench.run(
            "target", "set", "app", "--basic", "svc:APP_PASSWORD", "--everyone", "--filter", "active eq true", "--leaving",
            "delete-after:30",
            "--approve", "create,delete", "--approvers", "2", "--updates", "only-changes", "--field", "Weight", "--field",
            "Size={$user.title}",
            "--parameter", "tier=gold", "--header", "X-Site=1", "--matching", "externalId,userName", "--guard-percent", "20",
            "--mirror-groups")
        #expect(changed.status == 0, "\(changed.error)")
        let definition = try #require(try await bench.json("target", "show", "app")["definition"])
        #expect(definition["authentication"] == ["type": "basic", "user": "svc", "password": "APP_PASSWORD"])
        #expect(definition["scope"] == ["groups": ["Eng"], "everyone": true, "filter": "active eq true"])
        #expect(definition["leaving"] == ["deleteAfterDays": 30])
        #expect(definition["approval"] == ["create": true, "update": false, "delete": true, "groups": false, "approvers": 2])
        #expect(definition["customFields"] == ["Weight": "{$user.custom_fields.Weight}", "Size": "{$user.title}"])
        #expect(definition["matching"] == ["externalId", "userName"] && definition["parameters"] == ["tier": "gold"])
        #expect(definition["preset"] == "rfc" && definition["baseURL"]?.string == bench.application.baseURL, "what is not named stays")
        #expect(try await bench.run("target", "set", "app", "--filter", "", "--no-everyone").status == 0)
        #expect(try await bench.json("target", "show", "app")["definition"]?["scope"] == ["groups": ["Eng"], "everyone": false])
        #expect(try await bench.run("target", "show", "app").output.contains("\"preset\": \"rfc\""))

        // What show prints can be read back, under another name too once the name is taken out.
        guard case .complex(var map) = definition else { return }
        map["name"] = nil
        try bench.folder.write("definition.json", AttributeValue.complex(map).jsonText)
        #expect(try await bench.run("target", "add", "copy", "--definition", "definition.json").status == 0)
        #expect(try await bench.json("target", "show", "copy")["definition"]?["leaving"] == ["deleteAfterDays": 30])
        let template = try await bench.run("target", "template", "app")
        try bench.folder.write("template.json", template.output)
        _ = try await bench.run("target", "set", "copy", "--field", "Shoes")
        #expect(try await bench.run("target", "set", "copy", "--template", "template.json").status == 0, "a template can be read back")
        #expect(
            try await bench.json("target", "show", "copy")["definition"]?["customFields"] == ["Shoes": "{$user.custom_fields.Shoes}"],
            "fields that the template does not have stay")

        #expect(try await bench.run("target", "remove", "copy").status == 1)
        #expect(try await bench.run("target", "remove", "copy", "--yes").output == "removed copy\n")
        #expect(try await bench.json("target", "list").array?.map { $0["name"] } == ["app"])
    }

    @Test("tell what is known: presets, macros, the template of a preset")
    func knowledge() async throws {
        let presets = try await bench.plain("target", "presets")
        #expect(presets.lines.contains { $0.hasPrefix("clarizen ") } && presets.lines.contains { $0.hasPrefix("scim-1.1 ") })
        let macros = try await bench.plain("target", "macros")
        #expect(macros.lines.contains { $0.hasPrefix("{$user.firstname} ") && $0.hasSuffix("the given name") })
        let template = try AttributeValue(json: try await bench.plain("target", "template", "--preset", "clarizen").output)
        #expect(template["userName"] != nil)
    }

    @Test(
        "say in a line what is wrong",
        arguments: [
            (["target", "show", "nothing"], 1, "there is no target called 'nothing'; see 'muster target list'"),
            (["target", "connect", "nothing"], 1, "there is no target called 'nothing'"),
            (["target", "add", "x", "--preset", "clarizn", "--url", "https://x"], 64, "did you mean 'clarizen'?"),
            (["target", "add", "x", "--preset", "rfc"], 64, "--url is wanted"),
            (["target", "add", "x"], 64, "name one: --preset or --definition"),
            (
                ["target", "add", "x", "--preset", "rfc", "--url", "https://x", "--basic", "ada:B", "--token-secret", "A"], 64,
                "name one of"
            ),
            (["target", "add", "x", "--preset", "rfc", "--url", "https://x", "--approve", "creat"], 64, "there is no 'creat'"),
            (
                ["target", "add", "x", "--preset", "rfc", "--url", "http://x.example", "--token-secret", "A"], 1,
                "baseURL: is not encrypted"
            ),
            (
                ["target", "add", "x", "--preset", "rfc", "--url", "https://x", "--token-secret", "a secret"], 1,
                "is not the name of a secret"
            ),
            (["target", "add", "x", "--preset", "rfc", "--url", "https://x", "--leaving", "soon"], 64, "--leaving"),
            (["target", "assign", "app"], 64, "name one: --user or --group"),
            (["target", "list", "--tenant", "x"], 1, "there is no tenant 'x'"),
            (["approval", "approve"], 64, "name plans by their numbers"),
            (["approval", "approve", "7"], 1, "no plan with the number 7 waits"),
            (["approval", "approve", "7", "--batch", "b"], 64, "name plans by their numbers"),
            (["approval", "show", "7"], 1, "there is no plan 7"),
            (["approval", "list", "--state", "open"], 64, "there is no state 'open'"),
            (["approval", "approve", "--batch", "b"], 1, "nothing of the batch 'b' waits"),
            (["mapping", "set", "none.json"], 1, "none.json: the file cannot be read"),
            (["mapping", "test", "nobody"], 1, "there is no user"),
        ] as [([String], Int32, String)])
    func refusals(arguments: [String], status: Int32, message: String) async throws {
        let folder = try TemporaryFolder()
        #expect(try await MusterCommand.run("token", "create", "--data", folder.path("data"), "--name", "a").status == 0)
        let result = try await MusterCommand.run(arguments + ["--data", folder.path("data")], in: folder.path)
        #expect(result.status == status)
        #expect(result.output.isEmpty && result.error.contains(message), "\(result.output)\(result.error)")
    }

    @Test("a connection that cannot be made stays off and says at which step; so does its trial")
    func unreachable() async throws {
        let added = try await bench.add("--everyone")
        #expect(added.status == 0)
        _ = try await bench.run("target", "set", "app", "--token-secret", "WRONG")
        let tried = try await bench.run("target", "test", "app")
        #expect(tried.status == 1 && tried.output.contains("failed"), "\(tried.output)\(tried.error)")
        let connected = try await bench.run("target", "connect", "app")
        #expect(connected.status == 1 && connected.error.contains("'app' stays off"), "\(connected.error)")
        #expect(try await bench.json("target", "show", "app")["state"] == "off")
        #expect(try await bench.run("target", "disconnect", "app").output == "app: off\n")
        #expect(try await bench.run("target", "resume", "app").output == "app: 0 will be tried again\n")
    }
}
