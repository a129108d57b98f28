import SCIM
import Testing

@Suite("Preconditions")
struct PreconditionTests {
    @Test(
        "If-Match and If-None-Match compare weakly (RFC 7644 §3.14)",
        arguments: [
            (#"W/"3""#, true), (#""3""#, true), (#"w/"3""#, true), ("3", true), ("W/3", true), (" W/\"3\" ", true), ("*", true),
            (" * ", true),
            (#"W/"1", W/"3""#, true), (#","1",,"3","#, true), (#""a,b","3""#, true), (#"W/"4""#, false), (#""W/3""#, false),
            (#""""#, false), (#""1","2""#, false), (#""03""#, false),
        ])
    func comparing(header: String, isSame: Bool) throws {
        let states = try Precondition.States(parsing: header)
        #expect(Precondition.ifMatch(states).isFulfilled(by: #"W/"3""#) == isSame)
        #expect(Precondition.ifNoneMatch(states).isFulfilled(by: #"W/"3""#) == !isSame)
        #expect(!Precondition.ifMatch(states).isFulfilled(by: nil))
        #expect(Precondition.ifNoneMatch(states).isFulfilled(by: nil))
    }

    @Test(
        "what is no list of entity tags is refused with invalidValue",
        arguments: [
            "", " ", ",", "\"3", "3\"", "W/", "\"1\" \"2\"", "\"a b\"", "*,\"\u{7F}\"", "1 2", String(repeating: "\"1\",", count: 5000),
        ])
    func malformed(header: String) {
        #expect(throws: SCIMError.invalidValue("")) { try Precondition.States(parsing: header) }
    }

    @Test("an entity tag is written as it stands in a header", arguments: [#"W/"3""#, #""abc""#, #""""#])
    func writing(text: String) throws {
        let tag = try #require(ETag(parsing: text))
        #expect(tag.description == text)
        #expect(ETag(tag.tag, isWeak: tag.isWeak) == tag)
        #expect(ETag(parsing: text + ",") == nil)
    }

    @Test(
        "a read that fails If-None-Match is 304, everything else that fails is 412 (RFC 9110 §13.2.2)",
        arguments: [
            (nil, nil, true, .proceed), (nil, #""3""#, true, .notModified), (nil, #""3""#, false, .failed), (nil, #""4""#, true, .proceed),
            (#""3""#, nil, false, .proceed), (#""4""#, nil, false, .failed), (#""4""#, nil, true, .failed),
            (#""4""#, #""3""#, true, .failed), (#""3""#, #""3""#, true, .notModified), ("*", "*", false, .failed),
        ] as [(String?, String?, Bool, Preconditions.Outcome)])
    func outcomes(ifMatch: String?, ifNoneMatch: String?, isRead: Bool, outcome: Preconditions.Outcome) throws {
        let preconditions = try Preconditions(ifMatch: ifMatch, ifNoneMatch: ifNoneMatch)
        #expect(preconditions.outcome(for: #"W/"3""#, isRead: isRead) == outcome)
    }

    @Test("of a resource that is not there, only If-None-Match holds")
    func absent() throws {
        #expect(try Preconditions(ifMatch: "*", ifNoneMatch: nil).outcome(for: nil, isRead: false) == .failed)
        #expect(try Preconditions(ifMatch: nil, ifNoneMatch: "*").outcome(for: nil, isRead: false) == .proceed)
        #expect(Preconditions.none.outcome(for: nil, isRead: false) == .proceed)
    }
}
