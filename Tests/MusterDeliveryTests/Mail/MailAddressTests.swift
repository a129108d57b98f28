import MusterCore
import Testing

@Suite("Mail addresses") struct MailAddressTests {
    @Test(
        "an address is read with its name",
        arguments: [
            ("ada@example.com", nil, "ada@example.com"), ("  Ada.L+x@EXAMPLE.com ", nil, "Ada.L+x@example.com"),
            ("<ada@example.com>", nil, "ada@example.com"), ("Ada Lovelace <ada@example.com>", "Ada Lovelace", "ada@example.com"),
            (#""Lovelace, \"Ada\"" <ada@example.com>"#, #"Lovelace, "Ada""#, "ada@example.com"),
            ("Çelik <c@xn--bcher-kva.example>", "Çelik", "c@xn--bcher-kva.example"), ("root@localhost", nil, "root@localhost"),
        ] as [(String, String?, String)])
    func read(_ text: String, _ name: String?, _ address: String) throws {
        let read = try MailAddress(text)
        #expect(read.name == name && read.text == address)
        #expect(try MailAddress(read.description).text == address)
    }

    @Test(
        "what could be read in two ways is refused",
        arguments: [
            ("", "it has no '@'"), ("ada", "it has no '@'"), ("@example.com", "before the '@'"), ("ada@", "is no domain"),
            ("a b@example.com", "before the '@'"), ("a@b@example.com", "before the '@'"), (".ada@example.com", "before the '@'"),
            ("a..b@example.com", "before the '@'"), ("-oQ/tmp@example.com", "before the '@'"), ("\"a b\"@example.com", "before the '@'"),
            ("a@example..com", "is no domain"), ("a@-example.com", "is no domain"), ("a@[127.0.0.1]", "is no domain"),
            ("a@example.com, b@example.com", "before the '@'"), ("a@bücher.example", "xn--"), ("jörg@example.com", "is not ASCII"),
            ("a@example.com\r\nBcc: b@example.com", "line break"), ("A\u{0}da <a@example.com>", "control character"),
            ("A\u{2028}da <a@example.com>", "line break"), (String(repeating: "a", count: 65) + "@example.com", "before the '@'"),
            (String(repeating: "n", count: 600) + " <a@example.com>", "longer than 600 bytes"),
        ])
    func refused(_ text: String, _ problem: String) throws {
        let error = try #require(throws: MailError.self) { try MailAddress(text) }
        #expect(error.code == .invalid && error.message.contains(problem), "\(error.message)")
        #expect(!error.message.contains("\n"))
    }
}
