import SCIM
import Testing

@Suite("Passwords in requests")
struct SecretsTests {
    private let users = ResourceValidator(registry: .standard, type: .user)

    @Test(
        "a body sets or clears the password; one that does not name it leaves it",
        arguments: [
            (#"{"userName":"a","password":"secret"}"#, ["password": .set("secret")]),
            (#"{"userName":"a","PassWord":"secret"}"#, ["password": .set("secret")]),
            (#"{"userName":"a","\#(Schema.user.id)":{"password":"secret"}}"#, ["password": .set("secret")]),
            (#"{"userName":"a","password":null}"#, ["password": .clear]), (#"{"userName":"a","password":[]}"#, ["password": .clear]),
            (#"{"userName":"a"}"#, [:]), (#"{"userName":"a","password":""}"#, [:]),
        ] as [(String, [String: SecretChange])])
    func body(json: String, changes: [String: SecretChange]) throws {
        let body = try AttributeValue(json: json)
        #expect(try users.secrets(in: try #require(body.complex)) == changes)
        #expect(try users.resource(from: body, replacing: nil)["password"] == nil)
    }

    @Test(
        "so does a PATCH, with the path and without; the validated resource never has it",
        arguments: [
            (#"{"op":"replace","path":"password","value":"new"}"#, ["password": .set("new")]),
            (#"{"op":"add","path":"\#(Schema.user.id):password","value":"new"}"#, ["password": .set("new")]),
            (#"{"op":"Replace","value":{"Password":"new","title":"T"}}"#, ["password": .set("new")]),
            (#"{"op":"remove","path":"password"}"#, ["password": .clear]),
            (#"{"op":"replace","path":"password","value":null}"#, ["password": .clear]),
            (#"{"op":"replace","value":{"password":null}}"#, ["password": .clear]),
            (#"{"op":"remove","path":"password"},{"op":"add","path":"password","value":"new"}"#, ["password": .set("new")]),
            (#"{"op":"add","path":"password","value":"new"},{"op":"remove","path":"password"}"#, ["password": .clear]),
            (#"{"op":"replace","path":"title","value":"U"}"#, [:]), (#"{"op":"replace","path":"password","value":""}"#, [:]),
        ] as [(String, [String: SecretChange])])
    func patch(operations: String, changes: [String: SecretChange]) throws {
        let outcome = try DialectBench().read(DialectBench.patch(operations))
        #expect(outcome.secrets == changes)
        #expect(outcome.resource["password"] == nil)
    }

    @Test("a password has 1 to 1,024 characters, and the error does not repeat it")
    func limits() throws {
        let longest = String(repeating: "é", count: 1024)
        #expect(try users.secrets(in: ["password": .string(longest)]) == ["password": .set(longest)])
        for value: AttributeValue in [.string(longest + "x"), 5, true, ["a", "b"], ["value": "x"], "a\u{0}"] {
            let error = #expect(throws: SCIMError.self) { try users.secrets(in: ["password": value]) }
            #expect(error == .invalidValue(""))
            #expect(error?.detail.contains("éé") == false && error?.detail.hasPrefix("password: ") == true)
        }
        #expect(throws: SCIMError.invalidValue("")) { try users.secrets(in: ["password": ""], dialect: .rfc) }
    }

    @Test("a change does not show the secret when it is written out")
    func hidden() {
        let changes: [String: SecretChange] = ["password": .set("secret")]
        var dumped = ""
        dump(changes, to: &dumped)
        #expect(!"\(changes) \(String(reflecting: changes)) \(dumped)".contains("secret"))
    }

    // MARK: Schemas of our own

    private func custom(isRequired: Bool) -> (ResourceValidator, ResourceType, SchemaRegistry) {
        let schema = Schema(id: "urn:x:thing", name: "Thing", description: "", attributes: [.init("name", isRequired: true)])
        let addition = Schema(
            id: "urn:x:ext", name: "Ext", description: "",
            attributes: [
                .init("pin", isRequired: isRequired, mutability: .writeOnly, returned: .never), .init("note"),
                .init("box", .complex, subAttributes: [.init("key", mutability: .writeOnly, returned: .never), .init("color")]),
            ])
        let type = ResourceType(
            name: "Thing", endpoint: "/Things", description: "", schema: schema.id,
            schemaExtensions: [.init(schema: addition.id, isRequired: false)])
        let registry = SchemaRegistry(resourceTypes: [type], schemas: [schema, addition])
        return (ResourceValidator(registry: registry, type: type), type, registry)
    }

    @Test("a secret of an extension goes by its full name, and goes with the extension")
    func ofExtension() throws {
        let (validator, type, registry) = custom(isRequired: false)
        let body: AttributeMap = ["name": "n", "URN:x:ext": ["PIN": "1234"]]
        #expect(try validator.secrets(in: body) == ["urn:x:ext:pin": .set("1234")])
        #expect(try validator.secrets(in: ["name": "n", "pin": "1234"]) == ["urn:x:ext:pin": .set("1234")])
        let resource = try validator.resource(from: .complex(body), replacing: nil)
        #expect(resource["urn:x:ext"] == nil)
        let bench = try PatchBench(#"{"id":"1","name":"n","urn:x:ext":{"note":"x"}}"#, type: type, registry: registry)
        let removed = try bench.patched(#"{"op":"remove","path":"urn:x:ext"}"#)
        #expect(try validator.secrets(in: removed.attributes) == ["urn:x:ext:pin": .clear])
        #expect(try validator.validated(removed, replacing: bench.resource)["urn:x:ext"] == nil)
        let changed = try bench.patched(#"{"op":"replace","path":"urn:x:ext:pin","value":"4321"}"#)
        #expect(try validator.secrets(in: changed.attributes) == ["urn:x:ext:pin": .set("4321")])
        #expect(try validator.validated(changed, replacing: bench.resource)["urn:x:ext"] == ["note": "x"])
    }

    @Test("a writeOnly part of a complex value is not kept")
    func part() throws {
        let (validator, _, _) = custom(isRequired: false)
        let body: AttributeValue = ["name": "n", "urn:x:ext": ["box": ["key": "k", "color": "red"]]]
        #expect(try validator.resource(from: body, replacing: nil)["urn:x:ext"] == ["box": ["color": "red"]])
    }

    @Test("a required secret is demanded on creation, where it is not known from before, and cannot be taken away")
    func required() throws {
        let (validator, type, registry) = custom(isRequired: true)
        let with: AttributeValue = ["name": "n", "urn:x:ext": ["note": "x", "pin": "1"]]
        let without: AttributeValue = ["name": "n", "urn:x:ext": ["note": "x"]]
        let stored = try validator.resource(from: with, replacing: nil)
        #expect(throws: SCIMError.invalidValue("")) { try validator.resource(from: without, replacing: nil) }
        #expect(try validator.resource(from: without, replacing: stored) == stored)
        #expect(try validator.validated(stored, replacing: nil) == stored)
        #expect(throws: SCIMError.invalidValue("")) { try validator.secrets(in: ["name": "n", "urn:x:ext": ["pin": nil]]) }
        let bench = try PatchBench(#"{"id":"1","name":"n","urn:x:ext":{"note":"x"}}"#, type: type, registry: registry)
        #expect(throws: SCIMError.mutability("")) { try bench.patched(#"{"op":"remove","path":"urn:x:ext:pin"}"#) }
    }

    @Test("groups have none")
    func groups() throws {
        let validator = ResourceValidator(registry: .standard, type: .group)
        #expect(try validator.secrets(in: ["displayName": "G", "password": "x"]) == [:])
    }
}
