import Foundation
import HTTPTypes
import MusterCore
import MusterProvisioner
import SCIM
import Testing

@testable import MusterAdmin

@Suite("The description of the administration door")
struct DescriptionTests {
    /// The operations that a document describes: method and path.
    private func described(_ document: AttributeValue) -> Set<String> {
        var found: Set<String> = []
        for path in document["paths"]?.complex?.members ?? [] {
            for operation in path.value.complex?.members ?? [] where operation.name != "servers" {
                found.insert("\(operation.name.uppercased()) \(path.name)")
            }
        }
        return found
    }

    @Test("each route is described, and each described path is routed")
    func complete() async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            let document = try await client.send(.get, "/openapi.json").body
            let described = described(document)
            #expect(described == Set(AdminOperation.all.map { "\($0.method.rawValue) \($0.path.text)" }))
            #expect(described.count == AdminOperation.all.count && described.count >= 30)
            for operation in AdminOperation.all {
                let answer = try await client.send(operation.method, operation.examplePath, [:])
                #expect(answer.status != 405 && !answer.isError(404, "nothing at this path"), "\(operation.id): \(answer.text)")
            }
        }
    }

    @Test("names of operations are unique, and every reference leads somewhere")
    func references() throws {
        let document = AdminDescription.document(of: .default)
        let ids = AdminOperation.all.map(\.id)
        #expect(Set(ids).count == ids.count)
        func check(_ value: AttributeValue) {
            if let reference = value["$ref"]?.string {
                let end = reference.split(separator: "/").dropFirst().reduce(document as AttributeValue?) { $0?[String($1)] }
                #expect(end != nil, "\(reference)")
            }
            for member in value.complex?.members ?? [] { check(member.value) }
            for element in value.array ?? [] { check(element) }
        }
        check(document)
        for schema in AdminSchema.allCases where schema != .description {
            #expect(schema.document["type"] != nil || schema.document["description"] != nil, "\(schema.name)")
        }
    }

    @Test("the document of the SCIM endpoints has the same operations beside its own, below the host")
    func supplement() throws {
        let configuration = ServiceProviderConfig(filterMaximumResults: 10)
        let alone = OpenAPIDocument(registry: .standard, configuration: configuration, baseURL: "https://h/scim/v2").document
        let both = OpenAPIDocument(
            registry: .standard, configuration: configuration, baseURL: "https://h/scim/v2", supplement: AdminDescription.supplement
        ).document
        let added = described(both).subtracting(described(alone))
        #expect(added == Set(AdminOperation.all.map { "\($0.method.rawValue) /admin/api\($0.path.text)" }))
        #expect(both["paths"]?["/admin/api/targets"]?["servers"] == [["url": "/"]])
        #expect(both["components"]?["schemas"]?["Error"] == alone["components"]?["schemas"]?["Error"])
        #expect(both["components"]?["schemas"]?["Admin.Target"]?["type"] == "object")
    }

    @Test("the document of another tenant names its own paths")
    func tenant() {
        #expect(AdminDescription.document(of: Tenant(name: "acme"))["servers"] == [["url": "/tenants/acme/admin/api"]])
    }

    @Test("the article names each operation with its scope")
    func article() throws {
        let root = URL(filePath: #filePath).appending(path: "../../..").standardized
        let text = try String(contentsOf: root.appending(path: "Sources/Muster/Muster.docc/Administration.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { $0.split(separator: "|").prefix(2).joined() }
        #expect(
            rows.map { $0.split(separator: " ").joined(separator: " ") }
                == AdminOperation.all.map { "`\($0.method.rawValue) \($0.path.text)` \($0.access.rawValue)" })
    }

    /// Everything that can be decided about a target, and all that a rule may have.
    private static let definition = #"""
        {"name":"app","preset":"clarizen","baseURL":"https://a.example","authentication":{"type":"oauth","tokenURL":"https://a.example/t",
         "clientID":"c","clientSecret":"SECRET","scope":"s"},"allowPrivateAddress":true,"headers":{"X-Site":"7"},
         "template":{"userName":"{$user.username}"},"parameters":{"title":"x"},"customFields":{"Weight":"{$user.custom_fields.Weight}"},
         "matching":["userName"],"scope":{"everyone":true,"groups":["Engineering"],"filter":"active eq true"},"leaving":"delete",
         "groups":{"mirror":true,"create":true},"approval":{"create":false,"update":false,"delete":true,"groups":false,"approvers":2},
         "updates":"only-changes","guard":{"count":3,"percent":2.5,"windowMinutes":5},
         "dialect":{"version":"2.0","update":"put","patch":false,"put":true,"filter":true,"paging":true,"delete":true,
          "memberRemoval":"filter","pageSize":10,"mediaType":"application/json","readsPerSecond":1,"writesPerSecond":1,"concurrency":2,
          "timeoutSeconds":5}}
        """#
    private static let rule = #"""
        {"name":"n","match":"any","if":[{"source":"title","operator":"in","value":["a","b"]}],"then":[
         {"action":"set","attribute":"title","value":"x"},{"action":"set_groups","groups":[]},{"action":"assign","target":"app"}],"stop":true}
        """#

    @Test("each member of a definition and of a rule is described, and no member besides")
    func members() throws {
        func check(_ value: AttributeValue, _ schema: AttributeValue?, _ path: String) throws {
            if let map = value.complex, let properties = schema?["properties"]?.complex {
                #expect(schema?["additionalProperties"] == false, "\(path)")
                for member in map.members {
                    let part = properties[member.name]
                    #expect(part != nil, "\(path).\(member.name)")
                    try check(member.value, part, "\(path).\(member.name)")
                }
            }
            for element in value.array ?? [] { try check(element, schema?["items"], path + "[]") }
            if let text = value.string, let known = schema?["enum"]?.array { #expect(known.contains(.string(text)), "\(path)") }
        }
        let definition = try AttributeValue(json: Self.definition)
        #expect(TargetDefinition.read(definition).findings.isEmpty)
        try check(definition, AdminSchema.definition.document, "definition")
        let described = AdminSchema.definition.document["properties"]?.complex?.members.map(\.name) ?? []
        #expect(Set(described) == Set(definition.complex?.members.map(\.name) ?? []))
        let rule = try AttributeValue(json: Self.rule)
        #expect(MappingRules.read([rule]).findings.isEmpty)
        try check(rule, AdminSchema.rule.document, "rule")
    }
}
