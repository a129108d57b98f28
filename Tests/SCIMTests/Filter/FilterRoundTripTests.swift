import SCIM
import Testing

@Suite("Writing filters")
struct FilterRoundTripTests {
    @Test(
        "the text is that of the grammar, with no more parentheses than it needs",
        arguments: [
            #"userName eq "bjensen""#, #"a pr and b pr or c pr"#, #"(a pr or b pr) and c pr"#, #"not (a pr and b pr)"#,
            #"emails[type eq "work" and value co "@x"] or ims[type eq "xmpp"]"#, #"a eq "say \"hi\" \\""#, "a eq 1.5", "a gt -3",
            "a eq null",
            "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName eq true",
        ])
    func text(text: String) throws { #expect(try Filter(parsing: text).description == text) }

    @Test("the text of any filter parses back to the same tree (property)", arguments: 1...40)
    func roundTrip(seed: UInt64) throws {
        var maker = FilterMaker(seed: seed)
        for _ in 0..<50 {
            let filter = maker.filter(depth: 4)
            let text = filter.description
            #expect(try Filter(parsing: text, limits: FilterLimits(maximumBytes: 1 << 20, maximumTerms: 100_000)) == filter, "\(text)")
        }
    }

    @Test("any filter is validated and evaluated without harm, and not is its contrary (property)", arguments: 1...20)
    func evaluation(seed: UInt64) {
        var maker = FilterMaker(seed: seed)
        let resource = Resource(attributes: [
            "schemas": [.string(Schema.user.id)], "id": "1", "userName": "a", "active": true, "name": ["familyName": "b"],
            "emails": [["value": "a@b.c", "type": "work", "primary": true], ["value": "d@e.f"]],
        ])
        for _ in 0..<100 {
            let filter = maker.filter(depth: 3)
            let holds = filter.matches(resource, of: .user, in: .standard)
            #expect(Filter.not(filter).matches(resource, of: .user, in: .standard) != holds)
            #expect(Filter.and([filter, .not(filter)]).matches(resource, of: .user, in: .standard) == false)
            do throws(SCIMError) { try filter.validate(for: .user, in: .standard) } catch { #expect(error == .invalidFilter("")) }
        }
    }
}

/// Makes random filters.
private struct FilterMaker {
    var random: SplitMix

    init(seed: UInt64) { random = SplitMix(seed: seed) }

    private mutating func pick<Element>(_ elements: [Element]) -> Element { elements[Int.random(in: 0..<elements.count, using: &random)] }

    private mutating func path(isInBrackets: Bool) -> AttributePath {
        if isInBrackets { return AttributePath(attribute: pick(["value", "type", "primary", "$ref", "not", "nope"])) }
        return AttributePath(
            schema: pick([nil, nil, nil, Schema.user.id, Schema.enterpriseUser.id, "urn:x:y-z.1:2.0"]),
            attribute: pick(["userName", "active", "emails", "name", "not", "and", "pr", "x-1_$", "meta", "members"]),
            subAttribute: pick([nil, nil, "value", "familyName", "$ref", "created"]))
    }

    private mutating func value(for operation: Filter.Operator) -> AttributeValue {
        let texts: [AttributeValue] = [
            "", "a", "work", "true", "2011-05-13T04:42:34Z", "\"", "\\", "]", ") or (", "é", "e\u{301}", "🦄", "\u{1}\n\t", "null", "a]\"b",
        ]
        if [.co, .sw, .ew].contains(operation) { return pick(texts) }
        return pick(
            texts + [
                true, false, nil, 0, -7, .integer(.max), .integer(.min), .decimal(1.5), .decimal(1e300), .decimal(-2.5e-7), .decimal(3),
            ])
    }

    mutating func filter(depth: Int, isInBrackets: Bool = false) -> Filter {
        switch depth == 0 ? Int.random(in: 0..<3, using: &random) : Int.random(in: 0..<9, using: &random) {
        case 0: return .present(path(isInBrackets: isInBrackets))
        case 1, 2:
            let operation = pick(Filter.Operator.allCases)
            return .comparison(path(isInBrackets: isInBrackets), operation, value(for: operation))
        case 3, 4: return .and(several(depth, isInBrackets))
        case 5, 6: return .or(several(depth, isInBrackets))
        case 7: return .not(filter(depth: depth - 1, isInBrackets: isInBrackets))
        default:
            if isInBrackets { return .not(filter(depth: depth - 1, isInBrackets: true)) }
            var path = path(isInBrackets: false)
            path.subAttribute = nil
            return .valuePath(path, filter(depth: depth - 1, isInBrackets: true))
        }
    }

    private mutating func several(_ depth: Int, _ isInBrackets: Bool) -> [Filter] {
        (0..<Int.random(in: 2...4, using: &random)).map { _ in filter(depth: depth - 1, isInBrackets: isInBrackets) }
    }
}
