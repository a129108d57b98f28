import Logging
import Muster
import MusterCore
import MusterProvisioner
import Testing

/// One Muster plays OneLogin, another the application that OneLogin provisions people into: everything that OneLogin's screens
/// and its provisioning do, with the requests as the application gets them.
@Suite("Two Musters", .timeLimit(.minutes(5)))
struct TwoMustersTests {
    private static let site = "urn:example:params:scim:schemas:extension:site:2.0:User"

    /// A site's `Weight`, as an extension at OneLogin's side, and as an attribute of users at the application's.
    private static func configuration(schema: String) throws -> (Configuration, TemporaryFolder) {
        let folder = try TemporaryFolder()
        let place = schema == Schema.user.id ? "" : #""name": "Site", "resourceTypes": ["User"], "#
        try folder.write(
            "schemas/weight.json", #"{ "id": "\#(schema)", \#(place)"attributes": [{ "name": "Weight", "type": "decimal" }] }"#)
        var configuration = Configuration()
        configuration.directory.schemas = folder.path("schemas")
        return (configuration, folder)
    }

    @Test(
        "one provisions people into the other as OneLogin does: target, connection, groups, template, custom field, manager, approvals, moves, end"
    )
    func wholeWay() async throws {
        let (ours, oursFolder) = try Self.configuration(schema: Self.site)
        let (theirs, theirsFolder) = try Self.configuration(schema: Schema.user.id)
        try await ListeningApplication.run(theirs) { application in
            let oneLogin = try await TestProvider(
                configuration: ours, environment: ["MUSTER_SECRET_CLARIZEN_TOKEN": application.token])
            try await oneLogin.run { client in
                let flow = Flow(application: application, provider: oneLogin.provider, people: client)
                try await flow.configureAndConnect()
                let names = try await flow.createPeople()
                try await flow.update(names)
                try await flow.changeManager(names)
                try await flow.move(names)
                try await flow.end(names)
            }
        }
        withExtendedLifetime((oursFolder, theirsFolder)) {}
    }

    /// The ids of the people, at OneLogin and at the application.
    private struct Names: Sendable {
        var ada: String, grace: String, ken: String
        var remoteAda: String, remoteGrace: String, remoteKen: String
        /// The ids of the application's groups by their names.
        var groups: [String: String]
    }

    private struct Flow: Sendable {
        let application: ListeningApplication
        let provider: ServiceProvider
        /// Speaks to OneLogin's directory.
        let people: Client

        typealias Request = ListeningApplication.Request
        private var provisioner: Provisioner { provider.provisioner }
        private static let (tenant, target, admin) = (Tenant.default, "clarizen", "olivia")
        private static let enterprise = Schema.enterpriseUser.id

        // MARK: Configuration and connection

        /// The target is configured with a base URL, a secret by its name, the JSON template and a custom field; the connection is
        /// tried, and the groups are listed, anew each time that it is switched on.
        func configureAndConnect() async throws {
            _ = try await application.client.createGroup("Developers")
            _ = try await application.client.createGroup("Sales")
            let definition: AttributeValue = [
                "name": "clarizen", "preset": "clarizen", "baseURL": .string(application.baseURL), "allowPrivateAddress": true,
                "authentication": ["type": "bearer", "token": "CLARIZEN_TOKEN"],
                "customFields": ["Weight": "{$user.custom_fields.Weight}"], "leaving": "delete",
            ]
            // A name in another case is another name.
            var wrong = try #require(definition.complex)
            wrong["template"] = ["userName": "{$user.Username}"]
            let misspelt = AttributeValue.complex(wrong)
            await #expect(throws: ProvisionerError.self) {
                try await provisioner.save(misspelt, in: Self.tenant, by: Self.admin)
            }
            let saved = try await provisioner.save(definition, in: Self.tenant, by: Self.admin)
            #expect(saved.findings.isEmpty && saved.status.target.row.state == .off && saved.batch == nil)
            #expect(application.requests.elements.isEmpty, "nothing is sent before the connection is switched on")

            #expect(try await connect() == ["Developers", "Sales"])
            _ = try await application.client.createGroup("Marketing")
            #expect(try await knownGroups() == ["Developers", "Sales"], "the list is that of when the connection was switched on")
            try await provisioner.disconnect(Self.target, in: Self.tenant, by: Self.admin)
            #expect(try await connect() == ["Developers", "Marketing", "Sales"])

            // A rule, and below a choice for each person: two ways into a group.
            let rules: AttributeValue = [
                [
                    "name": "Engineers", "match": "all",
                    "if": [["source": "department", "operator": "equals", "value": "Engineering"]],
                    "then": [["action": "add_groups", "groups": ["Developers"]]],
                ]
            ]
            let (version, findings) = try await provisioner.saveMappings(rules, in: Self.tenant, by: Self.admin)
            #expect(version == 1 && findings.isEmpty)
        }

        private func connect() async throws -> [String] {
            let before = application.requests.elements.count
            let (steps, batch) = try await provisioner.connect(Self.target, in: Self.tenant, by: Self.admin)
            #expect(steps.allSatisfy { $0.outcome == .ok } && batch != nil, "\(steps)")
            // Nobody who exists is looked up, and the groups are read, as OneLogin does it.
            let sent = application.requests.elements.dropFirst(before)
            #expect(sent.allSatisfy { $0.method == "GET" && $0.body == nil })
            let paths = sent.map { String($0.path.prefix { $0 != "?" }) }
            #expect(paths == ["/ServiceProviderConfig", "/Users", "/Groups", "/Groups"])
            #expect(sent.contains { $0.path.hasPrefix("/Users?filter=userName%20eq%20%22never-existing-") })
            return try await knownGroups()
        }

        private func knownGroups() async throws -> [String] {
            try await provisioner.target(Self.target, in: Self.tenant).target.groups.map(\.name).sorted()
        }

        // MARK: The rows

        /// People are made, each by a POST; two managers first, who are in no group.
        func createPeople() async throws -> Names {
            let grace = try await people.createUser(
                "grace@example.com", ["name": ["givenName": "Grace", "familyName": "Hopper"], "active": true])
            let ken = try await people.createUser(
                "ken@example.com", ["name": ["givenName": "Ken", "familyName": "Thompson"], "active": true])
            var remote: [String: String] = [:]
            let managers = [(grace, "grace@example.com", "Grace", "Hopper"), (ken, "ken@example.com", "Ken", "Thompson")]
            for (id, name, given, family) in managers {
                let sent = try await approved("create", of: id) { try await assign(id) }
                #expect(
                    sent == [
                        lookUp(name),
                        Request(
                            "POST", "/Users",
                            [
                                "schemas": [.string(Schema.user.id), .string(Self.enterprise)], "userName": .string(name),
                                "displayName": .string("\(given) \(family)"),
                                "name": ["givenName": .string(given), "familyName": .string(family)],
                                "emails": [["value": .string(name), "type": "work", "primary": true]], "active": true,
                            ]),
                    ])
                remote[id] = try #require(try await account(name)["id"]?.string)
            }
            let listed = try await application.client.send("GET", "/Groups")["Resources"]?.array ?? []
            let groups = Dictionary(uniqueKeysWithValues: listed.map { ($0["displayName"]?.string ?? "", $0["id"]?.string ?? "") })

            // Ada has everything: the template's nine fields, the site's own, a manager, a rule's group and a group of her own.
            let ada = try await people.createUser(
                "ada@example.com",
                [
                    "name": ["givenName": "Ada", "familyName": "Lovelace"], "displayName": "Ada Lovelace", "title": "Engineer",
                    "active": true, "emails": [["value": "ada@example.com", "type": "work", "primary": true]],
                    "phoneNumbers": [["value": "+1 202 555 0102", "type": "work"], ["value": "+1 202 555 0199", "type": "mobile"]],
                    Self.enterprise: ["department": "Engineering", "manager": ["value": .string(grace)]],
                    TwoMustersTests.site: ["Weight": 61.5],
                ])
            let graceThere = try #require(remote[grace])
            let sent = try await approved("create", of: ada) { try await assign(ada, to: "Sales") }
            let there = try #require(try await account("ada@example.com")["id"]?.string)
            let names = Names(
                ada: ada, grace: grace, ken: ken, remoteAda: there, remoteGrace: graceThere, remoteKen: try #require(remote[ken]),
                groups: groups)
            #expect(
                sent == [lookUp("ada@example.com"), Request("POST", "/Users", document(manager: graceThere))]
                    + ["Developers", "Sales"].map { membership("add", $0, names) })
            let made = try await account("ada@example.com")
            #expect(made["Weight"] == 61.5 && made["title"] == "Engineer" && made["active"] == true)
            #expect(made[Self.enterprise]?["manager"]?["value"]?.string == graceThere)
            #expect(try await groupNames(of: names) == ["Developers", "Sales"])
            return names
        }

        /// Each update is one PUT and one PATCH for each group, whether she is in it or not.
        func update(_ names: Names) async throws {
            let sent = try await approved("update", of: names.ada) {
                try await people.set("title", of: names.ada, to: "Countess")
            }
            #expect(
                sent == [put(names, document(title: "Countess", manager: names.remoteGrace))]
                    + ["Developers", "Sales"].map { membership("add", $0, names) })
            let heavier = try await approved("update", of: names.ada) {
                try await people.set("\(TwoMustersTests.site):Weight", of: names.ada, to: 62.25)
            }
            #expect(heavier.count == 3 && heavier[0].body?["Weight"] == 62.25 && heavier.dropFirst().allSatisfy { $0.method == "PATCH" })
            try await people.set("\(TwoMustersTests.site):Weight", of: names.ada, to: 61.5)
            _ = try await approved("update", of: names.ada) {}
        }

        /// The manager is changed, unassigned and assigned; each time by the id that the manager has at the application.
        func changeManager(_ names: Names) async throws {
            let memberships = ["Developers", "Sales"].map { membership("add", $0, names) }
            let path = "\(Self.enterprise):manager"
            let changed = try await approved("update", of: names.ada) {
                try await people.set(path, of: names.ada, to: ["value": .string(names.ken)])
            }
            #expect(changed == [put(names, document(title: "Countess", manager: names.remoteKen))] + memberships)
            let unassigned = try await approved("update", of: names.ada) {
                _ = try await people.patch("/Users/\(names.ada)", ["op": "remove", "path": .string(path)])
            }
            #expect(unassigned == [put(names, document(title: "Countess", manager: nil))] + memberships)
            let single = try await account("ada@example.com")
            #expect(single[Self.enterprise]?["manager"] == nil)
            let assigned = try await approved("update", of: names.ada) {
                try await people.set(path, of: names.ada, to: ["value": .string(names.grace)])
            }
            #expect(assigned == [put(names, document(title: "Countess", manager: names.remoteGrace))] + memberships)
        }

        /// She moves to another group: the PUT, then the PATCH that takes her out of the old one, then one for each that she is in.
        func move(_ names: Names) async throws {
            let moved = try await approved("update", of: names.ada) { try await assign(names.ada, to: "Marketing") }
            #expect(
                moved == [
                    put(names, document(title: "Countess", manager: names.remoteGrace)), membership("remove", "Sales", names),
                    membership("add", "Developers", names), membership("add", "Marketing", names),
                ])
            #expect(try await groupNames(of: names) == ["Developers", "Marketing"])
        }

        /// She is switched off, on again, and removed.
        func end(_ names: Names) async throws {
            let (document, groups) = (document(title: "Countess", manager: names.remoteGrace), ["Developers", "Marketing"])
            let inactive = {
                var map = document.complex ?? [:]
                map["active"] = false
                return AttributeValue.complex(map)
            }()
            let deactivated = try await approved("deactivate", of: names.ada) {
                try await people.set("active", of: names.ada, to: false)
            }
            #expect(deactivated == groups.map { membership("remove", $0, names) } + [put(names, inactive)])
            #expect(try await account("ada@example.com")["active"] == false)
            #expect(try await groupNames(of: names).isEmpty)

            let reactivated = try await approved("reactivate", of: names.ada) {
                try await people.set("active", of: names.ada, to: true)
            }
            #expect(reactivated == [put(names, document)] + groups.map { membership("add", $0, names) })
            #expect(try await account("ada@example.com")["active"] == true)
            #expect(try await groupNames(of: names) == groups)

            let removed = try await approved("delete", of: names.ada) {
                let answer = try await people.send("DELETE", "/Users/\(names.ada)")
                #expect(answer.status == 204)
            }
            #expect(removed == groups.map { membership("remove", $0, names) } + [Request("DELETE", "/Users/\(names.remoteAda)")])
            let left = try await account("ada@example.com")
            #expect(left == .null)
            let audit = try await provisioner.audit(before: 0, limit: 100, in: Self.tenant)
            #expect(audit.count { $0.act == "approval.approve" && $0.actor == Self.admin } == 13)
        }

        // MARK: Steps

        /// Changes something, and lets an administrator approve what came of it: exactly one plan, of which nothing was sent before.
        /// - Returns: What the application got after the approval, which is what the plan had shown.
        private func approved(
            _ action: String, of id: String, _ change: () async throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
        ) async throws -> [Request] {
            let before = application.requests.elements.count
            try await change()
            try await provider.drainProvisioning()
            #expect(application.requests.elements.count == before, "nothing is sent before the approval", sourceLocation: sourceLocation)
            let plans = try await provisioner.plans(ProvisioningTaskQuery(tenant: Self.tenant))
            #expect(plans.map(\.task.action) == [action] && plans.map(\.task.subject.id) == [id], sourceLocation: sourceLocation)
            #expect(plans.first?.task.state == .pending, sourceLocation: sourceLocation)
            let numbers = plans.map(\.task.number)
            try await provisioner.approve(.numbers(numbers), in: Self.tenant, by: Self.admin)
            try await provider.drainProvisioning()
            let left = try await provisioner.plans(ProvisioningTaskQuery(tenant: Self.tenant))
            #expect(left.isEmpty, "\(left.map(\.task))", sourceLocation: sourceLocation)
            let sent = Array(application.requests.elements.dropFirst(before))
            let planned = plans.first?.plan?.operations.map(\.method)
            #expect(sent.filter { $0.method != "GET" }.map(\.method) == planned, sourceLocation: sourceLocation)
            return sent
        }

        /// Sends a person to the application, into one of its groups besides those of the rules.
        private func assign(_ id: String, to group: String? = nil) async throws {
            let key = ResourceKey(tenant: Self.tenant, type: ResourceType.user.name, id: id)
            try await provisioner.assign(key, to: Self.target, groups: group.map { [$0] }, by: Self.admin)
        }

        // MARK: Requests that are expected

        private func lookUp(_ name: String) -> Request {
            Request("GET", "/Users?filter=userName%20eq%20%22\(name)%22")
        }

        private func put(_ names: Names, _ document: AttributeValue) -> Request { Request("PUT", "/Users/\(names.remoteAda)", document) }

        private func membership(_ op: String, _ group: String, _ names: Names) -> Request {
            Request(
                "PATCH", "/Groups/\(names.groups[group] ?? "")",
                [
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": [["op": .string(op), "path": "members", "value": [["value": .string(names.remoteAda)]]]],
                ])
        }

        /// Ada, as the template makes her.
        private func document(title: String = "Engineer", manager: String?) -> AttributeValue {
            var map: AttributeMap = [
                "schemas": [.string(Schema.user.id), .string(Self.enterprise)], "userName": "ada@example.com",
                "displayName": "Ada Lovelace",
                "name": ["givenName": "Ada", "familyName": "Lovelace"],
                "emails": [["value": "ada@example.com", "type": "work", "primary": true]],
                "phoneNumbers": [["value": "+1 202 555 0102", "type": "work"], ["value": "+1 202 555 0199", "type": "mobile"]],
                "title": .string(title), "active": true,
            ]
            if let manager { map.append(Self.enterprise, ["manager": ["value": .string(manager)]]) }
            map.append("Weight", 61.5)
            return .complex(map)
        }

        // MARK: What is at the application

        private func account(_ name: String) async throws -> AttributeValue {
            let found = try await application.client.send("GET", "/Users?filter=userName%20eq%20%22\(name)%22")
            return found["Resources"]?.array?.first ?? .null
        }

        private func groupNames(of names: Names) async throws -> [String] {
            let account = try await application.client.send("GET", "/Users/\(names.remoteAda)")
            return account["groups"]?.array?.compactMap { $0["display"]?.string }.sorted() ?? []
        }
    }
}
