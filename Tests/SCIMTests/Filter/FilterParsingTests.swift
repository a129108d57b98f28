import SCIM
import Testing

/// `path op value`, to write trees briefly.
private func term(_ path: AttributePath, _ operation: Filter.Operator = .eq, _ value: AttributeValue = "1") -> Filter {
    .comparison(path, operation, value)
}

private func path(_ name: String, _ part: String? = nil, of schema: String? = nil) -> AttributePath {
    AttributePath(schema: schema, attribute: name, subAttribute: part)
}

@Suite("Reading filters (RFC 7644 §3.4.2.2 Figure 1)")
struct FilterParsingTests {
    private static let (a, b, c, d) = (term(path("a")), term(path("b")), term(path("c")), term(path("d")))
    private static let core = Schema.user.id

    @Test(
        "and binds tighter than or, not tighter than both, parentheses tightest",
        arguments: [
            (#"a eq "1""#, a),
            (#"(a eq "1")"#, a),
            (#"((a eq "1"))"#, a),
            (#"a eq "1" and b eq "1""#, .and([a, b])),
            (#"a eq "1" and b eq "1" and c eq "1""#, .and([a, b, c])),
            (#"a eq "1" or b eq "1" or c eq "1""#, .or([a, b, c])),
            (#"a eq "1" and b eq "1" or c eq "1""#, .or([.and([a, b]), c])),
            (#"a eq "1" or b eq "1" and c eq "1""#, .or([a, .and([b, c])])),
            (#"a eq "1" or b eq "1" and c eq "1" or d eq "1""#, .or([a, .and([b, c]), d])),
            (#"(a eq "1" or b eq "1") and c eq "1""#, .and([.or([a, b]), c])),
            (#"a eq "1" and (b eq "1" or c eq "1") and d eq "1""#, .and([a, .or([b, c]), d])),
            (#"not (a eq "1")"#, .not(a)),
            (#"not(a eq "1")"#, .not(a)),
            (#"not (a eq "1") and b eq "1""#, .and([.not(a), b])),
            (#"not (a eq "1") or not (b eq "1")"#, .or([.not(a), .not(b)])),
            (#"not (not (a eq "1"))"#, .not(.not(a))),
            (#"not (a eq "1" or b eq "1")"#, .not(.or([a, b]))),
            (#"A EQ "1" AND b Eq "1" oR NOT (c eQ "1")"#, .or([.and([term(path("A")), b]), .not(c)])),
            (#"a eq "1" and(b eq "1")or(c eq "1")"#, .or([.and([a, b]), c])),
            (#"  a   eq   "1"   and   (  b eq "1"  )  "#, .and([a, b])),
        ] as [(String, Filter)])
    func logic(text: String, filter: Filter) throws { #expect(try Filter(parsing: text) == filter) }

    @Test(
        "words of the grammar are attributes where an attribute stands",
        arguments: [
            ("pr pr", .present(path("pr"))), ("not pr", .present(path("not"))), (#"and eq "1""#, term(path("and"))),
            (#"not eq "1" and or eq "1""#, .and([term(path("not")), term(path("or"))])), (#"eq eq "1""#, term(path("eq"))),
            (#"order eq "1" or android eq "1""#, .or([term(path("order")), term(path("android"))])),
        ] as [(String, Filter)])
    func words(text: String, filter: Filter) throws { #expect(try Filter(parsing: text) == filter) }

    @Test("each operator is read in any case", arguments: Filter.Operator.allCases)
    func operators(operation: Filter.Operator) throws {
        for name in [
            operation.rawValue, operation.rawValue.uppercased(), operation.rawValue.prefix(1).uppercased() + operation.rawValue.dropFirst(),
        ] {
            #expect(try Filter(parsing: "a \(name) \"1\"") == term(path("a"), operation))
        }
        #expect(try Filter(parsing: "a Pr") == .present(path("a")))
    }

    @Test(
        "a path may have a URN, a sub-attribute and brackets",
        arguments: [
            (#"name.familyName co "O'Malley""#, term(path("name", "familyName"), .co, "O'Malley")),
            ("\(core):userName sw \"J\"", term(path("userName", of: core), .sw, "J")),
            ("\(core):name.givenName pr", .present(path("name", "givenName", of: core))),
            ("(\(core):userName pr)", .present(path("userName", of: core))),
            (#"$ref eq null"#, term(path("$ref"), .eq, nil)),
            (
                #"emails[type eq "1" and value co "@"]"#,
                .valuePath(path("emails"), .and([term(path("type")), term(path("value"), .co, "@")]))
            ),
            ("\(core):emails[primary eq true]", .valuePath(path("emails", of: core), term(path("primary"), .eq, true))),
            (
                #"emails[type eq "1" or (primary eq true and value pr)] and a eq "1""#,
                .and([
                    .valuePath(
                        path("emails"), .or([term(path("type")), .and([term(path("primary"), .eq, true), .present(path("value"))])])), a,
                ])
            ),
            (#"not (emails[not (type eq "1")])"#, .not(.valuePath(path("emails"), .not(term(path("type")))))),
            ("emails[ type pr ]", .valuePath(path("emails"), .present(path("type")))),
        ] as [(String, Filter)])
    func paths(text: String, filter: Filter) throws { #expect(try Filter(parsing: text) == filter) }

    @Test(
        "Entra ID's sub-attribute behind brackets is one more condition on the same value",
        arguments: [
            (#"emails[type eq "work"].value eq "x""#, #"emails[type eq "work" and value eq "x"]"#),
            (#"emails[type eq "work"].value pr"#, #"emails[type eq "work" and value pr]"#),
            (#"emails[type eq "work" and primary eq true].value eq "x""#, #"emails[type eq "work" and primary eq true and value eq "x"]"#),
            (#"emails[type eq "work" or type eq "home"].value ew "x""#, #"emails[(type eq "work" or type eq "home") and value ew "x"]"#),
            (#"not (emails[type eq "work"].value eq "x") or a pr"#, #"not (emails[type eq "work" and value eq "x"]) or a pr"#),
        ])
    func behindBrackets(text: String, meaning: String) throws { #expect(try Filter(parsing: text) == Filter(parsing: meaning)) }

    @Test(
        "a value is JSON",
        arguments: [
            (#""""#, ""), (#""a b""#, "a b"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u00e9""#, "é"), (#""é🦄""#, "é🦄"),
            (#""\ud83e\udd84""#, "🦄"), (#"") or (""#, ") or ("), (#""]""#, "]"), (#""' OR '1'='1""#, "' OR '1'='1"),
            (#""x\" or userName pr or userName eq \"y""#, "x\" or userName pr or userName eq \"y"), (#""%_*""#, "%_*"),
            ("0", 0), ("-1", -1), ("123", 123), ("9223372036854775807", .integer(.max)), ("1.5", .decimal(1.5)), ("-0.25", .decimal(-0.25)),
            ("1.5e3", .decimal(1500)), ("1E-2", .decimal(0.01)), ("true", true), ("false", false), ("null", nil), ("True", true),
            ("FALSE", false),
            ("Null", nil),
        ] as [(String, AttributeValue)])
    func values(text: String, value: AttributeValue) throws {
        #expect(try Filter(parsing: "a eq \(text)") == term(path("a"), .eq, value))
        #expect(try Filter(parsing: "x[a eq \(text)]") == .valuePath(path("x"), term(path("a"), .eq, value)))
        #expect(try Filter(parsing: "(a eq \(text))") == term(path("a"), .eq, value))
    }

    @Test(
        "what the grammar has not is refused with invalidFilter",
        arguments: [
            "", " ", "userName", "userName eq", "userName eq ", #"eq "x""#, #"userName = "x""#, #"userName regex "a.*""#,
            #"userName eq "x"#,
            #"(userName eq "x""#, #"userName eq "x")"#, #"userName eq "x" and"#, #"userName eq "x" and "#, #"userName eq "x" or"#,
            #"and userName eq "x""#, #"userName eq "x" xor active eq true"#, #"userName eq "x" userName eq "y""#, #"emails[type eq "work""#,
            "emails[]", #"emails[type eq "work"]]"#, #"emails[type eq "work"] pr"#, #"emails[type eq "work"] co "A""#,
            #"emails[type eq "work"].value"#,
            #"emails[a[b eq "1"]]"#, "name.givenName[a pr]", "()", "(())", "not", "not ()", "not a", "not id pr", "not not (a pr)",
            "title pr pr",
            "userName eq 'x'", "userName eq x", "userName eq x@y.z", "a eq 01", "a eq 1.", "a eq .5", "a eq +1", "a eq 0x1", "a eq 123abc",
            "a eq -null",
            "a eq NaN", "a eq Infinity", "a eq tru", "a eq {}", "a eq []", #"a eq ["x"]"#, #"a eq {"b":1}"#, #"a eq "\x""#, #"a eq "\u12""#,
            #"a eq "\ud800""#, "a eq \"b\nc\"", "a eq \"b\tc\"", #"a eq "x"y"#, #"userName eq "x" or 1 eq 1"#, #"1 eq 1"#, "a eq 1;",
            "a eq 1 --",
            "userName eq 'x' or 1=1 --", "a eq1", "a\teq 1", "a eq\t1", "a eq 1\n", #"a.b.c eq "1""#, #"a. eq "1""#, #".a eq "1""#,
            #"-a eq "1""#,
            #"a:b eq "1""#, #"urn: eq "1""#, #"urn:a: eq "1""#, #"ä eq "1""#, "a co 1", "a sw true", "a ew null", "a pr \"x\"",
            "a eq \"1\", b eq \"1\"",
            "[a pr]", "a pr)", "a pr]", "(a pr]", "x[a pr)", "a in (1)", "a eq \"1\" && b eq \"1\"", "!(a pr)", "a eq a",
        ])
    func refuses(text: String) {
        let error = #expect(throws: SCIMError.self) { try Filter(parsing: text) }
        #expect(error == .invalidFilter(""))
    }

    @Test(
        "an error says where, and what was wanted",
        arguments: [
            (#"userName regex "a.*""#, 10, "eq, ne, co, sw, ew, gt, ge, lt, le or pr"), (#"userName eq bjensen"#, 13, "double quotes"),
            (#"(userName eq "x""#, 17, "')'"), (#"emails[type pr"#, 15, "']'"), (#"title pr title pr"#, 10, "'and', 'or' or the end"),
            (#"userName eq "x"#, 13, "does not end"), ("title", 6, "operator"),
        ])
    func errors(text: String, position: Int, wanted: String) {
        let error = #expect(throws: SCIMError.self) { try Filter(parsing: text) }
        #expect(error?.detail.hasPrefix("at character \(position):") == true, "\(error?.detail ?? "")")
        #expect(error?.detail.contains(wanted) == true, "\(error?.detail ?? "")")
    }
}

@Suite("Limits of filters")
struct FilterLimitTests {
    private func nested(_ depth: Int, _ open: String = "(", _ close: String = ")") -> String {
        String(repeating: open, count: depth) + "a pr" + String(repeating: close, count: depth)
    }

    @Test("32 levels are read, 33 are refused", arguments: [("(", ")"), ("not (", ")")])
    func depth(open: String, close: String) throws {
        _ = try Filter(parsing: nested(32, open, close))
        #expect(throws: SCIMError.invalidFilter("")) { try Filter(parsing: nested(33, open, close)) }
    }

    @Test("brackets count as a level")
    func brackets() throws {
        _ = try Filter(parsing: "x[\(nested(31))]")
        #expect(throws: SCIMError.invalidFilter("")) { try Filter(parsing: "x[\(nested(32))]") }
    }

    @Test(
        "a hundred thousand parentheses, negations or brackets are refused, not followed", arguments: ["(", "not (", "not(", "x[", "((("])
    func bomb(open: String) {
        let limits = FilterLimits(maximumBytes: 1 << 20)
        let text = String(repeating: open, count: 100_000)
        for text in [text, text + "a pr", text + "a pr" + String(repeating: ")", count: 100_000)] {
            #expect(throws: SCIMError.invalidFilter("")) { try Filter(parsing: text, limits: limits) }
        }
    }

    @Test("16 KiB are read, more is refused")
    func length() throws {
        let longest = "a eq \"\(String(repeating: "x", count: (16 << 10) - 7))\""
        #expect(longest.utf8.count == 16 << 10)
        _ = try Filter(parsing: longest)
        #expect(throws: SCIMError.invalidFilter("")) { try Filter(parsing: longest + " ") }
    }

    @Test("500 comparisons are read, 501 are refused", arguments: [" and ", " or "])
    func terms(word: String) throws {
        func text(_ count: Int) -> String { Array(repeating: "a pr", count: count).joined(separator: word) }
        _ = try Filter(parsing: text(500))
        #expect(throws: SCIMError.invalidFilter("")) { try Filter(parsing: text(501)) }
    }

    @Test("limits are the caller's to choose")
    func custom() throws {
        let limits = FilterLimits(maximumBytes: 20, maximumDepth: 1, maximumTerms: 2)
        _ = try Filter(parsing: "(a pr) or b pr", limits: limits)
        for text in ["((a pr))", "a pr or b pr or c pr", "attribute eq \"12345678\""] {
            #expect(throws: SCIMError.invalidFilter("")) { try Filter(parsing: text, limits: limits) }
        }
    }
}
