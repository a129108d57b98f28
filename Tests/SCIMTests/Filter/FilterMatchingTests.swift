import SCIM
import Testing

@Suite("Evaluating filters (RFC 7644 §3.4.2.2)")
struct FilterMatchingTests {
    private static let enterprise = Schema.enterpriseUser.id

    private static let babs = Resource(attributes: [
        "schemas": [.string(Schema.user.id), .string(enterprise)], "id": "2819C223", "externalId": "Ext-1", "userName": "Bjensen",
        "name": ["familyName": "Jensen-O'Malley", "givenName": "Bárbara"], "displayName": "50% _off_ [*]", "nickName": "", "active": true,
        "title": "Straße",
        "emails": [
            ["value": "Babs@Example.com", "type": "work", "primary": true], ["value": "babs@jensen.org", "type": "home"],
        ],
        "x509Certificates": [["value": "QUJD"]],
        "meta": [
            "resourceType": "User", "created": "2011-05-13T04:42:34.000Z", "lastModified": "2011-05-13T06:42:34+02:00",
            "version": "W/\"1\"",
        ],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": [
            "employeeNumber": "701984", "department": "IT", "manager": ["value": "26118915"],
        ],
    ])

    private func holds(_ text: String) throws -> Bool {
        let filter = try Filter(parsing: text)
        try filter.validate(for: .user, in: .standard)
        return filter.matches(Self.babs, of: .user, in: .standard)
    }

    @Test(
        "it holds",
        arguments: [
            // Strings without regard to case, and composed: é in one scalar or in two.
            #"userName eq "bjensen""#, #"USERNAME EQ "BJENSEN""#, #"userName ne "other""#, #"userName co "JENS""#, #"userName sw "bj""#,
            #"userName ew "SEN""#, #"userName sw "bjensen""#, #"userName ew "bjensen""#, #"userName co """#, #"userName sw """#,
            #"userName ew """#,
            #"name.givenName eq "BÁRBARA""#, "name.givenName eq \"ba\u{301}rbara\"", #"name.givenName sw "bá""#, #"title eq "STRASSE""#,
            #"name.familyName co "O'Malley""#,
            // Nothing in a literal is a wildcard.
            #"displayName eq "50% _off_ [*]""#, #"displayName co "%""#, #"displayName co "_off_""#, #"displayName ew "[*]""#,
            // caseExact strings with regard to case.
            #"id eq "2819C223""#, #"externalId eq "Ext-1""#, #"meta.resourceType eq "User""#, #"externalId sw "Ext""#,
            // Order.
            #"userName gt "Bj""#, #"userName ge "BJENSEN""#, #"userName le "bjensen""#, #"userName lt "c""#, #"userName lt "bjensen2""#,
            // pr
            "userName pr", "name pr", "name.familyName pr", "emails pr", "emails.type pr", "meta pr", "active pr", "\(enterprise) pr",
            "urn:scim:schemas:extension:enterprise:2.0 pr", "schemas pr",
            "not (photos pr)", "not (nickName pr)", "not (title eq null)",
            // null
            "profileUrl eq null", "photos eq null", "name.middleName eq null", "userName ne null", "emails ne null", "name ne null",
            "emails[display eq null]", "emails[primary eq null]", "not (emails[value eq null])",
            // Booleans, also as text.
            "active eq true", "active eq True", #"active eq "true""#, #"active eq "True""#, "active ne false", "not (active eq false)",
            // Several values: any one suffices; ne holds when none is equal.
            #"emails eq "babs@jensen.org""#, #"emails.value eq "BABS@example.com""#, #"emails co "jensen.org""#, #"emails.type eq "home""#,
            #"emails ne "other@example.com""#, #"emails.value eq "babs@example.com" and emails.type eq "home""#,
            "emails.primary eq true", "emails.primary eq false",
            // Brackets: one value fulfils all.
            #"emails[type eq "work" and value co "@example.com"]"#, #"emails[type eq "home" and not (primary eq true)]"#,
            #"emails[type eq "home" and primary eq false]"#, #"emails[type eq "home" and primary ne true]"#, #"emails[type ne "work"]"#,
            #"emails[type eq "other" or value sw "babs"]"#, #"emails[not (type eq "work")]"#, #"emails[VALUE Ew "ORG"]"#,
            #"emails[type eq "work"].value eq "babs@example.com""#, #"emails[primary eq "True"].value pr"#,
            #"name[familyName sw "jensen"]"#,
            #"schemas[value eq "urn:ietf:params:scim:schemas:core:2.0:User"]"#, #"x509Certificates[value eq "QUJD"]"#,
            // Dates in the order of time, whatever the zone.
            #"meta.created eq "2011-05-13T04:42:34Z""#, #"meta.created eq "2011-05-13T06:42:34+02:00""#,
            #"meta.created eq "2011-05-12T23:42:34.000-05:00""#, #"meta.lastModified eq "2011-05-13T04:42:34Z""#,
            #"meta.created ge "2011-05-13T04:42:34Z""#, #"meta.created le "2011-05-13T04:42:34Z""#,
            #"meta.created gt "2011-05-13T06:42:33+02:00""#,
            #"meta.created lt "2011-05-13T05:00:00Z""#, #"meta.created ne "2011-05-13T04:42:35Z""#, #"meta.created sw "2011-05""#,
            #"meta.created co "04:42""#, #"meta.created ew "z""#,
            // Schemas, extensions and URNs.
            #"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#, #"schemas eq "\#(enterprise)""#,
            #"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "bjensen""#,
            #"URN:ietf:params:scim:schemas:CORE:2.0:user:emails.TYPE eq "work""#,
            #"\#(enterprise):employeeNumber eq "701984""#, #"\#(enterprise):manager.value eq "26118915""#,
            #"\#(enterprise):manager eq "26118915""#, #"manager eq "26118915""#, #"department eq "it""#,
            #"urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq "work"]"#,
            // Logic
            #"userName eq "x" or userName eq "bjensen""#, #"userName eq "bjensen" or userName eq "x" and active eq false"#,
            #"not (userName eq "x") and not (userName eq "y" or active eq false)"#, "not (not (active eq true))",
        ])
    func matches(text: String) throws { #expect(try holds(text)) }

    @Test(
        "it does not hold",
        arguments: [
            #"userName eq "bjense""#, #"userName eq "bjensen ""#, #"userName ne "BJENSEN""#, #"userName co "jensen2""#,
            #"userName sw "jensen""#,
            #"userName ew "bjense""#, #"userName co "bjensenbjensen""#, #"displayName co "50%off""#, #"displayName eq "50%""#,
            #"displayName sw "*""#,
            #"id eq "2819c223""#, #"externalId eq "ext-1""#, #"externalId co "EXT""#, #"meta.resourceType eq "user""#,
            #"x509Certificates eq "qujd""#,
            #"userName gt "bjensen""#, #"userName lt "BJENSEN""#, #"userName ge "c""#, #"userName gt "bjensen2""#,
            "photos pr", "nickName pr", "profileUrl pr", "name.middleName pr", "emails.display pr", "not (userName pr)",
            "userName eq null", "emails eq null", "photos ne null", "profileUrl ne null", "emails[value eq null]", "nickName eq null",
            "active eq false", #"active eq "False""#, "active ne true", #"active ne "true""#,
            #"emails ne "babs@jensen.org""#, #"emails.type ne "work""#, #"emails eq "babs""#, #"phoneNumbers.type eq "work""#,
            #"emails[type eq "home" and value co "@example.com"]"#, #"emails[type eq "home" and primary eq true]"#,
            #"emails[type eq "work" and primary eq false]"#, #"emails[type eq "work"].value eq "babs@jensen.org""#,
            #"emails[type eq "WORKS"]"#,
            #"photos[type pr or not (type pr)]"#,
            #"meta.created eq "2011-05-13T04:42:34+02:00""#, #"meta.created gt "2011-05-13T04:42:34Z""#,
            #"meta.created lt "2011-05-13T04:42:34Z""#,
            #"meta.created ne "2011-05-13T06:42:34+02:00""#, #"meta.created sw "2012""#,
            #"schemas eq "urn:ietf:params:scim:schemas:core:2.0:Group""#, #"\#(enterprise):division eq "IT""#, #"manager eq "x""#,
            #"userName eq "bjensen" and active eq false"#, #"(userName eq "bjensen" or userName eq "x") and active eq false"#,
            #"not (userName eq "bjensen" or userName eq "x")"#,
            #"userName eq "' OR '1'='1""#, #"userName eq "x\" or userName pr or userName eq \"y""#,
        ])
    func doesNotMatch(text: String) throws { #expect(try !holds(text)) }

    @Test(
        "numbers compare by value, whether integer or decimal",
        arguments: [
            ("quota eq 5", true), ("quota eq 5.0", true), ("quota eq 50e-1", true), ("quota ne 5", false), ("quota gt 4.5", true),
            ("quota lt 5.5", true), ("quota ge 5", true), ("quota le 4.999", false), ("ratio eq 1.5", true), ("ratio gt 1", true),
            ("ratio lt 2", true),
            ("ratio le 1.5", true), ("ratio eq 2", false), ("ratio ge 1.50001", false), ("quota gt -1", true),
        ])
    func numbers(text: String, expected: Bool) throws {
        let schema = Schema(
            id: "urn:x:thing", name: "Thing", description: "", attributes: [.init("quota", .integer), .init("ratio", .decimal)])
        let type = ResourceType(name: "Thing", endpoint: "/Things", description: "", schema: schema.id, schemaExtensions: [])
        let registry = SchemaRegistry(resourceTypes: [type], schemas: [schema])
        let resource = Resource(attributes: ["quota": 5, "ratio": .decimal(1.5)])
        let filter = try Filter(parsing: text)
        try filter.validate(for: type, in: registry)
        #expect(filter.matches(resource, of: type, in: registry) == expected)
    }

    @Test(
        "members of a group are found by id, as Entra ID asks",
        arguments: [
            (#"id eq "g" and members eq "u1""#, true), (#"members.value eq "u2""#, true),
            (#"members[value eq "u2" and type eq "User"]"#, true),
            (#"id eq "g" and members eq "u3""#, false), (#"members[value eq "u2" and type eq "Group"]"#, false), ("members pr", true),
            (#"members.$ref ew "/Users/u1""#, true), (#"displayName eq "tour GUIDES""#, true),
        ])
    func group(text: String, expected: Bool) throws {
        let group = Resource(attributes: [
            "id": "g", "displayName": "Tour Guides",
            "members": [["value": "u1", "$ref": "https://x/Users/u1", "type": "User"], ["value": "u2", "type": "User"]],
        ])
        let filter = try Filter(parsing: text)
        try filter.validate(for: .group, in: .standard)
        #expect(filter.matches(group, of: .group, in: .standard) == expected)
    }

    @Test("a prepared evaluator says the same for one resource after another")
    func prepared() throws {
        let evaluator = FilterEvaluator(try Filter(parsing: #"userName co "b""#), for: .user, in: .standard)
        for (name, expected) in [("abc", true), ("ABC", true), ("ac", false), ("", false), ("b", true)] {
            #expect(evaluator.matches(Resource(attributes: ["userName": .string(name)])) == expected)
        }
        #expect(!evaluator.matches(Resource()))
    }

    @Test("an attribute that no schema has counts as one without value")
    func unknown() throws {
        for (text, expected) in [
            ("nope eq \"x\"", false), ("nope pr", false), ("nope ne \"x\"", true), ("nope[a pr]", false), ("nope eq null", true),
        ] {
            #expect(try Filter(parsing: text).matches(Self.babs, of: .user, in: .standard) == expected)
        }
    }

    @Test("co finds what a walk over all places finds (property)", arguments: 1...10)
    func contains(seed: UInt64) {
        var random = SplitMix(seed: seed)
        func text(_ length: ClosedRange<Int>) -> String {
            String((0..<Int.random(in: length, using: &random)).map { _ in ["a", "a", "b"].randomElement(using: &random) ?? "a" })
        }
        for _ in 0..<200 {
            let (whole, part) = (text(0...14), text(0...5))
            let expected = part.isEmpty || whole.indices.contains { whole[$0...].hasPrefix(part) }
            let filter = Filter.comparison(AttributePath(attribute: "userName"), .co, .string(part))
            #expect(
                filter.matches(Resource(attributes: ["userName": .string(whole)]), of: .user, in: .standard) == expected,
                "\(part) in \(whole)")
        }
    }

    @Test("a text made to be searched badly costs no more than another")
    func hostileText() throws {
        let whole = Resource(attributes: ["userName": .string(String(repeating: "a", count: 1 << 18))])
        let part = String(repeating: "a", count: 12_000) + "b"
        let filter = try Filter(parsing: "userName co \"\(part)\"")
        let duration = ContinuousClock().measure { #expect(!filter.matches(whole, of: .user, in: .standard)) }
        // Each place anew would be three thousand million steps.
        #expect(duration < .seconds(5))
    }
}

@Suite("Checking filters against schemas")
struct FilterValidatingTests {
    private static let enterprise = Schema.enterpriseUser.id

    @Test(
        "what the schemas know is accepted",
        arguments: [
            #"userName eq "x""#, "ID pr", #"meta.lastModified gt "2011-05-13T04:42:34Z""#, #"meta.created sw "2011""#, #"emails eq "x""#,
            #"emails[type eq "x" and not (primary eq true)]"#, "\(enterprise) pr", "\(enterprise):manager.displayName pr",
            #"manager eq "x""#,
            #"department eq "x""#, #"password eq "x""#, #"groups eq "x""#, #"groups.display co "x""#, "name pr", "name eq null",
            "emails ne null",
            "active eq null", #"active eq "FALSE""#, #"x509Certificates.value eq "QUJD""#, #"x509Certificates co "QU""#,
            #"profileUrl sw "https""#,
            #"schemas co "enterprise""#, #"urn:scim:schemas:core:1.0:userName eq "x""#, #"name[givenName eq "x"]"#,
            "emails[display pr or value pr]",
        ])
    func accepts(text: String) throws { try Filter(parsing: text).validate(for: .user, in: .standard) }

    @Test(
        "an unknown attribute, or an operator or value that does not go with its type, is refused with invalidFilter",
        arguments: [
            #"nope eq "x""#, "nope pr", #"name.nope eq "x""#, #"emails.nope pr"#, "emails[nope pr]", #"nope[value eq "x"]"#,
            #"userName.value eq "x""#,
            #"members eq "x""#, #"\#(enterprise):nope pr"#, #"\#(enterprise):userName pr"#, #"urn:x:y:userName pr"#,
            #"urn:ietf:params:scim:schemas:core:2.0:Group:displayName pr"#, #"urn:ietf:params:scim:schemas:core:2.0:User pr"#,
            #"userName eq "x" or nope pr"#, "not (nope pr)", "active pr and (title pr or nope pr)", #"emails[urn:x:type eq "x"]"#,
            #"emails[type.value eq "x"]"#, #"emails[emails.type eq "x"]"#, #"userName[nope pr]"#, "\(enterprise)[department pr]",
            #"name eq "x""#, #"addresses eq "x""#, #"meta co "x""#, #"\#(enterprise) eq "x""#, "name ne true",
            "active gt true", "active le false", #"active co "t""#, #"active sw "t""#, #"active ew "e""#, #"emails[primary gt true]"#,
            #"active eq "maybe""#, #"active eq """#, "active eq 1", "active ne 0", #"roles[primary eq "yes"].value pr"#,
            #"x509Certificates gt "a""#, #"x509Certificates.value ge "a""#, #"x509Certificates lt "a""#, #"x509Certificates[value le "a"]"#,
            "userName gt null", "userName le null", "active lt null",
            "userName eq 5", "userName eq true", "userName ne 1.5", "userName gt 5", #"emails[value eq 5]"#, "not (title eq 5)",
            #"meta.created gt "yesterday""#, #"meta.created eq """#, #"meta.created ne "2011-02-30T00:00:00Z""#, "meta.created gt 5",
            #"meta.created eq true"#,
        ])
    func refuses(text: String) throws {
        let filter = try Filter(parsing: text)
        let error = #expect(throws: SCIMError.self) { try filter.validate(for: .user, in: .standard) }
        #expect(error == .invalidFilter(""))
    }

    @Test("numbers have no parts, and are compared with numbers", arguments: [("quota", "5"), ("ratio", "1.5")])
    func numbers(name: String, literal: String) throws {
        let schema = Schema(
            id: "urn:x:thing", name: "Thing", description: "", attributes: [.init("quota", .integer), .init("ratio", .decimal)])
        let type = ResourceType(name: "Thing", endpoint: "/Things", description: "", schema: schema.id, schemaExtensions: [])
        let registry = SchemaRegistry(resourceTypes: [type], schemas: [schema])
        for operation in ["eq", "ne", "gt", "ge", "lt", "le"] {
            try Filter(parsing: "\(name) \(operation) \(literal)").validate(for: type, in: registry)
            #expect(throws: SCIMError.invalidFilter("")) {
                try Filter(parsing: "\(name) \(operation) \"\(literal)\"").validate(for: type, in: registry)
            }
        }
        for operation in ["co", "sw", "ew"] {
            #expect(throws: SCIMError.invalidFilter("")) {
                try Filter(parsing: "\(name) \(operation) \"\(literal)\"").validate(for: type, in: registry)
            }
        }
    }
}
