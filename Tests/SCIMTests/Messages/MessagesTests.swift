import SCIM
import Testing

@Suite("Messages")
struct MessagesTests {
    @Test("an error has its status as a string, and scimType only where there is one (RFC 7644 §3.12)")
    func errors() {
        #expect(
            String(decoding: SCIMError.uniqueness("userName \"a\" is taken").jsonBytes, as: UTF8.self)
                == #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"uniqueness","#
                + #""detail":"userName \"a\" is taken"}"#)
        #expect(
            String(decoding: SCIMError.notFound("gone").jsonBytes, as: UTF8.self)
                == #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404","detail":"gone"}"#)
    }

    @Test("a list copies its resources and counts them (RFC 7644 §3.4.2)")
    func list() throws {
        let page = ListResponse.jsonBytes(
            totalResults: 12, startIndex: 11, resources: [Array(#"{"id":"a"}"#.utf8), Array(#"{"id":"b"}"#.utf8)])
        #expect(
            String(decoding: page, as: UTF8.self)
                == #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":12,"startIndex":11,"#
                + #""itemsPerPage":2,"Resources":[{"id":"a"},{"id":"b"}]}"#)
        #expect(
            page == ListResponse.jsonBytes(totalResults: 12, startIndex: 11, resources: [["id": "a"], ["id": "b"]] as [AttributeValue]))
    }

    @Test("a list without results has an empty array")
    func emptyList() throws {
        let value = try AttributeValue(json: ListResponse.jsonBytes(totalResults: 0, startIndex: 1, resources: [] as [[UInt8]]))
        #expect(value["totalResults"] == 0)
        #expect(value["itemsPerPage"] == 0)
        #expect(value["Resources"] == [])
    }

    @Test("a page found by cursor has cursors instead of a start index (RFC 9865 §2)")
    func cursorPage() throws {
        let page = ListResponse.jsonBytes(
            totalResults: 3, startIndex: nil, nextCursor: "n", previousCursor: "p", resources: [["id": "a"]] as [AttributeValue])
        #expect(
            String(decoding: page, as: UTF8.self)
                == #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":3,"itemsPerPage":1,"#
                + #""previousCursor":"p","nextCursor":"n","Resources":[{"id":"a"}]}"#)
        let last = try AttributeValue(json: ListResponse.jsonBytes(totalResults: nil, startIndex: nil, resources: [] as [[UInt8]]))
        #expect(last.complex?.members.map(\.name) == ["schemas", "itemsPerPage", "Resources"])
    }

    @Test(
        "each error has its status and keyword (RFC 7644 §3.12 Table 9, RFC 9865 §2.1)",
        arguments: [
            (SCIMError.invalidCursor(""), 400, "invalidCursor"), (.expiredCursor(""), 400, "expiredCursor"),
            (.invalidCount(""), 400, "invalidCount"), (.invalidVersion(""), 400, "invalidVers"), (.methodNotAllowed(""), 405, nil),
            (.conflict(""), 409, nil), (.notImplemented(""), 501, nil),
        ] as [(SCIMError, Int, String?)])
    func keywords(error: SCIMError, status: Int, scimType: String?) {
        #expect(error.status == status)
        #expect(error.scimType == scimType)
    }
}
