import SCIM
import Testing

@Suite("Sorting")
struct SortKeyTests {
    private static let extra = Schema(
        id: "urn:example:Extra", name: "Extra", description: "",
        attributes: [
            .init("code", isCaseExact: true), .init("weight", .decimal), .init("floor", .integer), .init("since", .dateTime),
            .init("tags", isMultiValued: true), .init("secret", returned: .never), .init("place", .complex, subAttributes: [.init("room")]),
            .init("pin", mutability: .writeOnly),
        ])
    private static let registry = SchemaRegistry(
        resourceTypes: [
            ResourceType(
                name: "User", endpoint: "/Users", description: "", schema: Schema.user.id,
                schemaExtensions: [.init(schema: extra.id, isRequired: false)])
        ],
        schemas: [.user, extra])

    private func key(_ resource: AttributeMap, by path: String) throws -> SortKey {
        let request = SearchRequest(sortBy: try AttributePath(parsing: path))
        let attribute = try #require(
            try request.sortAttribute(of: Self.registry.resourceTypes[0], in: Self.registry))
        return SortKey(of: Resource(attributes: resource), by: attribute)
    }

    private func extra(_ name: String, _ value: AttributeValue) -> AttributeMap {
        [Self.extra.id: .complex(AttributeMap([.init(name: name, value: value)]))]
    }

    @Test(
        "texts without regard to case, by scalars; caseExact ones with regard to it (RFC 7644 §3.4.2.3)",
        arguments: [("a", "B"), ("B", "c"), ("Z", "a\u{301}"), ("é", "ê"), ("10", "9"), ("a", "ab"), ("z", "\u{1F600}")])
    func texts(first: String, second: String) throws {
        #expect(try key(["userName": .string(first)], by: "userName") < key(["userName": .string(second)], by: "userName"))
        let isExact = first.utf8.lexicographicallyPrecedes(second.composed.utf8)
        #expect(try (key(extra("code", .string(first)), by: "code") < key(extra("code", .string(second)), by: "code")) == isExact)
    }

    @Test("texts that differ in case or composition only are equal")
    func equal() throws {
        #expect(try key(["userName": "ÉA"], by: "userName") == key(["userName": "e\u{301}a"], by: "userName"))
        #expect(try key(extra("code", "A"), by: "code") != key(extra("code", "a"), by: "code"))
    }

    @Test(
        "numbers as numbers, dates as instants, booleans with false first",
        arguments: [
            ("weight", .decimal(-1.5), .integer(9)), ("weight", .integer(9), .decimal(10.5)), ("floor", 9, 10),
            ("floor", .integer(.max - 1), .integer(.max)),
            ("since", "2024-01-01T00:00:00+02:00", "2023-12-31T23:00:00Z"), ("since", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00.001Z"),
        ] as [(String, AttributeValue, AttributeValue)])
    func typed(name: String, first: AttributeValue, second: AttributeValue) throws {
        #expect(try key(extra(name, first), by: "urn:example:Extra:\(name)") < key(extra(name, second), by: name))
        #expect(try key(["active": false], by: "active") < key(["active": true], by: "active"))
    }

    @Test(
        "of several values the primary one counts, or else the first; of a complex one its value",
        arguments: [
            ("emails", "b"), ("emails.value", "b"), ("emails.type", "home"), ("phoneNumbers", "1"), ("phoneNumbers.value", "1"),
            ("name.familyName", "l"), ("urn:ietf:params:scim:schemas:core:2.0:User:name.familyName", "l"), ("tags", "x"),
        ])
    func chosen(path: String, expected: String) throws {
        let resource: AttributeMap = [
            "emails": [["value": "a", "type": "work"], ["value": "B", "type": "home", "primary": true]],
            "phoneNumbers": [["value": "1"], ["value": "0"]], "name": ["familyName": "L"], Self.extra.id: ["tags": ["x", "a"]],
        ]
        #expect(try key(resource, by: path) == key(["userName": .string(expected)], by: "userName"))
    }

    @Test(
        "a resource without a value comes last when ascending",
        arguments: [
            [:], ["emails": []], ["emails": [["type": "work"]]], ["emails": [["value": ""]]],
            ["emails": [["value": "a"], ["type": "x", "primary": true]]],
        ] as [AttributeMap])
    func absent(resource: AttributeMap) throws {
        let absent = try key(resource, by: "emails")
        #expect(absent.isAbsent)
        #expect(try key(["emails": [["value": "\u{10FFFF}"]]], by: "emails") < absent)
        #expect(!(absent < absent))
        #expect(try key([:], by: "since").isAbsent)
    }

    @Test("a key comes back from its document, and only from one")
    func documents() throws {
        for key in try [
            key(["active": true], by: "active"), key(extra("floor", 3), by: "floor"), key(extra("weight", 0.5), by: "weight"),
            key(extra("since", "2024-01-01T00:00:00Z"), by: "since"), key(["userName": "Ada"], by: "userName"), key([:], by: "userName"),
        ] {
            #expect(SortKey(document: try AttributeValue(json: key.document.jsonBytes)) == key)
        }
        for document in [1, [], ["s": 1], ["x": "a"], ["s": "a", "b": true]] as [AttributeValue] {
            #expect(SortKey(document: document) == nil)
        }
    }

    @Test(
        "nothing is sorted by what there is not, by a complex attribute without value, or by what is never returned",
        arguments: ["nope", "name", "name.nope", "meta", "urn:example:Extra", "place", "secret", "pin", "password", "urn:x:y:title"])
    func refused(path: String) {
        #expect(throws: SCIMError.invalidValue("")) { try key([:], by: path) }
    }

    @Test("without sortBy there is no order")
    func none() throws {
        #expect(try SearchRequest().sortAttribute(of: .user, in: .standard) == nil)
    }
}
