import SCIM
import Testing

@Suite("Any PATCH at all (properties)")
struct PatchPropertyTests {
    @Test("random operations are done or refused, the same each time, and what is done stays valid or is refused", arguments: 1...30)
    func random(seed: UInt64) throws {
        var maker = PatchMaker(seed: seed)
        let validator = ResourceValidator(registry: .standard, type: .user)
        var resource = try validator.resource(from: maker.body(), replacing: nil)
        resource.id = "7"
        var done = 0
        for _ in 0..<100 {
            let message = maker.message()
            let first = Self.result(of: message, on: resource)
            #expect(first == Self.result(of: message, on: resource))
            guard case .success(let patched) = first else { continue }
            done += 1
            do throws(SCIMError) {
                let valid = try validator.validated(patched, replacing: resource)
                // Valid is valid: what is stored passes again.
                #expect(try validator.validated(valid, replacing: valid) == valid)
                #expect(valid.id == "7")
                #expect(valid["emails"]?.array?.count(where: { $0["primary"] == true }) ?? 0 <= 1)
                resource = valid
            } catch {
                #expect(error.status == 400)
            }
        }
        #expect(done > 10)
    }

    @Test("adding twice is adding once", arguments: 1...30)
    func addTwice(seed: UInt64) throws {
        var maker = PatchMaker(seed: seed &+ 1000)
        let validator = ResourceValidator(registry: .standard, type: .user)
        let resource = try validator.resource(from: maker.body(), replacing: nil)
        for _ in 0..<40 {
            let message = maker.message(kinds: ["add"], count: 1)
            guard case .success(let patched) = Self.result(of: message, on: resource),
                let once = try? validator.validated(patched, replacing: resource),
                case .success(let again) = Self.result(of: message, on: once)
            else { continue }
            #expect(try validator.validated(again, replacing: once) == once, "\(message.jsonText)")
        }
    }

    @Test("what the strict dialect accepts, every dialect takes for the same, and finds no quirk in it", arguments: 1...30)
    func quirksChangeNothing(seed: UInt64) throws {
        var maker = PatchMaker(seed: seed &+ 2000)
        let validator = ResourceValidator(registry: .standard, type: .user)
        var resource = try validator.resource(from: maker.body(), replacing: nil)
        resource.id = "7"
        var done = 0
        for _ in 0..<200 {
            guard var body = maker.message(kinds: ["add", "remove", "replace"], count: 1).complex else { continue }
            body["schemas"] = [.string(PatchRequest.schema)]
            let message = AttributeValue.complex(body)
            guard let (strict, met) = try? Self.read(message, on: resource, in: .rfc) else { continue }
            done += 1
            #expect(met == [])
            for dialect in ClientDialect.presets {
                let (patched, quirks) = try Self.read(message, on: resource, in: dialect)
                // JSON as text is a value like any other by the RFC; only as a role is it taken for more.
                if quirks == [.jsonInText] { continue }
                #expect(patched == strict, "\(dialect.name): \(message.jsonText)")
                #expect(quirks == [], "\(dialect.name): \(message.jsonText)")
            }
        }
        #expect(done > 10)
    }

    private static func read(
        _ message: AttributeValue, on resource: Resource, in dialect: ClientDialect
    ) throws(SCIMError) -> (Resource, Set<Quirk>) {
        var quirks: Set<Quirk> = []
        let patched = try PatchRequest(message: message, dialect: dialect, noting: &quirks)
            .expanded(for: .user, in: .standard, resourceID: "7", dialect: dialect, noting: &quirks)
            .applied(to: resource, of: .user, in: .standard, dialect: dialect, noting: &quirks)
        return (patched, quirks)
    }

    private static func result(of message: AttributeValue, on resource: Resource) -> Result<Resource, SCIMError> {
        Result { () throws(SCIMError) in
            try PatchRequest(message: message).expanded(for: .user, in: .standard, resourceID: "7")
                .applied(to: resource, of: .user, in: .standard)
        }
    }
}

/// Makes random PATCH messages out of parts that often go together.
private struct PatchMaker {
    var random: SplitMix

    init(seed: UInt64) { random = SplitMix(seed: seed) }

    private mutating func pick<Element>(_ elements: [Element]) -> Element { elements[Int.random(in: 0..<elements.count, using: &random)] }

    private static let paths = [
        "userName", "name", "name.givenName", "title", "active", "emails", "emails.value", "emails.primary", "emails[type eq \"work\"]",
        "emails[type eq \"work\"].value", "emails[primary eq true]", "emails[primary eq true].value", "emails[value sw \"a\"].type",
        "emails[not (type eq \"home\")]", "addresses", "addresses[type eq \"home\"].locality", "roles", "roles[primary eq \"True\"].value",
        "photos", "x509Certificates", "externalId", "schemas", "id", "meta.created", "groups", "nope", "emails[nope pr]", "name..x",
        Schema.enterpriseUser.id, Schema.enterpriseUser.id + ":department", Schema.enterpriseUser.id + ":manager",
        Schema.enterpriseUser.id + ":manager.value", Schema.user.id + ":title", "manager",
    ]

    private mutating func value(depth: Int = 2) -> AttributeValue {
        switch depth == 0 ? Int.random(in: 0..<6, using: &random) : Int.random(in: 0..<10, using: &random) {
        case 0: return .null
        case 1: return pick([true, false, "True", "false"])
        case 2: return pick([5, .decimal(1.5), "", "{\"value\":\"r\"}", "[", "QUJD", "é"])
        case 3, 4, 5: return pick(["a", "b", "a@x", "work", "home"])
        case 6, 7:
            let count = Int.random(in: 0..<4, using: &random)
            return .array((0..<count).map { _ in value(depth: depth - 1) })
        default:
            var map = AttributeMap()
            for _ in 0..<Int.random(in: 0..<4, using: &random) {
                let name = pick([
                    "value", "type", "primary", "display", "$ref", "givenName", "familyName", "locality", "department", "title", "Value",
                ])
                map[name] = value(depth: depth - 1)
            }
            return .complex(map)
        }
    }

    mutating func message(kinds: [String] = ["add", "Replace", "remove", "replace", "move"], count: Int? = nil) -> AttributeValue {
        let count = count ?? Int.random(in: 1...3, using: &random)
        let operations = (0..<count).map { _ -> AttributeValue in
            var operation: AttributeMap = ["op": .string(pick(kinds))]
            if Int.random(in: 0..<6, using: &random) > 0 {
                operation["path"] = .string(pick(Self.paths))
                if Int.random(in: 0..<8, using: &random) > 0 { operation["value"] = value() }
            } else {
                var map = AttributeMap()
                for _ in 0..<Int.random(in: 1...3, using: &random) { map[pick(Self.paths)] = value() }
                operation["value"] = .complex(map)
            }
            return .complex(operation)
        }
        return ["Operations": .array(operations)]
    }

    mutating func body() -> AttributeValue {
        [
            "userName": "a", "title": "T", "name": ["givenName": "A"],
            "emails": [
                ["value": "a@x", "type": "work", "primary": true], ["value": "b@x", "type": "home"], ["value": .string(pick(["a", "c"]))],
            ],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": ["manager": ["value": "m", "$ref": "/Users/m"]],
        ]
    }
}
