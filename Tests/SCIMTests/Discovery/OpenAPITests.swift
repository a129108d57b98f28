import Foundation
import SCIM
import Testing

@Suite("OpenAPI description")
struct OpenAPITests {
    private static let extra = Schema(
        id: "urn:example:a:X", name: "X", description: "Extra",
        attributes: [
            .init("Weight", .decimal), .init("shift", canonicalValues: ["early", "late"], isClosed: true),
            .init("code", isRequired: true, uniqueness: .server), .init("since", .dateTime), .init("floor", .integer),
            .init("home", .reference, referenceTypes: ["uri"]), .init("key", .binary), .init("tags", isMultiValued: true, isRequired: true),
            .init("seen", .boolean, mutability: .readOnly), .init("pin", mutability: .writeOnly, returned: .never),
        ])
    private static let registry = SchemaRegistry(
        resourceTypes: [
            .user, .group,
            ResourceType(name: "Device", endpoint: "/Devices", description: "Device", schema: extra.id, schemaExtensions: []),
        ], schemas: [.user, .enterpriseUser, .group, extra])
    private static let full = ServiceProviderConfig(
        bulk: .init(maximumOperations: 10, maximumPayloadBytes: 1000),
        authenticationSchemes: [.bearerToken, .oauth2, .httpBasic, .mutualTLS])

    private func document(
        _ registry: SchemaRegistry = registry, _ configuration: ServiceProviderConfig = full, additionalPaths: AttributeMap = [:]
    ) -> AttributeValue {
        OpenAPIDocument(registry, configuration, baseURL: "https://host/scim/v2", version: "1.2", additionalPaths: additionalPaths).document
    }

    private func schema(_ name: String) -> AttributeValue? { document()["components"]?["schemas"]?[name] }

    private func operations(_ document: AttributeValue) -> [(path: String, method: String, operation: AttributeValue)] {
        (document["paths"]?.complex?.members ?? []).flatMap { item in
            (item.value.complex?.members ?? []).map { (item.name, $0.name, $0.value) }
        }
    }

    @Test("every endpoint is there with the methods that it takes (RFC 7644 §3.2)")
    func endpoints() {
        let found = Dictionary(grouping: operations(document()), by: \.path).mapValues { $0.map(\.method).sorted().joined(separator: " ") }
        var expected = [
            "/Me": "delete get head patch put", "/": "get head", "/.search": "post", "/Bulk": "post", "/openapi.json": "get head",
            "/ServiceProviderConfig": "get head", "/ResourceTypes": "get head", "/ResourceTypes/{name}": "get head",
            "/Schemas": "get head", "/Schemas/{urn}": "get head",
        ]
        for endpoint in ["/Users", "/Groups", "/Devices"] {
            expected[endpoint] = "get head post"
            expected[endpoint + "/{id}"] = "delete get head patch put"
            expected[endpoint + "/.search"] = "post"
        }
        #expect(found == expected)
    }

    @Test("what is not offered is not described")
    func notOffered() {
        let found = operations(document(SchemaRegistry(resourceTypes: [.group], schemas: [.group]), .init(supportsPatch: false)))
        #expect(!found.contains { ["/Bulk", "/Me"].contains($0.path) || $0.method == "patch" })
        #expect(found.contains { $0.path == "/Groups/{id}" })
        #expect(document(additionalPaths: ["/x": ["get": [:]]])["paths"]?["/x"] == ["get": [:]])
    }

    @Test("each reference leads to a component, and each component is used")
    func references() {
        for document in [document(), document(.standard, ServiceProviderConfig())] {
            var found: Set<String> = []
            func collect(_ value: AttributeValue) {
                for element in value.array ?? [] { collect(element) }
                for member in value.complex?.members ?? [] {
                    if member.name == "$ref", let path = member.value.string { found.insert(path) } else { collect(member.value) }
                }
            }
            collect(document)
            var components: Set<String> = []
            for kind in document["components"]?.complex?.members ?? [] where kind.name != "securitySchemes" {
                for member in kind.value.complex?.members ?? [] { components.insert("#/components/\(kind.name)/\(member.name)") }
            }
            #expect(found == components)
        }
    }

    @Test("operations have names of their own, their path's parameters, and links that lead to operations")
    func names() {
        let found = operations(document())
        let names = found.compactMap { $0.operation["operationId"]?.string }
        #expect(Set(names).count == found.count)
        for (path, _, operation) in found {
            let parameters = (operation["parameters"]?.array ?? []).compactMap { $0["$ref"]?.string?.split(separator: "/").last }
            for name in ["id", "name", "urn"] { #expect(path.contains("{\(name)}") == parameters.contains { $0 == name }) }
            for link in operation["responses"]?["201"]?["links"]?.complex?.members ?? [] {
                #expect(names.contains(link.value["operationId"]?.string ?? ""))
            }
        }
    }

    @Test(
        "each operation has the statuses that it may answer",
        arguments: [
            ("/Users", "get", [200], []), ("/Users", "post", [201], [408, 409, 412, 413, 415]),
            ("/Users/{id}", "get", [200, 304], [412]), ("/Users/{id}", "head", [200, 304], [412]),
            ("/Users/{id}", "put", [200, 204], [408, 409, 412, 413, 415]), ("/Me", "patch", [200, 204], [408, 409, 412, 413, 415]),
            ("/Devices/{id}", "delete", [204], [409, 412]), ("/.search", "post", [200], [408, 413, 415]),
            ("/Bulk", "post", [200], [408, 409, 413, 415]), ("/Schemas/{urn}", "get", [200], []),
        ])
    func statuses(path: String, method: String, successes: [Int], errors: [Int]) {
        let responses = document()["paths"]?[path]?[method]?["responses"]?.complex?.members ?? []
        let usual = [400, 401, 403, 404, 405, 406, 414, 429, 500, 501, 503]
        #expect(responses.map(\.name) == (successes + (usual + errors).sorted()).map(String.init))
        for response in responses.dropFirst(successes.count) {
            #expect(response.value["$ref"]?.string == "#/components/responses/error" + response.name)
        }
    }

    @Test("errors are SCIM's in both media types, with the headers that belong to them")
    func errors() {
        let responses = document()["components"]?["responses"]
        for member in responses?.complex?.members ?? [] {
            #expect(member.value["content"]?.complex?.members.map(\.name) == ["application/scim+json", "application/json"])
        }
        #expect(responses?["error405"]?["headers"]?["Allow"] != nil)
        #expect(responses?["error401"]?["headers"]?["WWW-Authenticate"] != nil)
        #expect(responses?["error429"]?["headers"]?["Retry-After"] != nil)
    }

    @Test(
        "an attribute is described by its type; what is sent may be null where it need not be",
        arguments: [
            ("Weight", ["type": ["number", "null"]], ["type": "number"]),
            ("shift", ["type": ["string", "null"], "enum": ["early", "late", nil]], ["type": "string", "enum": ["early", "late"]]),
            ("code", ["type": "string", "pattern": "\\S", "maxLength": 1024], ["type": "string"]),
            ("since", ["type": ["string", "null"], "format": "date-time"], ["type": "string", "format": "date-time"]),
            ("floor", ["type": ["integer", "null"], "format": "int64"], ["type": "integer", "format": "int64"]),
            ("home", ["type": ["string", "null"], "format": "uri-reference"], ["type": "string", "format": "uri-reference"]),
            ("key", ["type": ["string", "null"], "contentEncoding": "base64"], ["type": "string", "contentEncoding": "base64"]),
            (
                "tags", ["type": "array", "items": ["type": "string", "pattern": "\\S"], "minItems": 1],
                ["type": "array", "items": ["type": "string"]]
            ),
            ("seen", nil, ["type": "boolean", "readOnly": true]), ("pin", ["type": ["string", "null"], "writeOnly": true], nil),
            ("nope", nil, nil),
        ] as [(String, AttributeMap?, AttributeMap?)])
    func attributes(name: String, sent: AttributeMap?, answered: AttributeMap?) {
        #expect(schema("Device.Request")?["properties"]?[name]?.complex == sent)
        #expect(schema("Device")?["properties"]?[name]?.complex == answered)
    }

    @Test("what is required is required of requests; answers always have schemas and id")
    func required() {
        #expect(schema("Device.Request")?["required"] == ["code", "tags"])
        #expect(schema("User.Request")?["required"] == ["userName"])
        #expect(schema("User")?["required"] == ["schemas", "id"])
        for name in ["id", "meta", "groups"] {
            #expect(schema("User.Request")?["properties"]?[name] == nil)
            #expect(schema("User")?["properties"]?[name] != nil)
        }
        #expect(schema("User")?["properties"]?["password"] == nil)
        #expect(schema("User.Request")?["properties"]?["password"]?["writeOnly"] == true)
        #expect(schema("User")?["properties"]?[Schema.enterpriseUser.id]?["properties"]?["manager"]?["properties"]?["displayName"] != nil)
        #expect(
            schema("User.Request")?["properties"]?[Schema.enterpriseUser.id]?["properties"]?["manager"]?["properties"]?["displayName"]
                == nil)
    }

    @Test("the ways to authenticate are those of the configuration")
    func security() {
        #expect(document()["security"] == [["bearer": []], ["accessToken": []], ["basic": []], ["mutualTLS": []]])
        #expect(document()["components"]?["securitySchemes"]?["basic"]?["scheme"] == "basic")
        #expect(document(.standard, ServiceProviderConfig())["security"] == [["bearer": []]])
    }

    @Test("the document is the same each time, and valid JSON")
    func deterministic() throws {
        let one = OpenAPIDocument(Self.registry, Self.full, baseURL: "https://host/scim/v2", version: "1").jsonBytes
        #expect(one == OpenAPIDocument(Self.registry, Self.full, baseURL: "https://host/scim/v2", version: "1").jsonBytes)
        #expect(try AttributeValue(json: one)["openapi"] == "3.1.0")
    }
}
