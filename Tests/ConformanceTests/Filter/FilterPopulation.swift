import SCIM

/// Sixty users who differ in whatever a filter can ask: texts in several scripts and cases, values missing, one or many,
/// types and primaries, booleans, the enterprise extension.
enum FilterPopulation {
    private static let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

    private static let userNames = [
        "john", "di-wu", "bjensen", "Test", "testUser", "testUser+test", "guest", "Guest2", "AmZ", "aMmz", "Jules", "jim@example.com",
        "example@example.com", "Zoë", "zoe\u{308}2", "STRASSE", "straße2", "ΣΊΣΥΦΟΣ", "σίσυφος2", "日本太郎", "Ωmega", "per%cent",
        "under_score",
        "star*", "quote\"d", "back\\slash", "semi;colon", "sp ace", "null", "true", "42", "İstanbul", "O'Malley", "username", "a", "z",
        "not", "pr",
        "and", "or", "emails[type]", "(bracket)", "u-042", "U-043", "adam", "Bob", "bobby", "dijkstra", "Ångström", "ångström2", "иван",
        "ИВАН2", "محمد", "łukasz", "ŁUKASZ2", "n\u{303}ino", "ñina", "x.y.z", "tab", "last",
    ]

    private static let userTypes: [AttributeValue?] = ["Employee", nil, "Manager", "Intern", "employee", "admin", "EMPLOYEE"]
    private static let displayNames: [AttributeValue?] = [
        "Bob", nil, "Bob 😀", "the username", "testGroup", "testGroup+test", "KATE bob", "Ünal",
    ]
    private static let nickNames: [AttributeValue?] = [nil, "BB", "Bob", "J", "jay", "bb", "my username", "Ĵo", "bob"]
    private static let titles: [AttributeValue?] = [nil, "Tour Guide", "tour guide", "Señora"]
    private static let actives: [AttributeValue?] = [true, nil, false]
    private static let names: [AttributeValue?] = [
        ["familyName": "O'Malley", "givenName": "Ada", "formatted": "Bob O'Malley"], ["familyName": "ad"], nil,
        ["familyName": "AD", "honorificPrefix": "Mr", "formatted": "bob AD"], ["givenName": "Dé", "familyName": "Employee"],
        ["familyName": "Manager", "middleName": "d"], ["formatted": "Bo"], ["familyName": "o'malley jr"],
        ["familyName": "d\u{301}"], ["familyName": "employee", "givenName": "E"], ["familyName": "Zander"],
    ]
    private static let externalIDs: [AttributeValue?] = [
        nil, "4d32ab19-ae09-4236-82fa-15768bc48a08", "4D32AB19-AE09-4236-82FA-15768BC48A08", "5ef40940-ae09-4236-82fa-ab184843992c", nil,
        "é",
        "e\u{301}",
    ]

    private static func emails(_ number: Int) -> AttributeValue? {
        let mine = "u\(number)@example.com"
        return switch number % 13 {
        case 0: [["value": .string(mine), "type": "work", "primary": true, "display": "Work mail"]]
        case 1:
            [["value": .string("U\(number)@EXAMPLE.COM"), "type": "Work"], ["value": "h@example.org", "type": "home", "primary": true]]
        case 2: [["value": "h@example.org", "type": "home"]]
        case 3: [["value": .string(mine)]]
        case 4:
            [
                ["value": "paul@example.net", "type": "other", "primary": false],
                ["value": .string(mine), "type": "work", "primary": false],
            ]
        case 5: [["value": "001750ca-8202-47cd-b553-c63f4f245940", "type": "Primary"]]
        case 6: [["value": "9438932a-8202-47cd-b553-85afc2939193", "type": "primary", "primary": true]]
        case 7: [["value": .string("w\(number)@foo.com"), "type": "home", "primary": true], ["value": .string(mine), "type": "home"]]
        case 8: [["value": "prim@example.com", "type": "home", "primary": true, "display": "At WORK"]]
        case 9: [["value": "w@example.org", "type": "work", "display": "work"], ["value": "x@foo.com", "type": "work", "primary": false]]
        case 10: [["value": "jörg@exämple.com", "type": "work", "primary": true], ["value": "second@example.com", "type": "home"]]
        default: nil
        }
    }

    private static func extensionValues(_ number: Int) -> AttributeValue? {
        switch number % 7 {
        case 0: ["organization": "Elimity"]
        case 2: ["organization": "elimity", "department": "Sales", "employeeNumber": .string("00\(number)")]
        case 3: ["costCenter": "4130", "department": "SALES"]
        case 5: ["organization": "Elimity NV", "division": "Theme Park"]
        default: nil
        }
    }

    /// The bodies to POST.
    static let bodies: [AttributeValue] = userNames.enumerated().map { number, userName in
        var members: [(String, AttributeValue?)] = [
            ("userName", .string(userName)), ("userType", userTypes[number % userTypes.count]),
            ("displayName", displayNames[number % displayNames.count]), ("nickName", nickNames[number % nickNames.count]),
            ("title", titles[number % titles.count]), ("active", actives[number % actives.count]), ("name", names[number % names.count]),
            ("externalId", externalIDs[number % externalIDs.count]), ("emails", emails(number)),
        ]
        if number.isMultiple(of: 4) { members.append(("profileUrl", .string("https://example.com/\(number % 8 == 0 ? "a" : "A")"))) }
        if number % 5 == 1 {
            members.append(("ims", [["type": "xmpp", "value": .string("u\(number)@foo.com")], ["type": "aim", "value": "x"]]))
        }
        if number % 5 == 2 { members.append(("phoneNumbers", [["value": "tel:+1-201-555-0123", "type": "mobile"], ["value": "1"]])) }
        if number % 6 == 3 {
            members.append(("addresses", [["type": "home", "country": "DE", "locality": "Köln"], ["type": "work", "country": "US"]]))
        }
        if number % 9 == 4 { members.append(("roles", [["value": "admin", "primary": true], ["value": "Reader", "type": "x"]])) }
        var schemas: [AttributeValue] = ["urn:ietf:params:scim:schemas:core:2.0:User"]
        if let values = extensionValues(number) {
            schemas.append(.string(enterprise))
            members.append((enterprise, values))
        }
        members.append(("schemas", .array(schemas)))
        return .complex(AttributeMap(members.compactMap { name, value in value.map { .init(name: name, value: $0) } }))
    }

    /// Gives one user a manager, whose display name the server fills in.
    static func manager(_ id: String) -> AttributeValue {
        [
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [["op": "add", "path": .string(enterprise + ":manager"), "value": ["value": .string(id)]]],
        ]
    }

    /// Filters that the corpus lacks: scripts and cases, several values, dates and their forms, null, empty values,
    /// precedence, escapes.
    static func furtherFilters(id: String, lastModified: String) -> [String] {
        [
            #"userName eq "ZOË""#, #"userName eq "zoe\u0308""#, #"userName eq "ZOE\u03082""#, #"userName eq "straSSe2""#,
            #"userName eq "STRAßE""#,
            #"userName eq "σίσυφοσ""#, #"userName co "Σ""#, #"userName eq "ИВАН""#, #"userName sw "иван""#, #"userName eq "ÑINO""#,
            #"userName eq "Ñina""#, #"userName sw "Ł""#, #"userName ew "2""#, #"userName co "%""#, #"userName co "_""#, #"userName co "*""#,
            #"userName co "\"""#, #"userName co "\\""#, #"userName eq "sp ace""#, #"userName eq "null""#, #"userName eq "true""#,
            #"userName eq "42""#,
            #"userName eq "emails[type]""#, #"userName co "(""#, #"userName co """#, #"userName sw """#, #"userName gt "m""#,
            #"userName le "M""#,
            #"userName ge "日""#, #"userName gt "Z""#, #"userName lt "\u00e5""#, #"userName eq "not" or userName eq "pr""#,
            #"id eq "\#(id)""#, #"id eq "\#(id.uppercased())""#, #"externalId eq "é""#, #"externalId eq "\u00C9""#, #"externalId pr"#,
            #"externalId sw "4d""#, #"externalId sw "4D""#, "userType pr", "userType eq null", "userType ne null",
            #"not (userType eq "Employee")"#,
            #"userType ne "employee""#, #"title ne "tour guide""#, "not (title pr)", "active eq true", "active eq false", "active ne true",
            "active ne false", "active pr", "not (active eq true)", "not (active pr)", "active eq null", #"active eq "True""#, "name pr",
            "not (name pr)", "name.familyName pr", #"name.familyName sw "D""#, #"name.givenName eq "DÉ""#, "emails pr", "not (emails pr)",
            "emails.type pr", "emails.primary eq true", "emails.primary eq false", "emails.display pr", "emails[primary eq true]",
            "emails[primary eq false]", "emails[not (primary eq true)]", "emails[type pr]", "emails[not (type pr)]",
            "emails[display pr and type pr]",
            #"emails[type eq "work" and primary eq true]"#, #"emails.type eq "work" and emails.primary eq true"#,
            #"emails[type eq "work"] and emails[primary eq true]"#, #"emails[type eq "home" and (primary eq true or value ew ".org")]"#,
            #"emails[type eq "work" or type eq "home" and primary eq true]"#,
            #"emails[(type eq "work" or type eq "home") and primary eq true]"#,
            #"emails[not (type eq "work" or type eq "home")]"#, #"emails eq "h@example.org""#, #"emails sw "U""#,
            #"emails.value co "ÖRG@EXÄ""#,
            #"emails[value ew "foo.com"]"#, #"emails[type eq "work"].value co "example""#, #"emails[type eq "home"].primary eq true"#,
            #"not (emails[type eq "work"])"#, #"ims[type eq "xmpp"]"#, #"ims[type eq "aim" and value co "@foo.com"]"#, #"ims.value eq "X""#,
            #"phoneNumbers.value eq "1""#, #"phoneNumbers[value sw "tel:" and type eq "MOBILE"]"#, "addresses pr",
            #"addresses.country eq "de""#,
            #"addresses[type eq "home" and country eq "US"]"#, #"addresses[type eq "home" and locality eq "KÖLN"]"#, #"roles eq "ADMIN""#,
            "roles[primary eq true]", #"roles[value eq "reader" and primary eq false]"#, "roles.type pr",
            #"profileUrl eq "https://example.com/a""#,
            #"profileUrl eq "https://example.com/A""#, #"schemas eq "\#(enterprise)""#, #"not (schemas eq "\#(enterprise)")"#,
            "\(enterprise):department pr", #"\#(enterprise):department eq "sales""#, #"\#(enterprise):DEPARTMENT eq "SALES""#,
            #"\#(enterprise.uppercased()):department eq "sales""#,
            #"\#(enterprise):organization sw "elim" and not (\#(enterprise):division pr)"#,
            #"\#(enterprise):employeeNumber sw "00""#, #"\#(enterprise):manager.value eq "\#(id)""#, "\(enterprise):manager pr",
            #"meta.resourceType eq "User""#, #"meta.resourceType eq "user""#, #"meta.lastModified ge "\#(lastModified)""#,
            #"meta.lastModified gt "\#(lastModified)""#, #"meta.lastModified eq "\#(lastModified)""#,
            #"meta.created le "\#(lastModified)""#,
            #"meta.created lt "2999-12-31T23:59:59Z""#, #"meta.created gt "2999-12-31T23:59:59.000+01:00""#, "meta.version pr",
            "meta.created pr", #"userType eq "Intern" or userType eq "admin" and active eq true"#,
            #"(userType eq "Intern" or userType eq "admin") and active eq true"#, #"not (userType eq "Intern") and active eq true"#,
            #"not (userType eq "Intern" and active eq true)"#, #"not (not (title pr))"#, "((((title pr))))",
            #"TITLE PR AND NOT(active EQ false)"#,
            #"userName eq "john"    or   userName eq "a""#,
        ]
    }
}
