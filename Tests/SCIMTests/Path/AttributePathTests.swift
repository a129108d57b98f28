import SCIM
import Testing

@Suite("Reading paths (RFC 7644 §3.5.2 Figure 7, §3.10)")
struct AttributePathTests {
    private static let core = Schema.user.id
    private static let enterprise = Schema.enterpriseUser.id
    private static let work = Filter.comparison(AttributePath(attribute: "type"), .eq, "work")

    @Test(
        "a path becomes its parts and its text comes back",
        arguments: [
            ("userName", AttributePath(attribute: "userName")),
            ("name.familyName", AttributePath(attribute: "name", subAttribute: "familyName")),
            ("members.$ref", AttributePath(attribute: "members", subAttribute: "$ref")),
            ("$ref", AttributePath(attribute: "$ref")),
            ("x-long_name2", AttributePath(attribute: "x-long_name2")),
            (core + ":userName", AttributePath(schema: core, attribute: "userName")),
            (core + ":name.givenName", AttributePath(schema: core, attribute: "name", subAttribute: "givenName")),
            (
                core + ":emails[type eq \"work\"].value",
                AttributePath(schema: core, attribute: "emails", valueFilter: work, subAttribute: "value")
            ),
            (enterprise + ":manager.value", AttributePath(schema: enterprise, attribute: "manager", subAttribute: "value")),
            (enterprise.uppercased() + ":Manager", AttributePath(schema: enterprise.uppercased(), attribute: "Manager")),
            (
                "urn:ietf:params:scim:schemas:exampleCo:2.0:hr:age",
                AttributePath(schema: "urn:ietf:params:scim:schemas:exampleCo:2.0:hr", attribute: "age")
            ),
            ("emails[type eq \"work\"]", AttributePath(attribute: "emails", valueFilter: work)),
            ("emails[type eq \"work\"].value", AttributePath(attribute: "emails", valueFilter: work, subAttribute: "value")),
            (
                "members[value eq \"2819c223\"].displayName",
                AttributePath(
                    attribute: "members", valueFilter: .comparison(AttributePath(attribute: "value"), .eq, "2819c223"),
                    subAttribute: "displayName")
            ),
            ("emails[not (type eq \"work\")]", AttributePath(attribute: "emails", valueFilter: .not(work))),
            (
                "emails[value eq \"].x[\"]",
                AttributePath(attribute: "emails", valueFilter: .comparison(AttributePath(attribute: "value"), .eq, "].x["))
            ),
        ] as [(String, AttributePath)])
    func reads(text: String, path: AttributePath) throws {
        #expect(try AttributePath(parsing: text) == path)
        #expect(path.description == text)
    }

    @Test("a value without a blank before its quote is read, as the RFC's own example has it (§3.5.2.2)")
    func withoutBlank() throws {
        #expect(try AttributePath(parsing: #"members[value eq"2819"]"#) == AttributePath(parsing: #"members[value eq "2819"]"#))
        #expect(throws: SCIMError.invalidPath("")) { try AttributePath(parsing: "members[value eq1]") }
    }

    @Test(
        "an extension's URN alone is understood with the registry",
        arguments: [
            enterprise, enterprise.uppercased(), "urn:scim:schemas:extension:enterprise:2.0", "urn:scim:schemas:extension:enterprise:1.0",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0User",
        ])
    func extensionAlone(urn: String) throws {
        let resolved = try #require(SchemaRegistry.standard.resolve(AttributePath(parsing: urn), in: .user))
        #expect(resolved.schema == Self.enterprise)
        #expect(resolved.attribute == nil)
    }

    @Test(
        "what is no path is refused with invalidPath, and the error says where",
        arguments: [
            ("", 1), (".userName", 1), ("name..givenName", 6), ("name.", 6), ("name.a.b", 7), ("0bad", 1), ("-bad", 1), (" userName", 1),
            ("userName ", 9), ("user name", 5), ("emails[]", 8), ("emails[", 8), ("emails[type eq \"work\"", 22),
            ("emails[type eq \"work\"]]", 23),
            ("emails[type eq \"work\"].", 24), ("emails[type eq \"work\"]value", 23), ("emails[type zz \"work\"].value", 13), ("name[", 6),
            ("emails.type[value eq 1]", 12), ("emails[type eq \"work\"][value pr]", 23), ("emails[type]", 12), ("emails[[type pr]]", 8),
            ("emails[a[b pr]]", 9), ("urn:", 4), ("urn:a:", 7), ("urn:a:b:", 9), ("a:b", 2), ("userName\n", 9), ("üser", 1), ("a/b", 2),
            ("a,b", 2),
            ("emails[type eq \"work\"].value.x", 29), ("members[value eq", 17), ("emails[0]", 8),
        ])
    func refuses(text: String, position: Int) {
        let error = #expect(throws: SCIMError.self) { try AttributePath(parsing: text) }
        #expect(error == .invalidPath(""))
        #expect(error?.detail.contains("at character \(position):") == true, "\(error?.detail ?? "")")
    }

    @Test("a path of 16 KiB is read, a longer one is refused")
    func length() throws {
        let longest = String(repeating: "a", count: 16 << 10)
        #expect(try AttributePath(parsing: longest).attribute == longest)
        let error = #expect(throws: SCIMError.self) { try AttributePath(parsing: longest + "a") }
        #expect(error == .invalidPath(""))
    }

    @Test("parentheses in a path nest to a limit")
    func depth() throws {
        func path(_ depth: Int) -> String {
            "emails[" + String(repeating: "(", count: depth) + "type pr" + String(repeating: ")", count: depth) + "]"
        }
        #expect(try AttributePath(parsing: path(31)) == AttributePath(parsing: "emails[type pr]"))
        #expect(throws: SCIMError.invalidPath("")) { try AttributePath(parsing: path(32)) }
        #expect(throws: SCIMError.invalidPath("")) { try AttributePath(parsing: path(8000)) }
    }

    @Test("any text at all is read or refused, never more (property)")
    func garbage() {
        var random = SplitMix(seed: 7)
        let pieces = [
            "a", "name", ".", "[", "]", "(", ")", " ", "eq", "\"", "\\", "urn:", ":", "1", "not", "and", "or", "pr", "é", "\u{0}", "$",
        ]
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 0..<12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            do throws(SCIMError) {
                let path = try AttributePath(parsing: text)
                #expect((try? AttributePath(parsing: path.description)) == path, "\(text)")
            } catch {
                #expect(error == .invalidPath(""))
            }
            do throws(SCIMError) {
                let filter = try Filter(parsing: text)
                #expect((try? Filter(parsing: filter.description)) == filter, "\(text)")
            } catch {
                #expect(error == .invalidFilter(""))
            }
        }
    }
}
