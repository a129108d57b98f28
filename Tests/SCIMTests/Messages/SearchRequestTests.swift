import SCIM
import Testing

@Suite("Search requests")
struct SearchRequestTests {
    private func read(_ parameters: KeyValuePairs<String, String>) throws -> SearchRequest {
        try SearchRequest(parameters: parameters.map { (name: $0.key, value: $0.value) })
    }

    @Test("without parameters everything is wanted from the first on")
    func empty() throws {
        #expect(try read([:]) == SearchRequest())
        #expect(try read(["filter": "", "count": "", "startIndex": "", "attributes": "", "": ""]) == SearchRequest())
    }

    @Test("parameters are read whatever the case of their names; unknown ones are ignored")
    func parameters() throws {
        let request = try read([
            "FILTER": #"userName eq "a""#, "startindex": "11", "Count": "10", "attributes": "title", "sort": "x",
        ])
        #expect(request.filter == .comparison(AttributePath(attribute: "userName"), .eq, "a"))
        #expect(request.startIndex == 11)
        #expect(request.count == 10)
        #expect(request.selection == AttributeSelection(attributes: [AttributePath(attribute: "title")]))
        #expect(try read(["excludedAttributes": "members"]).selection.excludedAttributes == [AttributePath(attribute: "members")])
    }

    @Test(
        "numbers out of range are the nearest in range (RFC 7644 §3.4.2.4)",
        arguments: [
            ("1", 1, 1), ("0", 1, 0), ("-1", 1, 0), ("-99999999999999999999", 1, 0), ("007", 7, 7), ("+5", 5, 5),
            ("99999999999999999999", .max, .max),
        ])
    func numbers(text: String, startIndex: Int, count: Int) throws {
        #expect(try read(["startIndex": text]).startIndex == startIndex)
        #expect(try read(["count": text]).count == count)
    }

    @Test("what is no number is refused with invalidValue", arguments: ["abc", "1.5", "1e3", " 1", "0x10", "-", "１", "1;2"])
    func noNumbers(text: String) {
        #expect(throws: SCIMError.invalidValue("")) { try read(["startIndex": text]) }
        #expect(throws: SCIMError.invalidValue("")) { try read(["count": text]) }
    }

    @Test("a malformed filter is refused with invalidFilter, a parameter given twice with invalidValue")
    func refused() {
        #expect(throws: SCIMError.invalidFilter("")) { try read(["filter": "userName zz 1"]) }
        #expect(throws: SCIMError.invalidValue("")) { try read(["filter": "title pr", "Filter": "title pr"]) }
        #expect(throws: SCIMError.invalidValue("")) { try read(["count": "1", "count": "2"]) }
    }

    @Test("the message of a search by POST is read (RFC 7644 §3.4.3)")
    func message() throws {
        let request = try SearchRequest(message: [
            "schemas": [.string(MessageSchema.searchRequest)], "attributes": ["title", "name.givenName"], "filter": "title pr",
            "startIndex": 0, "count": -5, "sortBy": "name.familyName", "sortOrder": "Descending",
        ])
        #expect(request.filter == .present(AttributePath(attribute: "title")))
        #expect(request.startIndex == 1)
        #expect(request.count == 0)
        #expect(
            request.selection.attributes
                == [AttributePath(attribute: "title"), AttributePath(attribute: "name", subAttribute: "givenName")])
        #expect(request.sortBy == AttributePath(attribute: "name", subAttribute: "familyName"))
        #expect(request.isDescending)
        #expect(request.cursor == nil)
        let empty = try SearchRequest(message: ["schemas": [.string(MessageSchema.searchRequest)], "filter": nil, "attributes": []])
        #expect(empty == SearchRequest())
    }

    @Test(
        "another message is refused with invalidSyntax",
        arguments: [[], [:], ["filter": "title pr"], ["schemas": ["urn:x"]]] as [AttributeValue])
    func otherMessages(message: AttributeValue) {
        #expect(throws: SCIMError.invalidSyntax("")) { try SearchRequest(message: message) }
    }

    @Test(
        "a member of the wrong type is refused",
        arguments: [
            ("count", "1"), ("startIndex", .decimal(1.5)), ("attributes", "title"), ("attributes", [1]), ("excludedAttributes", true),
            ("filter", 5), ("sortBy", 5), ("sortOrder", true), ("sortOrder", "up"), ("cursor", 5),
        ]
            as [(String, AttributeValue)])
    func wrongTypes(name: String, value: AttributeValue) {
        var message: AttributeMap = ["schemas": [.string(MessageSchema.searchRequest)]]
        message.append(name, value)
        let error = #expect(throws: SCIMError.self) { try SearchRequest(message: .complex(message)) }
        let expected: [String: SCIMError] = ["filter": .invalidFilter(""), "cursor": .invalidCursor("")]
        #expect(error == expected[name, default: .invalidValue("")])
    }

    @Test(
        "sortBy and sortOrder say in which order results come (RFC 7644 §3.4.2.3)",
        arguments: [
            (["sortBy": "userName"], "userName", false), (["sortBy": "name.givenName", "sortOrder": "ascending"], "name.givenName", false),
            (["SORTBY": "meta.created", "sortorder": "DESCENDING"], "meta.created", true),
            (["sortBy": "title", "sortOrder": ""], "title", false),
            (["sortBy": "urn:example:E:weight", "sortOrder": "descending"], "urn:example:E:weight", true),
            (["sortBy": ""], nil, false), (["sortOrder": "descending"], nil, true),
        ] as [(KeyValuePairs<String, String>, String?, Bool)])
    func sorting(parameters: KeyValuePairs<String, String>, sortBy: String?, isDescending: Bool) throws {
        let request = try read(parameters)
        #expect(request.sortBy?.description == sortBy)
        #expect(request.isDescending == isDescending)
    }

    @Test(
        "a malformed order is refused with invalidValue",
        arguments: [
            ["sortBy": "a b"], ["sortBy": "emails[type eq \"work\"].value"], ["sortBy": "."], ["sortBy": "title", "sortOrder": "up"],
            ["sortOrder": "desc"], ["sortBy": "title", "sortby": "userName"],
        ] as [KeyValuePairs<String, String>])
    func malformedSorting(parameters: KeyValuePairs<String, String>) {
        #expect(throws: SCIMError.invalidValue("")) { try read(parameters) }
    }

    @Test("a cursor asks for pages by cursor; an empty one for the first page (RFC 9865 §2)", arguments: ["", "VZUTiyhEQJ94IR", "a-._~9"])
    func cursor(text: String) throws {
        #expect(try read(["cursor": text]).cursor == text)
        #expect(try read(["Cursor": text, "count": "10"]).count == 10)
        #expect(try read(["count": "10"]).cursor == nil)
        let message: AttributeValue = ["schemas": [.string(MessageSchema.searchRequest)], "cursor": .string(text), "count": 10]
        #expect(try SearchRequest(message: message).cursor == text)
        #expect(try SearchRequest(message: ["schemas": [.string(MessageSchema.searchRequest)], "cursor": nil]).cursor == nil)
    }

    @Test(
        "with a cursor the page has at least one result (RFC 9865 §2.1)",
        arguments: [
            ("1", nil), ("999999999999999999999", nil), ("", nil), ("0", nil), ("-1", nil),
            ("ten", .invalidCount("")), ("1.5", .invalidCount("")),
        ] as [(String, SCIMError?)])
    func cursorCount(count: String, error: SCIMError?) throws {
        guard let error else {
            _ = try read(["cursor": "", "count": count])
            return
        }
        #expect(throws: error) { try read(["cursor": "", "count": count]) }
    }

    @Test(
        "a cursor that no server gives is refused with invalidCursor, one beside startIndex or given twice with invalidValue",
        arguments: [
            (["cursor": "a b"], .invalidCursor("")), (["cursor": "a/b="], .invalidCursor("")), (["cursor": "é"], .invalidCursor("")),
            (["cursor": String(repeating: "a", count: 5000)], .invalidCursor("")), (["cursor": "", "startIndex": "1"], .invalidValue("")),
            (["cursor": "", "CURSOR": ""], .invalidValue("")),
        ] as [([String: String], SCIMError)])
    func refusedCursors(parameters: [String: String], error: SCIMError) {
        #expect(throws: error) { try SearchRequest(parameters: parameters.map { (name: $0.key, value: $0.value) }) }
    }
}
