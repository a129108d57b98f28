import SCIM
import Testing

@Suite("Normalizing values")
struct NormalizingTests {
    private static let parts: [AttributeDefinition] = [
        .init("text"), .init("flag", .boolean), .init("whole", .integer), .init("real", .decimal), .init("time", .dateTime),
        .init("data", .binary), .init("link", .reference), .init("many", isMultiValued: true),
        .init("fixed", mutability: .readOnly),
    ]

    private func normalize(_ name: String, _ value: AttributeValue) throws -> AttributeValue? {
        try #require(Self.parts.first { $0.name == name }).normalized(value, at: name)
    }

    @Test(
        "a value that fits its type is accepted",
        arguments: [
            ("text", "a", "a"), ("text", "", ""), ("text", "ä🦄", "ä🦄"),
            ("flag", true, true), ("flag", "True", true), ("flag", "FALSE", false), ("flag", "false", false),
            ("whole", 5, 5), ("whole", .decimal(5), 5), ("whole", .integer(.max), .integer(.max)),
            ("real", .decimal(1.5), .decimal(1.5)), ("real", 2, .decimal(2)),
            ("time", "2011-05-13T04:42:34Z", "2011-05-13T04:42:34Z"), ("time", "2011-05-13T04:42:34+02:00", "2011-05-13T04:42:34+02:00"),
            ("data", "QUJD", "QUJD"), ("data", "QUI=", "QUI="), ("data", "QQ==", "QQ=="), ("data", "QQ", "QQ"), ("data", "-_-_", "-_-_"),
            ("data", "+/+/", "+/+/"),
            ("data", "", ""), ("link", "https://example.com/a", "https://example.com/a"), ("link", "../Users/1", "../Users/1"),
            ("many", ["a", "b", nil], ["a", "b"]), ("many", "a", ["a"]),
        ] as [(String, AttributeValue, AttributeValue)])
    func accepts(name: String, value: AttributeValue, result: AttributeValue) throws {
        #expect(try normalize(name, value) == result)
    }

    @Test(
        "a value that does not fit its type is refused with invalidValue and the attribute's name",
        arguments: [
            ("text", 5), ("text", true), ("text", .decimal(1.5)), ("text", ["a"]), ("text", ["a": 1]), ("text", "a\u{0}"),
            ("text", .string(String(repeating: "a", count: 65_537))),
            ("flag", "maybe"), ("flag", "yes"), ("flag", ""), ("flag", "1"), ("flag", 1), ("flag", 0), ("flag", " true"), ("flag", [true]),
            ("whole", "5"), ("whole", .decimal(5.5)), ("whole", .decimal(1e300)), ("whole", true),
            ("real", "1.5"), ("real", .decimal(.nan)), ("real", .decimal(.infinity)), ("real", false),
            ("time", "yesterday"), ("time", "2011-02-30T00:00:00Z"), ("time", ""), ("time", 1_305_261_754),
            ("data", "a"), ("data", "QQ="), ("data", "QQ==="), ("data", "Q!=="), ("data", "QU JD"), ("data", "=="), ("data", "-+_/"),
            ("data", 5),
            ("link", 5), ("link", ["a": 1]), ("link", "a\u{0}"), ("many", [["a"]]), ("many", [5]),
        ] as [(String, AttributeValue)])
    func refuses(name: String, value: AttributeValue) {
        let error = #expect(throws: SCIMError.self) { try normalize(name, value) }
        #expect(error == .invalidValue(""))
        #expect(error?.detail.hasPrefix(name + ": ") == true)
    }

    @Test("null, no values and no parts are unassigned (§2.5)", arguments: [nil, [], [:], [nil, nil], [[:]]] as [AttributeValue])
    func unassigned(value: AttributeValue) throws {
        #expect(try Schema.user.attribute("emails")?.normalized(value, at: "emails") == .none)
    }

    @Test("complex values get the schema's names and order; unknown and readOnly parts and nulls are dropped")
    func complex() throws {
        let definition = AttributeDefinition("thing", .complex, subAttributes: Self.parts)
        let value: AttributeValue = ["FLAG": "true", "Text": "a", "unknown": 1, "fixed": "x", "whole": nil, "many": []]
        let result = try definition.normalized(value, at: "thing")
        #expect(result?.complex?.members.map(\.name) == ["text", "flag"])
        #expect(result == ["text": "a", "flag": true])
        #expect(try definition.normalized(["unknown": 1], at: "thing") == .none)
        let error = #expect(throws: SCIMError.self) { try definition.normalized(["text": 5], at: "thing") }
        #expect(error?.detail == "thing.text: a string is wanted, not this number")
        #expect(throws: SCIMError.invalidValue("")) { try definition.normalized("text", at: "thing") }
        #expect(throws: SCIMError.invalidValue("")) { try definition.normalized([["text": "a"]], at: "thing") }
        #expect(throws: SCIMError.invalidValue("")) { try definition.normalized(5, at: "thing") }
    }

    @Test(
        "multi-valued complex attributes take one value alone, and bare strings",
        arguments: [
            ("a@b.c", [["value": "a@b.c"]]), (["a@b.c", "d@e.f"], [["value": "a@b.c"], ["value": "d@e.f"]]), ([""], nil), ("", nil),
            (["value": "a@b.c", "primary": "True"], [["value": "a@b.c", "primary": true]]),
            ([["VALUE": "a@b.c", "Type": "work", "extra": 1]], [["value": "a@b.c", "type": "work"]]),
            ([nil, ["value": "a@b.c"]], [["value": "a@b.c"]]), ([["value": "", "type": "work"]], [["value": "", "type": "work"]]),
        ] as [(AttributeValue, AttributeValue?)])
    func plural(value: AttributeValue, result: AttributeValue?) throws {
        #expect(try Schema.user.attribute("emails")?.normalized(value, at: "emails") == result)
    }

    @Test("of values with the same value and type the last one counts, in the place of the first (§2.4)")
    func duplicates() throws {
        let emails = try #require(Schema.user.attribute("emails"))
        let given: AttributeValue = [
            ["value": "a", "type": "work", "display": "1"], ["value": "b", "type": "work"], ["value": "a", "type": "home"],
            ["value": "a", "type": "work", "display": "2"], ["type": "work"], ["type": "work"],
        ]
        #expect(
            try emails.normalized(given, at: "emails") == [
                ["value": "a", "type": "work", "display": "2"], ["value": "b", "type": "work"], ["value": "a", "type": "home"],
                ["type": "work"],
            ])
        let twice: AttributeValue = [["value": "a", "display": "1"], ["value": "a", "display": "2"]]
        #expect(try emails.normalized(twice, at: "emails") == [["value": "a", "display": "2"]])
        let addresses = try #require(Schema.user.attribute("addresses"))
        let streets: AttributeValue = [
            ["type": "work", "locality": "A"], ["type": "work", "locality": "B"], ["locality": "A", "type": "work"],
        ]
        #expect(try addresses.normalized(streets, at: "addresses")?.array?.count == 2)
    }

    @Test("one value may be primary, not two (§2.4)")
    func primary() throws {
        let emails = try #require(Schema.user.attribute("emails"))
        let one: AttributeValue = [["value": "a", "primary": true], ["value": "b", "primary": false]]
        #expect(try emails.normalized(one, at: "emails") == one)
        let two: AttributeValue = [["value": "a", "primary": true], ["value": "b", "primary": "true"]]
        #expect(throws: SCIMError.invalidValue("")) { try emails.normalized(two, at: "emails") }
        let same: AttributeValue = [["value": "a", "primary": true], ["value": "a", "primary": true]]
        #expect(try emails.normalized(same, at: "emails") == [["value": "a", "primary": true]])
    }

    @Test("values are limited to 1,000, a group's members are not")
    func limits() throws {
        func values(_ count: Int) -> AttributeValue { .array((0..<count).map { ["value": .string(String($0))] }) }
        let (emails, members) = (try #require(Schema.user.attribute("emails")), try #require(Schema.group.attribute("members")))
        #expect(try emails.normalized(values(1000), at: "emails")?.array?.count == 1000)
        #expect(throws: SCIMError.invalidValue("")) { try emails.normalized(values(1001), at: "emails") }
        #expect(try members.normalized(values(20_000), at: "members")?.array?.count == 20_000)
    }

    @Test("a unique string has at most 1,024 characters, however many bytes")
    func uniqueLength() throws {
        let userName = try #require(Schema.user.attribute("userName"))
        let longest = AttributeValue.string(String(repeating: "漢", count: 1024))
        #expect(try userName.normalized(longest, at: "userName") == longest)
        #expect(throws: SCIMError.invalidValue("")) {
            try userName.normalized(.string(String(repeating: "a", count: 1025)), at: "userName")
        }
    }

    @Test(
        "a manager is an id however a client writes it, and an empty one is none",
        arguments: [
            ("42", ["value": "42"]), (["value": "42", "displayName": "Ada"], ["value": "42"]), (["managerId": "42"], ["value": "42"]),
            (["ManagerID": "7", "value": "42"], ["value": "42"]),
            (["value": "42", "$ref": "../Users/42"], ["value": "42", "$ref": "../Users/42"]),
            ("", nil), (["value": ""], nil), (["managerId": ""], nil), (["displayName": "Ada"], nil), (nil, nil), ([:], nil),
        ] as [(AttributeValue, AttributeValue?)])
    func manager(value: AttributeValue, result: AttributeValue?) throws {
        #expect(try Schema.enterpriseUser.attribute("manager")?.normalized(value, at: "manager") == result)
    }
}
