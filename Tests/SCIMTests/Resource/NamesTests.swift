import SCIM
import Testing

@Suite("Names and case")
struct NamesTests {
    @Test(
        "names compare without ASCII case and nothing else",
        arguments: [
            ("userName", "USERNAME", true), ("", "", true), ("$ref", "$REF", true), ("a", "b", false), ("a", "ab", false),
            ("ä", "Ä", false), ("[", "{", false), ("@", "`", false), ("k", "\u{212A}", false), ("\u{E9}", "e\u{301}", false),
            ("urn:ietf:params:scim:schemas:core:2.0:User", "URN:IETF:params:scim:schemas:CORE:2.0:user", true),
        ])
    func isSameName(left: String, right: String, isSame: Bool) {
        #expect(left.isSameName(as: right) == isSame)
        #expect(right.isSameName(as: left) == isSame)
    }

    @Test(
        "strings that differ in case or composition have one folded form",
        arguments: [
            ("ABC", "abc"), ("Jürgen", "JÜRGEN"), ("\u{E9}", "E\u{301}"), ("ΣΑΣ", "σας"), ("\u{212B}", "å"), ("Ø", "ø"),
        ])
    func folding(left: String, right: String) {
        #expect(Array(left.caseFolded.utf8) == Array(right.caseFolded.utf8))
    }

    @Test("strings that differ in more keep different folded forms", arguments: [("e", "é"), ("ı", "i"), ("山", "田"), ("a", "a ")])
    func different(left: String, right: String) {
        #expect(Array(left.caseFolded.utf8) != Array(right.caseFolded.utf8))
    }

    @Test("folding is done once and for all", arguments: ["Straße", "ǅ", "İ", "🦄👩‍💻", "E\u{301}\u{323}", "ﬃ"])
    func idempotence(text: String) {
        #expect(Array(text.caseFolded.caseFolded.utf8) == Array(text.caseFolded.utf8))
    }

    @Test("composing leaves case alone")
    func composing() {
        #expect(Array("E\u{301}".composed.utf8) == Array("\u{C9}".utf8))
        #expect("ABC".composed == "ABC")
    }
}
