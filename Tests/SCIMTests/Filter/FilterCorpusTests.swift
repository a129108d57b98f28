import Foundation
import SCIM
import Testing

/// The filters in the tests of six other implementations. The corpus does not say which are valid; ``refused`` is our
/// reading, by the grammar of RFC 7644 §3.4.2.2 Figure 1. All others are read.
@Suite("Filters that other implementations test with")
struct FilterCorpusTests {
    private struct Row: Decodable { let filter: String }

    private static let corpus: [String] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "filter-corpus.json")
        let rows = (try? JSONDecoder().decode([Row].self, from: Data(contentsOf: file))) ?? []
        return rows.map(\.filter)
    }()

    /// What is refused, by the reason.
    private static let refused: [String: [String]] = [
        // SCIMMY reads `not` in front of a comparison; the grammar has it in front of parentheses only. Attributes are
        // called `not` in some of these.
        "not needs parentheses": [
            #"NOT email.type eq "work" and not email.value ew "@example.com""#, "NOT id pr",
            #"NOt not sw "A" and userName ew "Z" and userName co "m""#, #"email.type eq "work" AND not email.value ew "@example.com""#,
            #"email.type eq "work" and not email.value ew "@example.com""#, #"email.type eq "work" or not userName ne "Test""#,
            #"email.value ew "@example.com" and not userName eq "Test""#, #"emails[not type eq "work"] co "A""#,
            #"emails[not type eq "work"] pr"#,
            #"not email.type eq "work" and not email.value ew "@example.com""#, #"not emails[not type eq "work"] co "A""#,
            #"not emails[type eq "work"].value pr"#, "not id pr", #"not not sw "A" and userName ew "Z" and userName co "m""#,
        ],
        // SCIMMY and django-scim2 compare what the brackets choose; the brackets are a whole expression themselves.
        "an operator follows brackets": [
            #"emails[type eq "work"] co "A""#, #"emails[type eq "work"] pr"#, #"members[value eq "6784"] eq """#,
            #"userType eq "Employee" and emails[type eq "work" or primary eq true] pr"#,
            #"userType eq "Employee" and emails[type eq "work"] pr or userType eq "Employee" and emails[primary eq true] pr"#,
        ],
        // SCIMMY again: sub-attributes have no sub-attributes in SCIM (RFC 7643 §2.3.8).
        "brackets behind brackets": [
            #"emails[type eq "work" or type eq "home"].values[domain ew "@example.org" or domain ew "@example.com"]"#,
            #"emails[type eq "work" or type eq "home"].values[domain ew "@example.org" or domain ew "@example.com"].recipient pr"#,
            #"emails[type eq "work" or type eq "home"].values[domain ew "@example.org"]"#,
            #"emails[type eq "work"].values[domain ew "@example.org" or domain ew "@example.com"].recipient pr"#,
        ],
        // elimity tests these as paths of PATCH, which they are.
        "a path is no filter": [
            #"emails[type eq "work"].display"#, #"emails[type eq "work"].invalid"#,
            #"urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq "work"].display"#,
        ],
        // Their own tests refuse them too, but for the line breaks, which JSON wants escaped (RFC 8259 §7).
        "the value is no JSON": [
            "userName eq example@example.com", "value eq 123abc", "value eq 123abc5e4", "-valid$Name eq -null", "not eq pr",
            "streetAddress EQ \"111 Heritage Way\nSuite S\"", "streetAddress EQ \"111 Heritage Way\rSuite S\"",
        ],
        "there is no such operator": ["displayName not eq ", "userName not eq "],
    ]

    @Test("each is read or refused as the grammar has it")
    func corpus() throws {
        #expect(Self.corpus.count == 177)
        let refused = Set(Self.refused.values.joined())
        #expect(refused.isSubset(of: Self.corpus))
        for text in Self.corpus {
            do throws(SCIMError) {
                let filter = try Filter(parsing: text)
                #expect(!refused.contains(text), "read: \(text)")
                #expect(try Filter(parsing: filter.description) == filter)
            } catch {
                #expect(error == .invalidFilter(""))
                #expect(refused.contains(text), "refused: \(text): \(error)")
            }
        }
    }

    @Test("the paths among them are read as paths")
    func paths() throws {
        for text in try #require(Self.refused["a path is no filter"]) {
            let path = try AttributePath(parsing: text)
            #expect(path.valueFilter != nil)
            #expect(path.subAttribute != nil)
        }
    }
}
