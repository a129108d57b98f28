import SCIM
import Testing

@Suite("The OpenAPI description")
struct OpenAPIDocumentTests {
    private typealias Bench = OpenAPIBench

    @Test("every endpoint is there with the methods that it takes (RFC 7644 §3.2)")
    func endpoints() {
        let found = Dictionary(grouping: Bench.operations(Bench.document()), by: \.path)
            .mapValues { $0.map(\.method).sorted().joined(separator: " ") }
        var expected = [
            "/Me": "delete get patch put", "/": "get", "/.search": "post", "/Bulk": "post", "/openapi.json": "get",
            "/ServiceProviderConfig": "get", "/ResourceTypes": "get", "/ResourceTypes/{id}": "get", "/Schemas": "get",
            "/Schemas/{id}": "get", "/Events": "post", "/Events/jwks.json": "get",
        ]
        for type in Bench.registry.resourceTypes {
            expected[type.endpoint] = "get post"
            expected[type.endpoint + "/{id}"] = "delete get patch put"
            expected[type.endpoint + "/.search"] = "post"
        }
        #expect(found == expected)
    }

    @Test("what is not offered is not described")
    func notOffered() {
        let document = Bench.document(
            SchemaRegistry(resourceTypes: [.group], schemas: [.group]), .init(supportsPatch: false, filterMaximumResults: nil))
        let found = Bench.operations(document)
        #expect(!found.contains { ["/Bulk", "/Me"].contains($0.path) || $0.method == "patch" })
        #expect(found.contains { $0.path == "/Groups/{id}" })
        for (path, method, operation) in found {
            for parameter in operation["parameters"]?.array ?? [] {
                let name = parameter["name"]?.string ?? parameter["$ref"]?.string?.split(separator: "/").last.map(String.init)
                #expect(["id", "attributes", "excludedAttributes", "startIndex", "count"].contains(name), "\(method) \(path)")
            }
            for response in operation["responses"]?.complex?.members ?? [] {
                #expect(response.name != "304" && response.name != "412" && response.value["headers"]?["ETag"] == nil)
            }
        }
        let search = document["components"]?["schemas"]?["GroupSearch"]?["properties"]?.complex?.members.map(\.name)
        #expect(search == ["schemas", "startIndex", "count", "attributes", "excludedAttributes"])
    }

    @Test("each reference leads to a component, and each component is used")
    func references() {
        for document in [Bench.document(), Bench.document(.standard, ServiceProviderConfig())] {
            var components: Set<String> = []
            for kind in document["components"]?.complex?.members ?? [] where kind.name != "securitySchemes" {
                for member in kind.value.complex?.members ?? [] { components.insert("#/components/\(kind.name)/\(member.name)") }
            }
            let references = Bench.references(in: document)
            #expect(references.subtracting(components) == [])
            // Of errors and headers there is a complete set, also where entity tags are switched off.
            #expect(
                components.subtracting(references).isSubset(of: ["#/components/headers/ETag", "#/components/responses/PreconditionFailed"]))
        }
    }

    @Test("operations have readable names of their own, the parameters of their path, and links that lead to operations")
    func names() {
        let found = Bench.operations(Bench.document())
        let names = found.compactMap { $0.operation["operationId"]?.string }
        #expect(names.count == found.count && Set(names).count == found.count)
        for name in ["listUsers", "createUser", "getUser", "patchGroup", "deleteDevice", "searchDevices", "getMe", "runBulk"] {
            #expect(names.contains(name))
        }
        for (path, _, operation) in found {
            let parameters = (operation["parameters"]?.array ?? []).map { $0["name"] ?? $0["$ref"] }
            #expect(path.contains("{id}") == parameters.contains { $0 == "id" || $0 == "#/components/parameters/id" }, "\(path)")
            for link in operation["responses"]?["201"]?["links"]?.complex?.members ?? [] {
                #expect(names.contains(link.value["operationId"]?.string ?? ""))
            }
        }
    }

    @Test("resource types that are called like each other, or like a part of the description, get names of their own")
    func clashes() {
        let types = ["Error", "my-Type", "MyType", "UserList", "Me", "Ü"].map { name in
            ResourceType(name: name, endpoint: "/\(name)s", description: "", schema: OpenAPIBench.site.id, schemaExtensions: [])
        }
        let document = Bench.document(SchemaRegistry(resourceTypes: [.user] + types, schemas: [.user, .enterpriseUser, Bench.site]))
        let ids = Bench.operations(document).compactMap { $0.operation["operationId"]?.string }
        #expect(Set(ids.map { $0.lowercased() }).count == Bench.operations(document).count)
        let names = (document["components"]?["schemas"]?.complex?.members ?? []).map(\.name)
        #expect(Set(names.map { $0.lowercased() }).count == names.count)
        #expect(names.allSatisfy { $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } })
        #expect(document["components"]?["schemas"]?["Error"]?["required"] == ["schemas", "status", "detail"])
    }

    @Test(
        "each operation has the statuses that it may answer",
        arguments: [
            ("/Users", "get", "200", ""), ("/Users", "post", "201", "408 409 413 415"),
            ("/Users/{id}", "get", "200 304", "404 405 412"), ("/Users/{id}", "put", "200", "404 405 408 409 412 413 415"),
            ("/Me", "patch", "200 204", "404 405 408 409 412 413 415"), ("/Devices/{id}", "delete", "204", "404 405 409 412"),
            ("/.search", "post", "200", "408 413 415"), ("/Bulk", "post", "200", "408 409 413 415"),
            ("/Events", "post", "200", "404 408 413 415"), ("/Schemas/{id}", "get", "200", "404"), ("/openapi.json", "get", "200", ""),
        ])
    func statuses(path: String, method: String, successes: String, errors: String) {
        let responses = Bench.document()["paths"]?[path]?[method]?["responses"]?.complex?.members ?? []
        let expected = "\(errors) 400 401 403 414 429 431 500 503".split(separator: " ").sorted()
        #expect(responses.map(\.name) == successes.split(separator: " ").map(String.init) + expected.map(String.init))
    }

    @Test("answers have the media types and headers that belong to them")
    func answers() {
        let document = Bench.document()
        let errors = document["components"]?["responses"]
        for member in errors?.complex?.members ?? [] {
            #expect(member.value["content"]?.complex?.members.map(\.name) == ["application/scim+json", "application/json"])
        }
        for (name, header) in [
            ("Unauthorized", "WWW-Authenticate"), ("MethodNotAllowed", "Allow"), ("TooManyRequests", "Retry-After"),
            ("ServiceUnavailable", "Retry-After"), ("NotFound", "X-Request-Id"),
        ] {
            #expect(errors?[name]?["headers"]?[header]?["$ref"] == .string("#/components/headers/\(header)"))
        }
        func headers(_ path: String, _ method: String, _ status: String) -> [String]? {
            document["paths"]?[path]?[method]?["responses"]?[status]?["headers"]?.complex?.members.map(\.name)
        }
        #expect(headers("/Users", "post", "201") == ["X-Request-Id", "Location", "ETag", "Muster-Quirks"])
        #expect(headers("/Users/{id}", "get", "304") == ["X-Request-Id", "ETag"])
        #expect(headers("/Users/{id}", "delete", "204") == ["X-Request-Id"])
        #expect(document["paths"]?["/Users/{id}"]?["delete"]?["responses"]?["204"]?["content"] == nil)
    }

    @Test("the ways to authenticate are those of the configuration")
    func security() {
        let document = Bench.document()
        #expect(document["security"] == [["bearerToken": []], ["oauth2": []], ["basic": []], ["mutualTLS": []]])
        #expect(document["components"]?["securitySchemes"]?["basic"]?["scheme"] == "basic")
        #expect(document["components"]?["securitySchemes"]?["oauth2"]?["bearerFormat"] == "JWT")
        #expect(Bench.document(.standard, ServiceProviderConfig())["security"] == [["bearerToken": []]])
        let open = Bench.document(.standard, ServiceProviderConfig(authenticationSchemes: []))
        #expect(open["security"] == nil && open["components"]?["securitySchemes"] == nil)
    }

    @Test("the document is the same each time, valid JSON, names its server and stays small")
    func bytes() throws {
        let one = OpenAPIDocument(registry: Bench.registry, configuration: Bench.full, baseURL: Bench.baseURL).jsonBytes
        #expect(one == OpenAPIDocument(registry: Bench.registry, configuration: Bench.full, baseURL: Bench.baseURL).jsonBytes)
        let read = try AttributeValue(json: one)
        #expect(read["openapi"] == "3.1.0")
        #expect(read["servers"] == [["url": "https://host/scim/v2"]])
        #expect(read["externalDocs"] == ["url": "https://help"])
        #expect(OpenAPIDocument(registry: .standard, configuration: Bench.full, baseURL: Bench.baseURL).jsonBytes.count < 200_000)
    }
}
