import MusterCore
import MusterProvisioner
import SCIM
import Testing

@Suite("Templates in OneLogin's form")
struct ProvisioningTemplateTests {
    private static func ada() throws -> Person {
        let text = #"""
            { "id": "1", "userName": "ada@x.org", "displayName": "Ada L", "active": true, "title": "Analyst",
              "name": { "givenName": "Ada", "familyName": "Lovelace" }, "emails": [{ "value": "ada@x.org", "type": "work", "primary": true }],
              "urn:example:custom": { "Weight": 7 } }
            """#
        return Person(
            key: ResourceKey(type: "User", id: "1"), user: Resource(attributes: try #require(try AttributeValue(json: text).complex)))
    }

    private static func rendered(_ text: String, parameters: [String: String] = [:]) throws -> AttributeValue {
        ProvisioningTemplate(document: try AttributeValue(json: text), parameters: parameters).render(try ada()).document
    }

    @Test(
        "a text becomes what its macros stand for, and is left out where they stand for nothing",
        arguments: [
            ("{$user.firstname}", "Ada" as AttributeValue?), ("{$user.firstname} {$user.lastname}", "Ada Lovelace"),
            ("{$user.firstname}{$user.mobile}!", "Ada!"), ("{$user.mobile} (mobile)", nil), ("{$user.mobile}", nil), ("plain", "plain"),
            ("{$user.mobile} {$user.lastname}", "Lovelace"), ("{$user.firstname} {$user.mobile}", "Ada"),
            ("{$user.firstname} {$user.mobile} {$user.lastname}", "Ada Lovelace"), ("{$user.firstname} {$user.mobile} {$user.zip} ", "Ada"),
            ("  {$user.firstname}  {$user.lastname} ", "  Ada  Lovelace "), ("Dr. {$user.mobile}{$user.lastname}", "Dr. Lovelace"),
            ("{$user.custom_fields.Weight}", 7), ("{$user.custom_fields.weight}", nil), ("{$parameters.title}", "Analyst"),
        ] as [(String, AttributeValue?)])
    func filling(text: String, expected: AttributeValue?) throws {
        let document = ProvisioningTemplate(document: ["field": .string(text)]).render(try Self.ada()).document
        #expect(document["field"] == expected)
    }

    @Test("a boolean's place takes true as a boolean, another place keeps the text")
    func typing() throws {
        let document = try Self.rendered(#"{ "active": "{$parameters.on}", "nickName": "{$parameters.on}" }"#, parameters: ["on": "true"])
        #expect(document["active"] == true)
        #expect(document["nickName"] == "true")
    }

    @Test("a number or a flag is a text where the schema has a text, and stays what it is elsewhere")
    func scalars() throws {
        let document = try Self.rendered(
            #"""
            { "userName": "{$user.custom_fields.Weight}", "nickName": "{$user.active}", "Weight": "{$user.custom_fields.Weight}",
              "title": 3, "emails": [{ "value": "{$user.custom_fields.Weight}", "primary": true }],
              "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "employeeNumber": "{$user.custom_fields.Weight}" },
              "urn:scim:schemas:extension:enterprise:1.0": { "employeeNumber": "{$user.custom_fields.Weight}" } }
            """#)
        #expect(document["userName"] == "7" && document["nickName"] == "true" && document["Weight"] == 7 && document["title"] == "3")
        #expect(document["emails"] == [["value": "7", "primary": true]])
        for urn in [Schema.enterpriseUser.id, "urn:scim:schemas:extension:enterprise:1.0"] {
            #expect(document[urn]?["employeeNumber"] == "7")
        }
    }

    @Test("an element of which only type and primary are left is left out; null, id and meta are too")
    func leavingOut() throws {
        let document = try Self.rendered(
            #"""
            { "id": null, "meta": { "x": "y" }, "nickName": null,
              "emails": [{ "value": "{$user.email}", "type": "work" }],
              "phoneNumbers": [{ "value": "{$user.mobile}", "type": "mobile", "primary": true }] }
            """#)
        #expect(document["emails"] == [["value": "ada@x.org", "type": "work"]])
        for name in ["id", "meta", "nickName", "phoneNumbers"] { #expect(document[name] == nil) }
        #expect(document["schemas"] == ["urn:ietf:params:scim:schemas:core:2.0:User"])
    }

    /// What OneLogin's SCIM v2 Enterprise app has at first, with its URNs from before the RFC, as it is pasted in.
    private static func oneLoginEnterprise() throws -> ProvisioningTemplate {
        let pasted = try AttributeValue(
            json: #"""
                { "schemas": ["urn:scim:schemas:core:2.0", "urn:scim:schemas:extension:enterprise:2.0"],
                  "userName": "{$parameters.scimusername}", "displayName": "{$user.display_name}",
                  "name": { "givenName": "{$user.firstname}", "familyName": "{$user.lastname}",
                            "formatted": "{$user.display_name}" },
                  "emails": [{ "value": "{$user.email}", "type": "work", "primary": true }], "active": "{$user.active}",
                  "title": "{$parameters.title}",
                  "urn:scim:schemas:extension:enterprise:2.0": {
                    "department": "{$parameters.department}", "manager": { "managerId": "{$parameters.external_manager_id}" } } }
                """#)
        let (template, findings) = ProvisioningTemplate.read(pasted, parameters: [:], at: "template")
        #expect(findings.isEmpty)
        return template
    }

    @Test("a manager without an account is left out and awaited; one with an account is named", arguments: [nil, "m-9"])
    func manager(remoteID: String?) throws {
        var person = try Self.ada()
        person.manager = Person.Manager(user: Resource(attributes: ["id": "2", "userName": "boss"]), remoteID: remoteID)
        let rendering = try Self.oneLoginEnterprise().render(person)
        let manager = rendering.document["urn:scim:schemas:extension:enterprise:2.0"]?["manager"]?["managerId"]
        #expect(manager == remoteID.map { .string($0) })
        #expect(rendering.awaitsManager == (remoteID == nil))
    }

    @Test(
        "an object that only tells of a manager without an account is left out; what tells of the person stays",
        arguments: [
            (#"{ "value": "{$user.manager_id}", "displayName": "{$user.manager_display_name}", "$ref": "x" }"#, nil),
            (#"{ "value": "{$parameters.external_manager_id}", "displayName": "{$user.manager_user_name}" }"#, nil),
            (#"{ "id": "{$user.manager_id}", "of": "{$user.title}" }"#, ["of": "Analyst"]),
            (#"{ "displayName": "{$user.manager_user_name}" }"#, ["displayName": "boss"]),
            (#"{ "manager": { "value": "{$user.manager_id}", "x": "y" }, "kind": "person" }"#, ["kind": "person"]),
        ] as [(String, AttributeValue?)])
    func managerObject(text: String, expected: AttributeValue?) throws {
        var person = try Self.ada()
        person.manager = Person.Manager(
            user: Resource(attributes: ["id": "2", "userName": "boss", "displayName": "The Boss"]), remoteID: nil)
        let document = try AttributeValue(json: #"{ "manager": \#(text), "urn:x:y": { "id": "{$user.manager_id}", "kind": "person" } }"#)
        let rendering = ProvisioningTemplate(document: document).render(person)
        #expect(rendering.document["manager"] == expected)
        #expect(rendering.document["urn:x:y"] == ["kind": "person"] && rendering.awaitsManager)
    }

    @Test(
        "a template that would switch everybody off is refused",
        arguments: [
            (false, true), ("false", true), ("FALSE", true), ("{$parameters.off}", true), (true, false), ("{$user.active}", false),
            ("{$parameters.title}", false),
        ] as [(AttributeValue, Bool)])
    func inactive(value: AttributeValue, isRefused: Bool) {
        let parameters = ["off": "False"]
        let read = ProvisioningTemplate.read(["userName": "x", "Active": value], parameters: parameters, at: "template")
        #expect(read.findings.map(\.path) == (isRefused ? ["template.active"] : []))
        guard let text = value.string else { return }
        var template = ProvisioningTemplate(document: ["userName": "x"], parameters: parameters)
        #expect(template.addField(named: "active", macro: text, at: "customFields.active").isEmpty == !isRefused)
    }

    @Test(
        "what is wrong is found, with the right spelling",
        arguments: [
            ("{$user.firstname}", ""), ("{$user.FirstName}", "write {$user.firstname}"), ("{$user.emial}", "did you mean {$user.email}?"),
            ("{$user.firstname", "write {$user.NAME}"), ("{$parameters.Title}", "write {$parameters.title}"),
            ("{$user.custom_fields.Weight}", ""),
        ])
    func findings(text: String, hint: String) {
        let found = ProvisioningTemplate.read(["userName": .string(text)], parameters: [:], at: "template").findings
        #expect(found.isEmpty == hint.isEmpty)
        #expect(found.allSatisfy { $0.path == "template.userName" && $0.detail.contains(hint) })
    }

    @Test("a field is added below its extension once, and not again in another case")
    func adding() {
        var template = ProvisioningTemplate.clarizen
        #expect(template.addField(named: "urn:example:site:Weight", macro: "{$user.custom_fields.Weight}", at: "fields").isEmpty)
        #expect(template.document["urn:example:site"]?["Weight"] == "{$user.custom_fields.Weight}")
        #expect(template.document["schemas"]?.array?.contains("urn:example:site") == true)
        #expect(template.addField(named: "urn:example:site:weight", macro: "x", at: "fields").count == 1)
    }

    @Test(
        "the shipped templates have nothing to repair",
        arguments: [
            ProvisioningTemplate.rfc, .clarizen, .awsIdentityCenter, .slack, .gitHubEMU, .googleCloudIdentity, .scim1,
        ])
    func shipped(template: ProvisioningTemplate) {
        #expect(ProvisioningTemplate.read(template.document, parameters: [:], at: "template").findings.isEmpty)
    }
}
