import Foundation
import HTTPTypes
import MusterCore
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
}
