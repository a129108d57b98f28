import SCIM
import Testing

@Suite("Bulk execution")
struct BulkProgressTests {
    private static let enterprise = Schema.enterpriseUser.id

    private func user(_ name: String, manager: String? = nil, path: String = "/Users") -> BulkOperation {
        var data: AttributeMap = ["userName": .string(name)]
        if let manager { data.append(Self.enterprise, ["employeeNumber": "1", "manager": ["value": .string("bulkId:" + manager)]]) }
        return BulkOperation(.post, path: path, bulkId: name, data: .complex(data))
    }

    private func group(_ name: String, _ members: String...) -> BulkOperation {
        BulkOperation(
            .post, path: "/Groups", bulkId: name,
            data: [
                "displayName": .string(name),
                "members": .array(
                    members.map {
                        $0.hasPrefix("id:") ? ["value": .string(String($0.dropFirst(3)))] : ["value": .string("bulkId:" + $0), "type": "x"]
                    }),
            ])
    }

    private func run(_ operations: BulkOperation..., failOnErrors: Int? = nil, failing: [String: SCIMError] = [:]) -> (
        FakeDirectory, BulkResponse
    ) {
        var directory = FakeDirectory(failures: failing)
        let response = directory.run(BulkRequest(failOnErrors: failOnErrors, operations: operations))
        return (directory, response)
    }

    @Test("a reference is replaced by the id, wherever it stands (RFC 7644 §3.7.2)")
    func replacing() {
        let (directory, response) = run(
            user("a"), group("g", "a", "id:7"),
            BulkOperation(.put, path: "/Users/9", data: ["x": [["$ref": "https://host/scim/v2/Users/bulkId:a", "text": "see bulkId:a"]]]),
            BulkOperation(
                .patch, path: "/Groups/bulkId:g",
                data: ["Operations": [["op": "remove", "path": "members[value eq \"bulkId:a\" or value eq \"7\"]", "value": "bulkId:a"]]]),
            BulkOperation(.delete, path: "/Users/bulkId:a"))
        #expect(directory.log == ["POST /Users a", "POST /Groups g", "PUT /Users/9", "PATCH /Groups/2", "DELETE /Users/1"])
        #expect(directory.calls[1].data?["members"] == [["value": "1", "type": "x"], ["value": "7"]])
        #expect(directory.calls[2].data?["x"] == [["$ref": "https://host/scim/v2/Users/1", "text": "see bulkId:a"]])
        #expect(
            directory.calls[3].data?["Operations"]
                == [["op": "remove", "path": "members[value eq \"1\" or value eq \"7\"]", "value": "1"]])
        #expect(response.operations.map(\.status) == [201, 201, 200, 200, 204])
        #expect(response.operations.map(\.bulkId) == ["a", "g", nil, nil, nil])
    }

    @Test("a resource is created before what refers to it; otherwise the order is the client's")
    func order() {
        let (directory, response) = run(
            group("g", "h", "b"), BulkOperation(.delete, path: "/Users/9"), user("a"), user("b", manager: "a"), group("h", "a"))
        #expect(directory.log == ["POST /Users a", "POST /Groups h", "POST /Users b", "POST /Groups g", "DELETE /Users/9"])
        #expect(
            response.operations.map(\.location)
                == ["4", "9", "1", "3", "2"].enumerated().map { place, id in
                    "https://host/scim/v2/\([0, 4].contains(place) ? "Groups" : "Users")/\(id)"
                })
    }

    @Test("groups that refer to each other are created one after the other, then completed (RFC 7644 §3.7.1)")
    func circularGroups() throws {
        let (directory, response) = run(group("a", "b", "id:7"), group("b", "a"))
        #expect(directory.log == ["POST /Groups a", "POST /Groups b", "PATCH /Groups/1"])
        #expect(directory.calls.map(\.purpose) == [.operation, .operation, .completion])
        #expect(directory.calls[0].data?["members"] == [["value": "7"]])
        #expect(directory.calls[2].data?["Operations"] == [["op": "add", "path": "members", "value": [["value": "2", "type": "x"]]]])
        #expect(throws: Never.self) { try PatchRequest(message: try #require(directory.calls[2].data)) }
        #expect(response.operations.map(\.status) == [201, 201])
        #expect(response.operations.map(\.version) == ["W/\"3\"", "W/\"2\""])
        #expect(directory.resources["/Groups/1"]?["members"] == [["value": "7"], ["value": "2", "type": "x"]])
        #expect(directory.resources["/Groups/2"]?["members"] == [["value": "1", "type": "x"]])
    }

    @Test("a circle of managers is completed in the extension; who is his own manager too")
    func circularManagers() throws {
        let (directory, response) = run(user("a", manager: "c"), user("b", manager: "a"), user("c", manager: "b"), user("d", manager: "d"))
        #expect(
            directory.log
                == ["POST /Users a", "POST /Users b", "POST /Users c", "PATCH /Users/1", "POST /Users d", "PATCH /Users/4"])
        #expect(directory.calls[0].data?[Self.enterprise] == ["employeeNumber": "1"])
        #expect(directory.calls[1].data?[Self.enterprise]?["manager"] == ["value": "1"])
        #expect(
            directory.calls[3].data?["Operations"]
                == [["op": "add", "path": .string(Self.enterprise + ":manager"), "value": ["value": "3"]]])
        #expect(directory.calls[5].data?["Operations"]?.array?.first?["value"] == ["value": "4"])
        #expect(response.operations.map(\.status) == [201, 201, 201, 201])
    }

    @Test("readOnly attributes are ignored, so they refer to nothing")
    func readOnly() {
        let member = BulkOperation(
            .post, path: "/Users", bulkId: "a", data: ["userName": "a", "groups": [["value": "bulkId:g"], ["value": "bulkId:nope"]]])
        let (directory, response) = run(member, group("g", "a"))
        #expect(directory.log == ["POST /Users a", "POST /Groups g"])
        #expect(response.operations.map(\.status) == [201, 201])
    }

    @Test("resources that cannot be without each other are refused with 409 (RFC 7644 §3.7.1)")
    func demandedCircle() {
        let (directory, response) = run(
            BulkOperation(.post, path: "/Users", bulkId: "a", data: ["userName": "bulkId:b"]),
            BulkOperation(.post, path: "/Groups", bulkId: "b", data: ["displayName": "bulkId:a"]), user("c"))
        #expect(directory.log == ["POST /Users c"])
        #expect(response.operations.map(\.status) == [409, 409, 201])
    }

    @Test("where only one of two cannot be without the other, that one comes second")
    func halfDemanded() {
        let (directory, response) = run(
            BulkOperation(.post, path: "/Groups", bulkId: "g", data: ["displayName": "bulkId:h"]), group("h", "g"))
        #expect(directory.log == ["POST /Groups h", "POST /Groups 1", "PATCH /Groups/1"])
        #expect(response.operations.map(\.status) == [201, 201])
    }

    @Test("what refers to something that failed, fails with 409; the rest goes on")
    func failed() {
        let (directory, response) = run(
            user("a"), user("b", manager: "a"), group("g", "b"), user("c"), failing: ["POST /Users a": .uniqueness("taken")])
        #expect(directory.log == ["POST /Users a", "POST /Users c"])
        #expect(response.operations.map(\.status) == [409, 409, 409, 201])
        #expect(response.operations.map { $0.response?["scimType"] } == ["uniqueness", nil, nil, nil])
        #expect(response.operations.map { $0.location != nil } == [false, false, false, true])
    }

    @Test("a circle fails as a whole, and what it created is deleted again")
    func failedCircle() {
        let later = run(group("a", "b"), group("b", "a"), user("c"), failing: ["POST /Groups b": .invalidValue("no")])
        #expect(later.0.log == ["POST /Groups a", "POST /Groups b", "DELETE /Groups/1", "POST /Users c"])
        #expect(later.1.operations.map(\.status) == [409, 400, 201])
        #expect(later.1.operations.map { $0.location != nil } == [false, false, true])
        #expect(later.0.resources.keys.sorted() == ["/Users/2"])
        let completing = run(group("a", "b"), group("b", "a"), failing: ["PATCH /Groups/1": .invalidValue("nested")])
        #expect(completing.0.log == ["POST /Groups a", "POST /Groups b", "PATCH /Groups/1", "DELETE /Groups/2", "DELETE /Groups/1"])
        #expect(completing.1.operations.map(\.status) == [400, 409])
        #expect(completing.0.resources.isEmpty)
    }

    @Test("what cannot be deleted again is told with its location")
    func failedUndoing() {
        let (_, response) = run(
            group("a", "b"), group("b", "a"),
            failing: ["POST /Groups b": .invalidValue("no"), "DELETE /Groups/1": .forbidden("not yours")])
        #expect(response.operations.map(\.status) == [409, 400])
        #expect(response.operations[0].location == "https://host/scim/v2/Groups/1")
        #expect(response.operations[0].response?["detail"]?.string?.contains("not yours") == true)
    }

    @Test(
        "after failOnErrors errors the rest is left undone and not told (RFC 7644 §3.7.3)", arguments: [(1, 1), (2, 3), (3, 4), (nil, 4)])
    func failOnErrors(limit: Int?, processed: Int) {
        let (directory, response) = run(
            user("a"), user("b"), user("c"), user("d"), failOnErrors: limit,
            failing: ["POST /Users a": .uniqueness(""), "POST /Users c": .uniqueness("")])
        #expect(directory.log.count == processed)
        #expect(response.operations.map(\.status) == Array([409, 201, 409, 201].prefix(processed)))
    }

    @Test("a failed PUT, PATCH or DELETE is told with its location")
    func locations() {
        let (_, response) = run(
            BulkOperation(.put, path: "/Users/1", data: [:]), BulkOperation(.delete, path: "/Users/a%20b"), user("c"),
            BulkOperation(.delete, path: "/Users/bulkId:c"),
            failing: [
                "PUT /Users/1": .preconditionFailed(""), "DELETE /Users/a b": .notFound(""), "DELETE /Users/1": .notFound(""),
            ])
        #expect(
            response.operations.map(\.location)
                == ["1", "a%20b", "1", "1"].map { "https://host/scim/v2/Users/" + $0 })
        #expect(response.operations.map(\.status) == [412, 404, 201, 404])
    }

    @Test("the answer says of each operation what a single request would be answered (RFC 7644 §3.7.3)")
    func response() {
        let (_, response) = run(
            user("a"), BulkOperation(.delete, path: "/Users/9"), failing: ["DELETE /Users/9": .notFound("gone")])
        #expect(
            response.message == [
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],
                "Operations": [
                    [
                        "location": "https://host/scim/v2/Users/1", "method": "POST", "bulkId": "a", "version": "W/\"1\"",
                        "status": "201",
                    ],
                    [
                        "location": "https://host/scim/v2/Users/9", "method": "DELETE", "status": "404",
                        "response": [
                            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404", "detail": "gone",
                        ],
                    ],
                ],
            ])
    }

    @Test("a long chain and a long circle neither exhaust the stack nor take long")
    func long() {
        let count = 5000
        var operations = (0..<count).map { user(String($0), manager: $0 + 1 < count ? String($0 + 1) : nil) }
        var directory = FakeDirectory()
        #expect(directory.run(BulkRequest(operations: operations)).operations.allSatisfy { $0.status == 201 })
        #expect(directory.log.count == count)
        operations[count - 1] = user(String(count - 1), manager: "0")
        directory = FakeDirectory()
        #expect(directory.run(BulkRequest(operations: operations)).operations.allSatisfy { $0.status == 201 })
        #expect(directory.log.count == count + directory.calls.count { $0.purpose == .completion })
    }

    @Test("random references end with every resource there and every reference filled in", arguments: 0..<40)
    func random(seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        let count = Int.random(in: 1...12, using: &random)
        var expected: [String: Set<String>] = [:]
        let operations = (0..<count).map { number in
            let name = "g\(number)"
            let members = Set((0..<Int.random(in: 0...3, using: &random)).map { _ in "g\(Int.random(in: 0..<count, using: &random))" })
            expected[name] = members
            return BulkOperation(
                .post, path: "/Groups", bulkId: name,
                data: ["displayName": .string(name), "members": .array(members.sorted().map { ["value": .string("bulkId:" + $0)] })])
        }
        var directory = FakeDirectory()
        let response = directory.run(BulkRequest(operations: operations))
        #expect(response.operations.allSatisfy { $0.status == 201 })
        var names: [String: String] = [:]
        for (path, resource) in directory.resources { names[String(path.dropFirst("/Groups/".count))] = resource["displayName"]?.string }
        for resource in directory.resources.values {
            let members = (resource["members"]?.array ?? []).compactMap { $0["value"]?.string }.map { names[$0] ?? $0 }
            #expect(Set(members) == expected[resource["displayName"]?.string ?? ""])
            #expect(Set(members).count == members.count)
        }
    }
}
