import SCIM
import Testing

@Suite("PATCH on the members of a group")
struct MembershipTests {
    /// What the operations do to members, and what is left of them for the rest of the group.
    private func taken(_ operations: String, id: String = "g") throws -> (membership: [MembershipOperation], rest: [PatchOperation]) {
        var request = try PatchRequest(message: PatchBench.message(operations)).expanded(for: .group, in: .standard, resourceID: id)
        let membership = try request.takeMembershipOperations()
        return (membership, request.operations)
    }

    private static func matching(_ text: String) throws -> MembershipOperation { .removeMatching(try Filter(parsing: text)) }

    @Test(
        "remove with a list takes out those and only those, in each spelling",
        arguments: [
            #"{"op":"remove","path":"members","value":[{"value":"a"},{"value":"b"}]}"#,
            #"{"op":"Remove","path":"Members","value":[{"$ref":null,"value":"a"},{"value":"b"}]}"#,
            #"{"value":[{"value":"a"},{"value":"b"}],"op":"remove","path":"members"}"#,
            #"{"op":"remove","path":"members","value":["a","b"]}"#,
            #"{"op":"remove","path":"members","value":{"members":[{"value":"a"},{"value":"b"}]}}"#,
            #"{"op":"remove","path":"members","value":{"members":["a","b"]}}"#,
            #"{"op":"remove","path":"members[value eq \"a\" or value eq \"b\"]"}"#,
            #"{"op":"remove","path":"members[(VALUE EQ \"a\") or (value eq \"b\")]"}"#,
            #"{"op":"remove","path":"urn:ietf:params:scim:schemas:core:2.0:Group:members","value":[{"value":"a"},{"value":"b"}]}"#,
            #"{"op":"remove","path":"members","value":[{"Value":"a","display":"A"},{"value":"b","extra":{"x":1}},{"value":"a"},"b"]}"#,
            #"{"op":"remove","path":"members[value eq \"a\" or value eq \"b\" or value eq \"a\"]"}"#,
        ])
    func removeListed(operation: String) throws {
        let taken = try taken(operation)
        #expect(taken.membership == [.remove(["a", "b"])])
        #expect(taken.rest.isEmpty)
    }

    @Test(
        "one may be named alone",
        arguments: [
            #"{"op":"remove","path":"members[value eq \"a\"]"}"#, #"{"op":"remove","path":"members[value eq\"a\"]"}"#,
            #"{"op":"remove","path":"members","value":"a"}"#,
            #"{"op":"remove","path":"members","value":{"value":"a"}}"#,
            #"{"op":"remove","path":"members","value":{"members":{"value":"a"}}}"#,
            #"{"op":"remove","path":"members","value":{"members":"a"}}"#, #"{"op":"remove","path":"members[value eq \"a\"]","value":null}"#,
        ])
    func removeOne(operation: String) throws { #expect(try taken(operation).membership == [.remove(["a"])]) }

    @Test(
        "without a value, remove empties the group (§3.5.2.2)",
        arguments: [#"{"op":"remove","path":"members"}"#, #"{"op":"Remove","path":"members","value":null}"#])
    func removeAll(operation: String) throws { #expect(try taken(operation).membership == [.removeAll]) }

    @Test(
        "an empty list is not the same as none: nobody leaves",
        arguments: [
            #"{"op":"remove","path":"members","value":[]}"#, #"{"op":"remove","path":"members","value":{"members":[]}}"#,
            #"{"op":"remove","path":"members","value":{"members":null}}"#, #"{"op":"remove","path":"members","value":{}}"#,
        ])
    func removeNobody(operation: String) throws { #expect(try taken(operation).membership == [.remove([])]) }

    @Test(
        "other filters are left to be evaluated",
        arguments: [
            (#"{"op":"remove","path":"members[type eq \"Group\"]"}"#, #"type eq "Group""#),
            (#"{"op":"remove","path":"members[display sw \"a\"]"}"#, #"display sw "a""#),
            (#"{"op":"remove","path":"members[value eq \"a\" and type eq \"User\"]"}"#, #"value eq "a" and type eq "User""#),
            (#"{"op":"remove","path":"members[value eq \"a\" or type eq \"User\"]"}"#, #"value eq "a" or type eq "User""#),
            (#"{"op":"remove","path":"members[not (value eq \"a\")]"}"#, #"not (value eq "a")"#),
            (#"{"op":"remove","path":"members[value ne \"a\"]"}"#, #"value ne "a""#),
            (#"{"op":"remove","path":"members[value pr]"}"#, "value pr"),
            (#"{"op":"remove","path":"members[value eq null]"}"#, "value eq null"),
        ])
    func removeMatching(operation: String, filter: String) throws { #expect(try taken(operation).membership == [Self.matching(filter)]) }

    @Test(
        "add, in each spelling; ids keep their order, none is there twice",
        arguments: [
            (#"{"op":"add","path":"members","value":[{"value":"b"},{"value":"a"},{"value":"b"}]}"#, ["b", "a"]),
            (#"{"op":"Add","path":"members","value":{"value":"a"}}"#, ["a"]),
            (#"{"op":"add","path":"members","value":"a"}"#, ["a"]), (#"{"op":"add","path":"members","value":["a","b"]}"#, ["a", "b"]),
            (#"{"op":"add","value":{"members":[{"value":"a","display":"A","$ref":"/Users/a"}]}}"#, ["a"]),
            (#"{"op":"ADD","value":{"MEMBERS":{"value":"a"}}}"#, ["a"]),
            (#"{"op":"add","path":"members","value":{"members":[{"value":"a"}]}}"#, ["a"]),
            (#"{"op":"add","path":"members","value":[]}"#, []),
            (#"{"op":"add","path":"members","value":null}"#, []), (#"{"value":[{"value":"a"}],"op":"add","path":"members"}"#, ["a"]),
            (#"{"op":"add","value":{"urn:ietf:params:scim:schemas:core:2.0:Group":{"members":[{"value":"a"}]}}}"#, ["a"]),
        ])
    func add(operation: String, ids: [String]) throws { #expect(try taken(operation).membership == [.add(ids)]) }

    @Test(
        "replace names all members there are from now on",
        arguments: [
            (#"{"op":"replace","path":"members","value":[{"value":"a"},{"value":"b"}]}"#, ["a", "b"]),
            (#"{"op":"replace","path":"members","value":[]}"#, []),
            (#"{"op":"replace","path":"members","value":null}"#, []), (#"{"op":"replace","value":{"members":[{"value":"a"}]}}"#, ["a"]),
            (#"{"op":"Replace","value":{"members":[]}}"#, []), (#"{"op":"replace","path":"members","value":{"value":"a"}}"#, ["a"]),
        ])
    func replace(operation: String, ids: [String]) throws { #expect(try taken(operation).membership == [.replace(ids)]) }

    @Test("replacing one member by another is the one leaving and the other joining")
    func replaceOne() throws {
        #expect(
            try taken(#"{"op":"replace","path":"members[value eq \"a\"]","value":{"value":"b"}}"#).membership == [
                .remove(["a"]), .add(["b"]),
            ])
    }

    @Test("operations stay in order, and the rest of the request is left")
    func order() throws {
        let taken = try taken(
            #"""
            [{"op":"remove","path":"members[value eq \"a\"]"},{"op":"replace","value":{"id":"g",
             "displayName":"New","members":[{"value":"x"}]}},
             {"op":"add","path":"members","value":[{"value":"b"}]},{"op":"remove","path":"members"},{"op":"add",
              "path":"externalId","value":"e"}]
            """#)
        #expect(taken.membership == [.remove(["a"]), .replace(["x"]), .add(["b"]), .removeAll])
        #expect(
            taken.rest == [
                PatchOperation(.replace, path: AttributePath(attribute: "displayName"), value: "New"),
                PatchOperation(.add, path: AttributePath(attribute: "externalId"), value: "e"),
            ])
    }

    @Test(
        "a member without an id is refused with invalidValue",
        arguments: [
            #"[{"value":""}]"#, #"[""]"#, #"[{}]"#, "[null]", "[5]", "5", "true", #""""#, #"[{"display":"A"}]"#, #"{"display":"A"}"#,
            #"[{"value":null}]"#, #"[{"value":5}]"#,
            #"[{"value":["a"]}]"#, #"[["a"]]"#, #"[{"value":"a"},{"value":""}]"#, #"{"members":[{"value":""}]}"#,
            #"{"members":[{"members":["a"]}]}"#,
        ])
    func withoutID(value: String) {
        for kind in ["add", "remove", "replace"] {
            #expect(throws: SCIMError.invalidValue(""), "\(kind)") { try taken(#"{"op":"\#(kind)","path":"members","value":\#(value)}"#) }
        }
    }

    @Test(
        "parts of a member cannot be changed: mutability",
        arguments: [
            #"{"op":"replace","path":"members[value eq \"a\"].value","value":"b"}"#,
            #"{"op":"remove","path":"members[value eq \"a\"].value"}"#,
            #"{"op":"replace","path":"members[value eq \"a\"].display","value":"A"}"#,
            #"{"op":"add","path":"members.type","value":"User"}"#,
            #"{"op":"remove","path":"members.value"}"#, #"{"op":"remove","path":"members.$ref"}"#,
        ])
    func parts(operation: String) { #expect(throws: SCIMError.mutability("")) { try taken(operation) } }

    @Test(
        "what cannot be meant is refused",
        arguments: [
            (#"{"op":"add","path":"members[value eq \"a\"]","value":{"value":"a"}}"#, SCIMError.invalidPath("")),
            (#"{"op":"remove","value":{"members":[{"value":"a"}]}}"#, SCIMError.noTarget("")),
            (#"{"op":"remove","path":"members[nope eq \"a\"]"}"#, .invalidFilter("")),
            (#"{"op":"remove","path":"members[value eq"}"#, SCIMError.invalidPath("")),
            (#"{"op":"remove","path":"members[]"}"#, SCIMError.invalidPath("")),
            (#"{"op":"remove","path":"members[value eq 5]"}"#, .invalidFilter("")), (#"{"op":"add","path":"members"}"#, .invalidValue("")),
            (#"{"op":"remove","path":"members.nope"}"#, SCIMError.invalidPath("")),
        ] as [(String, SCIMError)])
    func refused(operation: String, error: SCIMError) { #expect(throws: error) { try taken(operation) } }

    @Test("a hundred thousand ids are accepted, one more is refused with tooMany, in however many operations they come")
    func limit() throws {
        func operation(_ count: Int) -> String {
            #"{"op":"add","path":"members","value":["# + (0..<count).map { #""\#($0)""# }.joined(separator: ",") + "]}"
        }
        #expect(try taken(operation(100_000)).membership.count == 1)
        #expect(throws: SCIMError.tooMany("")) { try taken(operation(100_001)) }
        #expect(throws: SCIMError.tooMany("")) { try taken("[\(operation(60_000)),\(operation(60_000))]") }
    }

    @Test("members of another schema are none of these")
    func otherMembers() throws {
        var request = PatchRequest(operations: [
            PatchOperation(.remove, path: AttributePath(schema: "urn:x:y", attribute: "members")), PatchOperation(.remove, path: nil),
        ])
        #expect(try request.takeMembershipOperations() == [])
        #expect(request.operations.count == 2)
    }

    @Test("a group that holds its members itself is changed alike")
    func applied() throws {
        let group = try PatchBench(#"{"id":"g","displayName":"G","members":[{"value":"a"},{"value":"b"},{"value":"c"}]}"#, type: .group)
        for (operation, result) in [
            (
                #"{"op":"add","path":"members","value":[{"value":"b"},{"value":"d"}]}"#,
                #"[{"value":"a"},{"value":"b"},{"value":"c"},{"value":"d"}]"#
            ),
            (#"{"op":"remove","path":"members","value":[{"value":"b"},{"value":"x"}]}"#, #"[{"value":"a"},{"value":"c"}]"#),
            (#"{"op":"remove","path":"members[value eq \"a\"]"}"#, #"[{"value":"b"},{"value":"c"}]"#),
            (#"{"op":"remove","path":"members"}"#, "-"),
            (#"{"op":"remove","path":"members","value":[]}"#, #"[{"value":"a"},{"value":"b"},{"value":"c"}]"#),
        ] {
            #expect(try group.value("members", after: operation) == result)
        }
        #expect(throws: SCIMError.mutability("")) {
            try group.patched(#"{"op":"replace","path":"members[value eq \"a\"].value","value":"z"}"#)
        }
    }

    // MARK: The costliest mistake: a remove that empties the group

    /// What the operation does to members in a dialect, and which quirks it has.
    private func read(_ operation: String, _ dialect: ClientDialect) throws -> (membership: [MembershipOperation], quirks: Set<Quirk>) {
        var quirks: Set<Quirk> = []
        var request = try PatchRequest(message: PatchBench.message(operation), dialect: dialect, noting: &quirks)
            .expanded(for: .group, in: .standard, resourceID: "g", dialect: dialect, noting: &quirks)
        return (try request.takeMembershipOperations(dialect: dialect, noting: &quirks), quirks)
    }

    /// Every spelling of a remove with a value, and who leaves.
    private static let removals: [(String, [String])] = [
        (#"{"op":"remove","path":"members","value":[{"value":"a"},{"value":"b"}]}"#, ["a", "b"]),
        (#"{"op":"Remove","path":"members","value":[{"value":"a","$ref":null}]}"#, ["a"]),
        (#"{"op":"REMOVE","path":"MEMBERS","value":[{"VALUE":"a"}]}"#, ["a"]),
        (#"{"op":"remove","path":"members","value":["a","b"]}"#, ["a", "b"]),
        (#"{"op":"remove","path":"members","value":{"members":[{"value":"a"}]}}"#, ["a"]),
        (#"{"op":"remove","path":"members","value":{"members":["a"]}}"#, ["a"]),
        (#"{"op":"remove","path":"members","value":{"members":{"value":"a"}}}"#, ["a"]),
        (#"{"op":"remove","path":"members","value":{"value":"a"}}"#, ["a"]),
        (#"{"op":"remove","path":"members","value":"a"}"#, ["a"]),
        (#"{"value":[{"value":"a"}],"op":"remove","path":"members"}"#, ["a"]),
        (#"{"op":"remove","path":"\#(Schema.group.id):members","value":[{"value":"a"}]}"#, ["a"]),
        (#"{"op":"remove","path":"members","value":[{"value":"x"}]}"#, ["x"]),
        (#"{"op":"remove","path":"members","value":[]}"#, []), (#"{"op":"Remove","path":"members","value":[]}"#, []),
        (#"{"op":"remove","path":"members","value":{}}"#, []), (#"{"op":"remove","path":"members","value":{"members":[]}}"#, []),
        (#"{"op":"remove","path":"members","value":{"members":null}}"#, []),
    ]

    @Test("a remove with a value takes away those and only those; an empty list, nobody", arguments: removals)
    func removesOnlyThose(operation: String, ids: [String]) throws {
        for dialect in [ClientDialect.auto, .onelogin, .entra, .jumpcloud, .google, .ping, .sailpoint] {
            // Only Entra ID is known to write operations in capitals.
            guard dialect.quirks.contains(.operationCase) || operation.contains(#""op":"remove""#) else { continue }
            let result = try read(operation, dialect)
            #expect(result.membership == [.remove(ids)], "\(dialect.name)")
            #expect(result.quirks.contains(.membersRemoveByValue), "\(dialect.name)")
        }
        let group = try PatchBench(#"{"id":"g","displayName":"G","members":[{"value":"a"},{"value":"b"},{"value":"c"}]}"#, type: .group)
        let left = try group.patched(operation)["members"]?.array?.compactMap { $0["value"]?.string }
        #expect(left == ["a", "b", "c"].filter { !ids.contains($0) })
    }

    @Test("where that is not understood it is refused, rather than taken for the RFC's removal of all", arguments: removals)
    func removesNobody(operation: String, ids: [String]) {
        var dialect = ClientDialect.auto
        dialect.quirks.remove(.membersRemoveByValue)
        #expect(throws: SCIMError.invalidValue("")) { try read(operation, dialect) }
        #expect(throws: SCIMError.self) { try read(operation, .rfc) }
    }

    @Test(
        "the RFC's own removals have no quirk in any dialect",
        arguments: [
            (#"{"op":"remove","path":"members"}"#, .removeAll), (#"{"op":"remove","path":"members","value":null}"#, .removeAll),
            (#"{"op":"remove","path":"members[value eq \"x\"]"}"#, .remove(["x"])),
            (#"{"op":"remove","path":"members[value eq \"x\" or value eq \"y\"]"}"#, .remove(["x", "y"])),
            (#"{"op":"remove","path":"members[value eq \"\"]"}"#, .remove([""])),
        ] as [(String, MembershipOperation)])
    func plainRemovals(operation: String, meaning: MembershipOperation) throws {
        for dialect in ClientDialect.presets {
            let result = try read(operation, dialect)
            #expect(result.membership == [meaning])
            #expect(result.quirks == [])
        }
    }

    @Test("a filter leads where there is also a value")
    func filterAndValue() throws {
        let operation = #"{"op":"remove","path":"members[value eq \"a\"]","value":[{"value":"b"}]}"#
        let result = try read(operation, .auto)
        #expect(result.membership == [.remove(["a"])])
        #expect(result.quirks == [.membersRemoveByValue])
    }
}
