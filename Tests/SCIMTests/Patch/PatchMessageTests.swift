import SCIM
import Testing

@Suite("Reading PATCH messages (RFC 7644 §3.5.2)")
struct PatchMessageTests {
    private func read(_ json: String) throws -> PatchRequest { try PatchRequest(message: AttributeValue(json: json)) }

    @Test("operations keep their order, path and value")
    func operations() throws {
        let request = try read(
            #"""
            {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[
             {"op":"add","path":"title","value":"T"},{"value":{"active":false},"op":"replace"},{"op":"remove",
              "path":"emails[type eq \"work\"]"}]}
            """#)
        #expect(
            request.operations == [
                PatchOperation(.add, path: AttributePath(attribute: "title"), value: "T"),
                PatchOperation(.replace, value: ["active": false]),
                PatchOperation(
                    .remove,
                    path: AttributePath(
                        attribute: "emails", valueFilter: .comparison(AttributePath(attribute: "type"), .eq, "work"))),
            ])
    }

    @Test(
        "op and the names are read in any case; schemas may be missing; an empty or null path is none",
        arguments: [
            #"{"Operations":[{"op":"Replace","value":{}}]}"#, #"{"operations":[{"OP":"REPLACE","Value":{}}]}"#,
            #"{"schemas":null,"OPERATIONS":[{"Op":"replace","value":{},"path":null}]}"#,
            #"{"schemas":[],"Operations":[{"op":"replace","value":{},"path":""}]}"#,
            #"{"SCHEMAS":["URN:ietf:params:scim:api:messages:2.0:patchop"],"Operations":[{"op":"replace","value":{},"extra":1}]}"#,
        ])
    func lenient(json: String) throws { #expect(try read(json).operations == [PatchOperation(.replace, value: [:])]) }

    @Test(
        "what is no PatchOp message is refused with invalidSyntax",
        arguments: [
            "[]", "null", "5", #""x""#, "{}", #"{"Operations":null}"#, #"{"Operations":[]}"#, #"{"Operations":{"op":"add"}}"#,
            #"{"Operations":["add"]}"#,
            #"{"Operations":[null]}"#, #"{"Operations":[{"path":"title","value":"x"}]}"#,
            #"{"Operations":[{"op":"move","path":"title","value":"x"}]}"#,
            #"{"Operations":[{"op":"","value":{}}]}"#, #"{"Operations":[{"op":null,"value":{}}]}"#,
            #"{"Operations":[{"op":5,"value":{}}]}"#,
            #"{"Operations":[{"op":"add ","value":{}}]}"#, #"{"Operations":[{"op":["add"],"value":{}}]}"#,
            #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"Operations":[{"op":"add","value":{}}]}"#,
            #"{"schemas":"x","Operations":[{"op":"add","value":{}}]}"#, #"{"active":false}"#,
        ])
    func notAMessage(json: String) { #expect(throws: SCIMError.invalidSyntax("")) { try read(json) } }

    @Test(
        "a path that is no path is refused with invalidPath",
        arguments: [
            #""name..givenName""#, #"".userName""#, #""emails[]""#, #""emails[type eq \"work\"""#, #""emails[type zz \"work\"].value""#,
            #""name[""#,
            #""0bad""#, "5", "true", "[]", #"["title"]"#, "{}",
        ])
    func badPath(path: String) {
        #expect(throws: SCIMError.invalidPath("")) { try read(#"{"Operations":[{"op":"replace","path":\#(path),"value":"x"}]}"#) }
    }

    @Test("a thousand operations are read, more are refused with tooMany")
    func limit() throws {
        func json(_ count: Int) -> String {
            #"{"Operations":["# + Array(repeating: #"{"op":"add","value":{}}"#, count: count).joined(separator: ",") + "]}"
        }
        #expect(try read(json(1000)).operations.count == 1000)
        #expect(throws: SCIMError.tooMany("")) { try read(json(1001)) }
    }
}

@Suite("Expanding PATCH operations")
struct PatchExpandingTests {
    private static let enterprise = Schema.enterpriseUser.id

    private func expanded(_ operations: String, id: String = "7", type: ResourceType = .user) throws -> [PatchOperation] {
        try PatchRequest(message: PatchBench.message(operations)).expanded(for: type, in: .standard, resourceID: id).operations
    }

    /// Each operation as `kind path value`.
    private func lines(_ operations: String, type: ResourceType = .user) throws -> [String] {
        try expanded(operations, type: type).map { operation in
            [operation.kind.rawValue, operation.path.map(\.description) ?? "-", operation.value?.jsonText].compactMap(\.self).joined(
                separator: " ")
        }
    }

    @Test(
        "a value without path becomes one operation for each attribute; dotted, bracketed and URN keys are paths",
        arguments: [
            (#"{"op":"replace","value":{"active":false}}"#, ["replace active false"]),
            (#"{"op":"Add","value":{"NICKNAME":"a","title":"b"}}"#, ["add nickName \"a\"", "add title \"b\""]),
            (
                #"{"op":"replace","value":{"name.givenName":"K","Name.FAMILYNAME":"L"}}"#,
                ["replace name.givenName \"K\"", "replace name.familyName \"L\""]
            ),
            (#"{"op":"replace","value":{"emails[type eq \"work\"].value":"x"}}"#, [#"replace emails[type eq "work"].value "x""#]),
            (#"{"op":"replace","value":{"\#(enterprise):employeeNumber":"A"}}"#, [#"replace \#(enterprise):employeeNumber "A""#]),
            (#"{"op":"replace","value":{"\#(enterprise):manager.value":"A"}}"#, [#"replace \#(enterprise):manager.value "A""#]),
            (
                #"{"op":"add","value":{"\#(enterprise.uppercased())":{"DEPARTMENT":"D","manager.value":"m"}}}"#,
                [#"add \#(enterprise):department "D""#, #"add \#(enterprise):manager.value "m""#]
            ),
            (
                #"{"op":"add","value":{"urn:scim:schemas:extension:enterprise:1.0":{"division":"D"}}}"#,
                [#"add \#(enterprise):division "D""#]
            ),
            (#"{"op":"add","value":{"urn:ietf:params:scim:schemas:core:2.0:User:title":"T"}}"#, ["add title \"T\""]),
            (
                #"{"op":"add","value":{"urn:ietf:params:scim:schemas:core:2.0:User":{"title":"T","name.givenName":"G"}}}"#,
                ["add title \"T\"", "add name.givenName \"G\""]
            ),
            (#"{"op":"replace","value":{"department":"D"}}"#, [#"replace \#(enterprise):department "D""#]),
            (
                #"{"op":"replace","path":"\#(enterprise)","value":{"department":"D","costCenter":null}}"#,
                [#"replace \#(enterprise):department "D""#, #"replace \#(enterprise):costCenter null"#]
            ),
            (#"{"op":"remove","path":"\#(enterprise)"}"#, ["remove \(enterprise)"]),
            (#"{"op":"replace","path":"\#(enterprise)","value":null}"#, ["remove \(enterprise)"]),
            (#"{"op":"replace","value":{"\#(enterprise)":null}}"#, ["remove \(enterprise)"]),
            (#"{"op":"add","path":"\#(enterprise)","value":{}}"#, []), (#"{"op":"add","value":{}}"#, []),
            (
                #"{"op":"Replace","path":"URN:IETF:params:scim:schemas:core:2.0:user:Name.GivenName","value":"x"}"#,
                ["replace name.givenName \"x\""]
            ),
        ] as [(String, [String])])
    func expands(operation: String, result: [String]) throws { #expect(try lines(operation) == result) }

    @Test("what a client repeats of schemas, its own id, meta, groups and other readOnly attributes is ignored without a path")
    func repeated() throws {
        #expect(
            try lines(
                #"""
                {"op":"replace","value":{"schemas":["x"],"id":"7","meta":{"created":"1999-01-01T00:00:00Z"},"meta.version":"x",
                 "groups":[{"value":"g"}],"\#(Self.enterprise):manager.displayName":"M","title":"T"}}
                """#) == ["replace title \"T\""])
    }

    @Test(
        "with a path, or as another id, they are refused with mutability",
        arguments: [
            #"{"op":"replace","path":"id","value":"8"}"#, #"{"op":"replace","path":"id","value":"7"}"#, #"{"op":"remove","path":"id"}"#,
            #"{"op":"replace","value":{"id":"8"}}"#, #"{"op":"add","value":{"ID":5}}"#, #"{"op":"add","value":{"id":null}}"#,
            #"{"op":"replace","path":"meta.created","value":"1999-01-01T00:00:00Z"}"#, #"{"op":"remove","path":"meta"}"#,
            #"{"op":"add","path":"groups","value":[{"value":"g"}]}"#, #"{"op":"remove","path":"groups[value eq \"g\"]"}"#,
            #"{"op":"replace","path":"\#(enterprise):manager.displayName","value":"M"}"#,
        ])
    func readOnly(operation: String) { #expect(throws: SCIMError.mutability("")) { try expanded(operation) } }

    @Test("an error about groups says where to go")
    func hint() {
        let error = #expect(throws: SCIMError.self) { try expanded(#"{"op":"add","path":"groups","value":[{"value":"g"}]}"#) }
        #expect(error?.detail.contains("/Groups") == true)
    }

    @Test(
        "a path that no schema has is refused with invalidPath, unlike on create",
        arguments: [
            #"{"op":"replace","path":"nope","value":"x"}"#, #"{"op":"add","path":"name.nope","value":"x"}"#,
            #"{"op":"remove","path":"nope"}"#,
            #"{"op":"replace","path":"userName.value","value":"x"}"#, #"{"op":"add","path":"members","value":[{"value":"u"}]}"#,
            #"{"op":"replace","value":{"nope":"x"}}"#, #"{"op":"replace","value":{"name.nope":"x"}}"#,
            #"{"op":"replace","value":{"no pe":"x"}}"#,
            #"{"op":"replace","value":{"":"x"}}"#, #"{"op":"add","value":{"urn:x:y":{"a":1}}}"#,
            #"{"op":"add","path":"urn:x:y:a","value":1}"#,
            #"{"op":"add","path":"\#(enterprise):nope","value":1}"#, #"{"op":"add","value":{"\#(enterprise)":{"nope":1}}}"#,
            #"{"op":"replace","path":"name[givenName eq \"x\"].familyName","value":"y"}"#,
            #"{"op":"remove","path":"userName[value eq \"x\"]"}"#,
            #"{"op":"add","path":"urn:ietf:params:scim:schemas:core:2.0:Group:displayName","value":"x"}"#,
        ])
    func unknown(operation: String) { #expect(throws: SCIMError.invalidPath("")) { try expanded(operation) } }

    @Test(
        "a filter in brackets must fit the attribute, else invalidFilter",
        arguments: [
            #"emails[nope eq \"x\"]"#, #"emails[primary gt true]"#, #"emails[primary eq \"maybe\"].value"#, #"emails[value eq 5]"#,
            #"x509Certificates[value ge \"a\"]"#,
        ])
    func badFilter(path: String) {
        #expect(throws: SCIMError.invalidFilter("")) { try expanded(#"{"op":"remove","path":"\#(path)"}"#) }
    }

    @Test(
        "remove without a path is refused with noTarget (§3.5.2.2)",
        arguments: [#"{"op":"remove"}"#, #"{"op":"Remove","value":{"userName":"x"}}"#, #"{"op":"remove","path":"","value":[]}"#])
    func removeWithoutPath(operation: String) { #expect(throws: SCIMError.noTarget("")) { try expanded(operation) } }

    @Test(
        "add and replace need a value, and without a path an object",
        arguments: [
            #"{"op":"add","path":"title"}"#, #"{"op":"replace","path":"title"}"#, #"{"op":"add"}"#, #"{"op":"replace","value":null}"#,
            #"{"op":"replace","value":"x"}"#, #"{"op":"add","value":["x"]}"#, #"{"op":"add","path":"\#(enterprise)","value":"x"}"#,
            #"{"op":"replace","value":{"\#(enterprise)":"x"}}"#, #"{"op":"add","path":"\#(enterprise)"}"#,
            #"{"op":"add","value":{"urn:ietf:params:scim:schemas:core:2.0:User":"x"}}"#,
            #"{"op":"add","value":{"urn:ietf:params:scim:schemas:core:2.0:User":{"urn:ietf:params:scim:schemas:core:2.0:User":{}}}}"#,
        ])
    func withoutValue(operation: String) { #expect(throws: SCIMError.invalidValue("")) { try expanded(operation) } }

    @Test("expanding what is expanded changes nothing")
    func idempotent() throws {
        let request = PatchRequest(
            operations: try expanded(
                #"""
                [{"op":"replace","value":{"name.givenName":"K","\#(Self.enterprise)":{"department":"D"}}},
                 {"op":"remove","path":"\#(Self.enterprise)"}]
                """#
            ))
        #expect(try request.expanded(for: .user, in: .standard, resourceID: "7") == request)
    }
}
