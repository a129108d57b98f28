import Foundation
import Muster
import Testing

@Suite("Schemas of a site")
struct SiteSchemaTests {
    static let weightURN = "urn:example:params:scim:schemas:extension:site:2.0:User"

    /// Custom fields of users, as a target of OneLogin's asks for.
    static let weight = """
        {
          "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
          "id": "\(weightURN)", "name": "Site", "description": "Fields of this site", "resourceTypes": ["User"],
          "attributes": [
            {"name": "Weight", "type": "decimal", "multiValued": false, "description": "In kilograms", "required": false,
             "mutability": "readWrite", "returned": "default", "uniqueness": "none", "indexed": true},
            {"name": "badge", "type": "string", "multiValued": false, "description": "Number of the badge", "required": false,
             "caseExact": true, "mutability": "readWrite", "returned": "default", "uniqueness": "server"},
            {"name": "notes", "type": "string", "multiValued": false, "description": "Shown when asked for", "required": false,
             "mutability": "readWrite", "returned": "request", "uniqueness": "none"},
            {"name": "size", "type": "string", "multiValued": false, "description": "Of the uniform", "required": false,
             "canonicalValues": ["S", "M", "L"], "closed": true, "mutability": "readWrite", "returned": "default", "uniqueness": "none"}
          ]
        }
        """

    private static let deviceURN = "urn:example:params:scim:schemas:core:2.0:Device"
    private static let deviceSchema = """
        {
          "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
          "id": "\(deviceURN)", "name": "Device", "description": "A device",
          "attributes": [
            {"name": "serialNumber", "type": "string", "multiValued": false, "description": "Serial number", "required": true,
             "caseExact": true, "mutability": "immutable", "returned": "default", "uniqueness": "server"},
            {"name": "owner", "type": "complex", "multiValued": false, "description": "Who has it", "required": false,
             "mutability": "readWrite", "returned": "default", "uniqueness": "none", "subAttributes": [
              {"name": "value", "type": "string", "multiValued": false, "description": "Id", "required": false,
               "caseExact": true, "mutability": "readWrite", "returned": "default", "uniqueness": "none", "indexed": true}]}
          ]
        }
        """
    private static let deviceType = """
        {
          "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
          "id": "Device", "name": "Device", "endpoint": "/Devices", "description": "Devices", "schema": "\(deviceURN)"
        }
        """

    private func provider(
        _ files: [String: String], plugins: String? = nil, hooks: [LifecycleHooks] = [], _ change: (inout Configuration) -> Void = { _ in }
    ) async throws -> TestProvider {
        let folder = try TemporaryFolder()
        for (name, text) in files { try folder.write("schemas/" + name, text) }
        var configuration = Configuration()
        configuration.directory.schemas = folder.path("schemas")
        change(&configuration)
        return try await TestProvider(plugins: plugins, configuration: configuration, hooks: hooks)
    }

    @Test("Custom fields of users are published, stored, filtered, patched and unique where the file says so")
    func customFields() async throws {
        try await provider(["weight.json": Self.weight]).run { client in
            let urn = Self.weightURN
            #expect(try await client.send("GET", "/Schemas/\(urn)")["attributes"]?.array?.first?["name"] == "Weight")
            let types = try await client.send("GET", "/ResourceTypes/User")
            #expect(types["schemaExtensions"]?.array?.contains { $0["schema"]?.string == urn } == true)
            let ada = try await client.createUser("ada", [urn: ["Weight": 61.5, "badge": "A-1", "notes": "shy"]])
            let read = try await client.send("GET", "/Users/\(ada)")
            #expect(read[urn]?["Weight"] == 61.5)
            #expect(read[urn]?["notes"] == nil, "it is returned on request only")
            let asked = try await client.send("GET", "/Users/\(ada)?attributes=\(urn):notes")
            #expect(asked[urn]?["notes"] == "shy")
            #expect(read["schemas"]?.array?.contains(.string(urn)) == true)
            let filter = "\(urn):Weight gt 61".replacing(" ", with: "%20")
            #expect(try await client.send("GET", "/Users?filter=\(filter)")["totalResults"] == 1)
            let twin = try await client.send("POST", "/Users", ["userName": "bob", .init(urn): ["badge": "A-1"]])
            #expect(twin.status == 409 && twin["scimType"] == "uniqueness")
            let bob = try await client.createUser("bob", [urn: ["badge": "a-1"]])
            let moved = try await client.patch("/Users/\(bob)", ["op": "replace", "path": .string("\(urn):badge"), "value": "A-1"])
            #expect(moved.status == 409)
            let heavier = try await client.patch("/Users/\(ada)", ["op": "replace", "path": .string("\(urn):Weight"), "value": 62])
            let sizes = try await client.patch("/Users/\(ada)", ["op": "add", "path": .string("\(urn):size"), "value": "m"])
            #expect(sizes[urn]?["size"] == "M")
            let unknown = try await client.patch("/Users/\(ada)", ["op": "add", "path": .string("\(urn):size"), "value": "XXL"])
            #expect(unknown.status == 400 && unknown["detail"]?.string?.contains("S, M, L") == true)
            #expect(heavier[urn]?["Weight"] == 62.0 || heavier[urn]?["Weight"] == 62)
        }
    }

    @Test("An unknown name is ignored, or refused where the site chose strictness, with the nearest known spelling")
    func strictness() async throws {
        let body: AttributeValue = ["userName": "ada", .init(Self.weightURN): ["Wieght": 61.5]]
        try await provider(["weight.json": Self.weight]).run { client in
            let status = try await client.send("POST", "/Users", body).status
            #expect(status == 201)
        }
        try await provider(["weight.json": Self.weight]) { $0.directory.unknownAttributes = "refuse" }.run { client in
            let answer = try await client.send("POST", "/Users", body)
            #expect(answer.status == 400)
            #expect(answer["detail"]?.string?.contains("Weight") == true)
        }
    }

    @Test("Hooks of resources shape and check what is neither user nor group, in Lua and in Swift")
    func hooks() async throws {
        let folder = try TemporaryFolder()
        let plugins = try folder.plugin(
            "devices",
            lua: """
                return {
                  mapResource = function(ctx)
                    if ctx.operation ~= "delete" then ctx.resource.owner = ctx.resource.owner or { value = "store" } end
                  end,
                  checkResource = function(ctx)
                    if ctx.operation == "delete" then ctx.reject { status = 403, detail = ctx.resourceType .. "s stay" } end
                  end,
                }
                """)
        var hooks = LifecycleHooks(name: "swift")
        hooks.checkResource = { change in
            guard change.after?["owner"]?["value"] != "nobody" else { throw SCIMError.forbidden("nobody owns nothing") }
        }
        let files = ["device-schema.json": Self.deviceSchema, "device-type.json": Self.deviceType]
        try await provider(files, plugins: plugins, hooks: [hooks]).run { client in
            let created = try await client.send("POST", "/Devices", ["serialNumber": "SN-1"])
            #expect(created.status == 201 && created["owner"]?["value"] == "store")
            let id = try #require(created.id)
            let kept = try await client.send("DELETE", "/Devices/\(id)")
            #expect(kept.status == 403 && kept["detail"] == "Devices stay")
            let orphan = try await client.patch("/Devices/\(id)", ["op": "replace", "path": "owner.value", "value": "nobody"])
            #expect(orphan.status == 403)
            #expect(try await client.createUser("ada").isEmpty == false, "users have hooks of their own")
        }
    }

    @Test("A resource type of the site's own has an endpoint with everything that users and groups have")
    func resourceType() async throws {
        try await provider(["device-schema.json": Self.deviceSchema, "device-type.json": Self.deviceType]).run { client in
            let created = try await client.send("POST", "/Devices", ["serialNumber": "SN-1", "owner": ["value": "ada"]])
            #expect(created.status == 201 && created["meta"]?["resourceType"] == "Device")
            let id = try #require(created.id)
            #expect(created["meta"]?["location"]?.string?.hasSuffix("/scim/v2/Devices/\(id)") == true)
            #expect(try await client.send("GET", "/Devices?filter=owner.value%20eq%20%22ada%22")["totalResults"] == 1)
            #expect(try await client.send("POST", "/Devices", ["serialNumber": "SN-1"]).status == 409)
            #expect(try await client.send("POST", "/Devices", ["owner": ["value": "ada"]]).status == 400)
            let patched = try await client.patch("/Devices/\(id)", ["op": "replace", "path": "owner.value", "value": "bob"])
            #expect(patched["owner"]?["value"] == "bob")
            let frozen = try await client.patch("/Devices/\(id)", ["op": "replace", "path": "serialNumber", "value": "SN-2"])
            #expect(frozen.status == 400 && frozen["scimType"] == "mutability")
            #expect(try await client.send("GET", "/?filter=meta.resourceType%20eq%20%22Device%22")["totalResults"] == 1)
            #expect(try await client.send("DELETE", "/Devices/\(id)").status == 204)
        }
    }

    @Test("Faults of the files are told all at once, with file and place")
    func findings() async throws {
        let files = [
            "a.json": "{", "b.json": #"{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": "no urn", "attributes": 1}"#,
        ]
        let error = await #expect(throws: ConfigurationError.self) { try await provider(files) }
        #expect((error?.findings.count ?? 0) >= 2)
        #expect(error?.description.contains("a.json") == true && error?.description.contains("b.json") == true)
    }
}
