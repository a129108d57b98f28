import Muster
import Synchronization
import Testing

@Suite("Importing people")
struct ImportTests {
    private let test: TestProvider
    private let enterprise = Schema.enterpriseUser.id

    init() async throws { test = try await TestProvider() }

    /// What was reported, and what it came to.
    private struct Told {
        var summary = ImportSummary()
        var reports: [ImportReport] = []
        var lines: [String] { reports.map(\.line) }
        /// created, updated, unchanged, failed
        var counts: [Int] { [summary.created, summary.updated, summary.unchanged, summary.failed] }
    }

    private func load(
        _ text: String, in test: TestProvider? = nil, tenant: Tenant = .default, _ change: (inout ImportOptions) -> Void = { _ in }
    ) async throws -> Told {
        var (options, told) = (ImportOptions(), Told())
        change(&options)
        var reports: [ImportReport] = []
        told.summary = try await (test ?? self.test).provider.importPeople(
            CSVTable(Array(text.utf8)), options: options, tenant: tenant, report: { reports.append($0) })
        told.reports = reports
        return told
    }

    /// A user as stored.
    private func user(_ name: String) async throws -> AttributeValue? {
        try await test.store.read { transaction in
            try transaction.resources(of: "User", in: .default, where: "userName", equals: .text(name.caseFolded)).first
                .map { try AttributeValue(json: $0.document) }
        }
    }

    /// The members of a group by userName.
    private func members(_ group: String) async throws -> Set<String> {
        try await test.store.read(.scan) { transaction in
            guard
                let found = try transaction.resources(of: "Group", in: .default, where: "displayName", equals: .text(group.caseFolded))
                    .first
            else {
                return []
            }
            var names: Set<String> = []
            try transaction.forEachMember(of: found.key) { member in
                if let user = try transaction.resource(member.member) {
                    names.insert(try AttributeValue(json: user.document)["userName"]?.string ?? "")
                }
            }
            return names
        }
    }

    // MARK: Columns

    @Test("the usual titles, however they are written, and SCIM paths fill what they name")
    func columns() async throws {
        let told = try await load(
            """
            User Name,E-mail,first_name,LASTNAME,display name,Title,department,active,phone,mobile,employee number,externalId,\
            name.honorificPrefix,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter,"emails[type eq ""home""].value",roles
            ada,ada@x.com,Ada,Lovelace,Ada L.,Countess,Maths,yes,+1,+2,77,ext-1,Dr.,CC1,ada@home.net,admin; user
            """
        ) { $0.columns = ["E-mail": "email"] }
        #expect(told.counts == [1, 0, 0, 0], "\(told.lines)")
        let ada = try #require(try await user("ada"))
        #expect(ada["name"] == ["givenName": "Ada", "familyName": "Lovelace", "honorificPrefix": "Dr."])
        #expect(ada["displayName"] == "Ada L." && ada["title"] == "Countess" && ada["active"] == true && ada["externalId"] == "ext-1")
        #expect(
            ada["emails"] == [
                ["value": "ada@x.com", "type": "work", "primary": true], ["value": "ada@home.net", "type": "home"],
            ], "\(ada["emails"]?.jsonText ?? "")")
        #expect(ada["phoneNumbers"] == [["value": "+1", "type": "work"], ["value": "+2", "type": "mobile"]])
        #expect(ada["roles"] == [["value": "admin"], ["value": "user"]])
        #expect(ada[enterprise] == ["department": "Maths", "employeeNumber": "77", "costCenter": "CC1"])
    }

    @Test(
        "columns that cannot be meant are refused, all at once, with the nearest name",
        arguments: [
            ("userName,depratment", "column 'depratment': nothing is known by this name; did you mean 'department'?"),
            ("userName,id", "column 'id': the attribute is readOnly"),
            ("userName,password", "column 'password': passwords are not imported"),
            ("userName,title,Title", "column 'Title': another column means the same"),
            (
                "userName,department,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
                "column 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department': another column means the same"
            ),
            ("userName,name", "column 'name': name a part of it, such as name.formatted"),
            ("userName,emails.value", "column 'emails.value': which of several is meant? write emails[type eq \"work\"].value"),
            ("userName,addresses", "column 'addresses': name a part of it, such as addresses[type eq \"work\"].formatted"),
            ("email", "there is no column 'userName', by which people are found"),
        ])
    func wrongColumns(titles: String, finding: String) async throws {
        await #expect(throws: ImportError([finding])) { try await load(titles + "\n") }
    }

    @Test("unknown columns can be left out; what --map says about one must make sense all the same")
    func unknownColumns() async throws {
        #expect(try await load("userName,Shoe Size\nada,38") { $0.ignoresUnknownColumns = true }.counts == [1, 0, 0, 0])
        #expect(try await load("userName,Shoe Size\nada,38") { $0.columns = ["shoe size": "nickName"] }.counts == [0, 1, 0, 0])
        #expect(try await user("ada")?["nickName"] == "38")
        await #expect(
            throws: ImportError(["there is no column 'Shoe'", "column 'Shoe Size' as 'shoes': nothing is known by this name"].reversed())
        ) {
            try await load("userName,Shoe Size\nada,38") {
                $0.columns = ["Shoe Size": "shoes", "Shoe": "nickName"]
                $0.ignoresUnknownColumns = true
            }
        }
    }

    // MARK: Merging

    @Test("people who are there get what the columns say and nothing else; where nothing differs nothing is done")
    func merging() async throws {
        _ = try await load("userName,email,title,department,active\nada,ada@x.com,Clerk,Maths,true\nbob,bob@x.com,Clerk,Ops,true")
        let before = try await changes()
        let told = try await load("userName,title,department,active\nADA,Chief,,\nbob,Clerk,Ops,true")
        #expect(told.counts == [0, 1, 1, 0])
        #expect(told.lines == ["line 2: ADA: userName, title, department"])
        let ada = try #require(try await user("ada"))
        #expect(ada["title"] == "Chief" && ada[enterprise] == nil, "an empty cell takes the value away")
        #expect(ada["active"] == true, "but no status")
        #expect(ada["emails"]?.array?.first?["value"] == "ada@x.com", "what no column says stays")
        #expect(try await changes() == before + 1)
        #expect(try await load("userName,email,title\nADA,ada@x.com,Chief\nbob,bob@x.com,Clerk").counts == [0, 0, 2, 0])
        #expect(try await changes() == before + 1)
    }

    /// How many changes there were.
    private func changes() async throws -> Int {
        try await test.store.read(.scan) { try $0.changes(in: .default, after: 0, limit: 1000).count }
    }

    @Test("people are found by externalId where that is wanted, and may then get another userName")
    func matchByExternalID() async throws {
        _ = try await load("userName,externalId\nada,1\nbob,2")
        let told = try await load("userName,externalId,title\nada.lovelace,1,Countess\ncarl,3,Clerk\n,2,x") { $0.match = .externalId }
        #expect(told.counts == [1, 1, 0, 1])
        #expect(told.lines.first == "error: line 4: column 'userName': a value is required")
        #expect(try await user("ada.lovelace")?["title"] == "Countess")
        let others = try await load("externalId,title\n2,Smith\n9,Nobody") { $0.match = .externalId }
        #expect(others.counts == [0, 1, 0, 1])
        #expect(others.lines.last == "error: line 3: nobody has this externalId, and the file has no userName for a new person")
    }

    @Test("hooks shape and refuse rows as they do with a client's requests, and hear of what was done, once")
    func hooks() async throws {
        let heard = Mutex<[String]>([])
        var hooks = LifecycleHooks(name: "recorder")
        hooks.mapUser = { change in
            var change = change
            let name = change.after?["userName"]
            change.after?["nickName"] = name
            return change
        }
        hooks.checkUser = { change in
            guard change.after?["title"] != "Chief" else { throw SCIMError(status: 403, detail: "there is a chief already") }
        }
        hooks.on([.userCreated, .userUpdated, .memberAdded]) { delivery in
            heard.withLock { $0.append("\(delivery.event.kind.rawValue) by \(delivery.event.change.actor)") }
        }
        let test = try await TestProvider(hooks: [hooks])
        let told = try await load("userName,title,groups\nada,Chief,\nbob,Clerk,Ops", in: test) { $0.createsGroups = true }
        #expect(told.counts == [1, 0, 0, 1])
        #expect(told.lines.contains("error: line 2: there is a chief already"))
        try await test.provider.drainDeliveries()
        #expect(heard.withLock { $0.sorted() } == ["onCreate by import", "onGroupAdd by import"])
    }

    // MARK: Managers and groups

    @Test("managers may come later in the file or be there already; those who are nobody refuse their row and all below it")
    func managers() async throws {
        _ = try await load("userName\nboss")
        let told = try await load(
            """
            userName,manager
            ada,bob
            bob,BOSS
            carl,nobody
            dan,carl
            eve,dan
            fred,
            """)
        #expect(told.counts == [3, 0, 0, 3])
        let problem = "is neither in the directory nor a person of the file"
        #expect(
            told.lines.prefix(3) == [
                "error: line 4: the manager 'nobody' \(problem)", "error: line 5: the manager 'carl' \(problem)",
                "error: line 6: the manager 'dan' \(problem)",
            ])
        let (bob, boss) = (try await user("bob"), try await user("boss"))
        #expect(try await user("ada")?[enterprise]?["manager"]?["value"] == bob?["id"])
        #expect(bob?[enterprise]?["manager"]?["value"] == boss?["id"])
        #expect(try await user("carl") == nil)
        #expect(try await load("userName,manager\nada,bob\nbob,").counts == [0, 1, 1, 0])
        #expect(try await user("bob")?[enterprise] == nil)
    }

    @Test("a person who gets nothing but a manager of a later row is told as updated")
    func laterManagerOfUnchanged() async throws {
        _ = try await load("userName\nada")
        let told = try await load("userName,manager\nada,bob\nbob,")
        #expect(told.counts == [1, 1, 0, 0])
        #expect(told.lines == ["line 3: bob: new", "line 2: ada: manager"])
        let bob = try await user("bob")
        #expect(try await user("ada")?[enterprise]?["manager"]?["value"] == bob?["id"])
    }

    @Test("people join groups and leave none; groups that are not there refuse the row, or are made")
    func groups() async throws {
        let refused = try await load("userName,groups\nada,Ops;Eng\nbob,")
        #expect(refused.counts == [1, 0, 0, 1])
        #expect(refused.lines.first == "error: line 2: there is no group 'Ops'; groups are made with --create-groups")
        let made = try await load("userName,groups\nada, Ops ;Eng;ops;\nbob,eng") { $0.createsGroups = true }
        #expect(made.summary.groups == 2 && made.summary.joined == 3, "\(made.summary)")
        #expect(try await members("Ops") == ["ada"])
        #expect(try await members("Eng") == ["ada", "bob"])
        let again = try await load("userName,groups\nada,Ops\nbob,Eng")
        #expect(again.counts == [0, 0, 2, 0] && again.summary.joined == 0)
        #expect(try await members("Eng") == ["ada", "bob"])
        try await test.run {
            _ = try await $0.createGroup("Twice"); _ = try await $0.createGroup("twice")
        }
        #expect(try await load("userName,groups\nada,Twice").lines == ["error: line 2: 2 groups are called 'Twice'"])
    }

    // MARK: Bad rows

    @Test(
        "a bad row is listed by its line and changes nothing; the others are carried out",
        arguments: [
            ("bad,maybe,\n", "column 'active': 'maybe' is neither true nor false"), (",true,\n", "column 'userName': a value is required"),
            ("good,true,\n", "'good' is the person of line 2 already"), ("bad,true\n", "it has 2 cells, but there are 3 columns"),
            ("bad,true,%%%\n", "x509Certificates"),
        ])
    func badRows(row: String, problem: String) async throws {
        let told = try await load("userName,active,x509Certificates\ngood,true,\n\(row)last,no,\n")
        #expect(told.counts == [2, 0, 0, 1], "\(told.lines)")
        let line = try #require(told.lines.first { $0.hasPrefix("error") })
        #expect(line.hasPrefix("error: line 3: ") && line.contains(problem), "\(line)")
        #expect(try await user("bad") == nil)
        #expect(try await user("last")?["active"] == false)
    }

    @Test("it ends at the first bad row where that is wanted: before anything is changed where the file shows it")
    func stopping() async throws {
        let faulty = try await load("userName,active\nada,true\nbob,maybe") { $0.stopsAtFirstProblem = true }
        #expect(faulty.summary.isStopped && faulty.counts == [0, 0, 0, 1])
        #expect(try await user("ada") == nil)
        let refused = try await load("userName,x509Certificates\nada,\nbob,%%%\ncarl,") { $0.stopsAtFirstProblem = true }
        #expect(refused.summary.isStopped && refused.counts == [1, 0, 0, 1])
        #expect(try await user("carl") == nil)
    }

    @Test("where it ends early the rows above get their managers and groups")
    func stoppingLate() async throws {
        let told = try await load("userName,manager,groups,x509Certificates\nada,bob,Ops,\nbob,,,\ncarl,,Eng,%%%") {
            $0.stopsAtFirstProblem = true
            $0.createsGroups = true
        }
        #expect(told.summary.isStopped && told.counts == [2, 0, 0, 1], "\(told.lines)")
        #expect(told.summary.groups == 1 && told.summary.joined == 1)
        #expect(try await members("Ops") == ["ada"])
        let bob = try await user("bob")
        #expect(try await user("ada")?[enterprise]?["manager"]?["value"] == bob?["id"])
    }

    // MARK: Those who are missing

    @Test("people who are missing are deactivated, if they are not too many, and no row is bad")
    func missing() async throws {
        let names = (0..<20).map { "user\($0)" }
        _ = try await load("userName\n" + names.joined(separator: "\n"))
        func without(_ count: Int, _ more: String = "", _ change: (inout ImportOptions) -> Void = { _ in }) async throws -> Told {
            try await load("userName\n" + names.dropFirst(count).joined(separator: "\n") + more) {
                $0.deactivatesMissing = true
                change(&$0)
            }
        }
        await #expect(
            throws: ImportError(["3 of 20 active people are not in the file, which is more than 10.0 %; say --force if that is meant"])
        ) { try await without(3) }
        let bad = try await without(2, "\nuser5")
        #expect(bad.summary.deactivated == 0)
        #expect(bad.lines.last == "nobody was deactivated, for 1 rows could not be carried out")
        let told = try await without(2)
        #expect(told.summary.deactivated == 2)
        #expect(
            told.lines.sorted() == ["user0: deactivated, for they are not in the file", "user1: deactivated, for they are not in the file"])
        #expect(try await user("user1")?["active"] == false)
        #expect(try await user("user2")?["active"] == true)
        #expect(try await without(2).summary.deactivated == 0, "they are inactive already")
        #expect(try await without(6) { $0.deactivationLimit = 100 }.summary.deactivated == 4)
    }

    @Test("whom another source made, without an externalId, is not missing where people are found by it")
    func foreign() async throws {
        _ = try await load("userName\nadmin")
        let told = try await load("userName,externalId\nada,1") {
            $0.match = .externalId
            $0.deactivatesMissing = true
        }
        #expect(told.summary.deactivated == 0)
        #expect(try await user("admin")?["active"] == true)
    }

    @Test("externalIds that differ by case alone are two people, and one of them may be missing")
    func caseExactKeys() async throws {
        let told = try await load("userName,externalId\nada,003A\nbob,003a") { $0.match = .externalId }
        #expect(told.counts == [2, 0, 0, 0], "\(told.lines)")
        let without = try await load("userName,externalId\nada,003A") {
            $0.match = .externalId
            $0.deactivatesMissing = true
            $0.deactivationLimit = 100
        }
        #expect(without.lines == ["bob: deactivated, for they are not in the file"])
        #expect(try await user("ada")?["active"] == true)
        #expect(try await user("bob")?["active"] == false)
    }

    // MARK: Size

    @Test("more rows than are in hand at a time keep their order and their managers")
    func many() async throws {
        let rows = (0..<500).map { "user\($0),\($0 == 0 ? "" : "user\(($0 + 250) % 500)"),Team" }
        let told = try await load("userName,manager,groups\n" + rows.joined(separator: "\n")) { $0.createsGroups = true }
        #expect(told.counts == [500, 0, 0, 0] && told.summary.joined == 500)
        #expect(told.lines.first == "line 2: user0: new" && told.lines[499] == "line 501: user499: new")
        let manager = try await user("user260")
        #expect(try await user("user10")?[enterprise]?["manager"]?["value"] == manager?["id"])
        #expect(try await load("userName,manager,groups\n" + rows.joined(separator: "\n")).counts == [0, 0, 500, 0])
    }
}
