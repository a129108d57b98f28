import SCIM
import Testing

@Suite("Bulk requests")
struct BulkRequestTests {
    private func message(_ operations: AttributeValue, _ more: AttributeMap = [:]) -> AttributeValue {
        .complex(
            AttributeMap(
                [.init(name: "schemas", value: [.string(MessageSchema.bulkRequest)]), .init(name: "Operations", value: operations)]
                    + more.members))
    }

    private let post: AttributeValue = ["method": "POST", "path": "/Users", "bulkId": "a", "data": ["userName": "a"]]

    @Test("operations are read as they stand (RFC 7644 §3.7)")
    func reading() throws {
        let request = try BulkRequest(
            message: message(
                [post, ["method": "delete", "path": "/Users/1", "version": "W/\"1\"", "data": nil, "bulkId": ""]], ["failOnErrors": 2]))
        #expect(request.failOnErrors == 2)
        #expect(request.operations[0] == BulkOperation(.post, path: "/Users", bulkId: "a", data: ["userName": "a"]))
        #expect(request.operations[1].method == .delete)
        #expect(request.operations[1].methodName == "delete")
        #expect(request.operations[1].version == "W/\"1\"")
        #expect(request.operations[1].bulkId == nil)
        #expect(try BulkRequest(message: ["Operations": [post]]).failOnErrors == nil)
    }

    @Test("the bare operations of a PATCH are taken as the message, as in the example of RFC 7644 §3.7.3")
    func bareOperations() throws {
        let operations: AttributeValue = [["op": "remove", "path": "nickName"]]
        let request = try BulkRequest(message: message([["method": "PATCH", "path": "/Users/1", "data": operations]]))
        #expect(request.operations[0].data?["Operations"] == operations)
    }

    @Test(
        "another message, and one that cannot be understood as a whole, is refused",
        arguments: [
            ([], .invalidSyntax("")), (["schemas": ["urn:x"], "Operations": [["method": "POST"]]], .invalidSyntax("")),
            (["schemas": []], .invalidSyntax("")), (["Operations": []], .invalidSyntax("")), (["Operations": "x"], .invalidSyntax("")),
            (["Operations": [1]], .invalidSyntax("")), (["Operations": [["method": "DELETE"]], "failOnErrors": 0], .invalidValue("")),
            (["Operations": [["method": "DELETE"]], "failOnErrors": "1"], .invalidValue("")),
            (["Operations": [["method": "POST", "bulkId": "a"], ["method": "post", "bulkId": "a"]]], .invalidValue("")),
        ] as [(AttributeValue, SCIMError)])
    func refused(message: AttributeValue, error: SCIMError) {
        #expect(throws: error) { try BulkRequest(message: message) }
    }

    @Test("too much is 413, with the limit in the answer (RFC 7644 §3.7.4)")
    func limits() throws {
        let limits = BulkLimits(maximumOperations: 2, maximumPayloadBytes: 100)
        let delete: AttributeValue = ["method": "DELETE", "path": "/Users/1"]
        #expect(try BulkRequest(message: message([delete, delete]), limits: limits).operations.count == 2)
        let count = #expect(throws: SCIMError.payloadTooLarge("")) {
            try BulkRequest(message: message([delete, delete, delete]), limits: limits)
        }
        #expect(count?.detail.contains("maxOperations (2)") == true)
        #expect(throws: Never.self) { try limits.check(payloadBytes: 100) }
        let size = #expect(throws: SCIMError.payloadTooLarge("")) { try limits.check(payloadBytes: 101) }
        #expect(size?.detail.contains("maxPayloadSize (100)") == true)
    }

    @Test(
        "what is wrong with one operation fails that one only, as a single request would fail",
        arguments: [
            (["path": "/Users/1"], 400, "invalidSyntax"), (["method": "GET", "path": "/Users/1"], 400, "invalidSyntax"),
            (["method": "DELETE"], 400, "invalidSyntax"), (["method": "POST", "path": "/Users", "data": [:]], 400, "invalidSyntax"),
            (["method": "POST", "path": "/Users", "bulkId": "b"], 400, "invalidSyntax"),
            (["method": "PUT", "path": "/Users/1", "data": "x"], 400, "invalidSyntax"),
            (["method": "DELETE", "path": "/Nope/1"], 404, nil), (["method": "DELETE", "path": "/Users/1/2"], 404, nil),
            (["method": "DELETE", "path": "/Users/%zz"], 404, nil), (["method": "DELETE", "path": "https://other/Users/1"], 404, nil),
            (["method": "POST", "path": "/Users/1", "bulkId": "b", "data": [:]], 405, nil),
            (["method": "DELETE", "path": "/Users"], 405, nil),
            (["method": "DELETE", "path": "/Users/1", "version": "\"x"], 400, "invalidValue"),
            (["method": "DELETE", "path": "/Users/bulkId:nope"], 400, "invalidValue"),
            (["method": "PUT", "path": "/Users/1", "data": ["manager": ["value": "bulkId:nope"]]], 400, "invalidValue"),
        ] as [(AttributeValue, Int, String?)])
    func oneRefused(operation: AttributeValue, status: Int, scimType: String?) throws {
        var directory = FakeDirectory()
        let response = directory.run(try BulkRequest(message: message([operation, post])))
        #expect(response.operations.map(\.status) == [status, 201])
        #expect(response.operations[0].response?["scimType"] == scimType.map { .string($0) })
        #expect(response.operations[0].response?["status"] == .string(String(status)))
        #expect(directory.log == ["POST /Users a"])
    }

    @Test(
        "a path may have the base URL or its path in front",
        arguments: ["/Users/a%20b", "Users/a%20b", "https://host/scim/v2/Users/a%20b", "/scim/v2/Users/a%20b"])
    func paths(path: String) throws {
        var directory = FakeDirectory()
        let response = directory.run(
            try BulkRequest(message: message([["method": "DELETE", "path": .string(path), "version": "W/\"2\""]])))
        #expect(directory.log == ["DELETE /Users/a b"])
        #expect(directory.calls[0].preconditions.outcome(for: "W/\"2\"", isRead: false) == .proceed)
        #expect(directory.calls[0].preconditions.outcome(for: "W/\"3\"", isRead: false) == .failed)
        #expect(response.operations[0].status == 204)
    }
}
