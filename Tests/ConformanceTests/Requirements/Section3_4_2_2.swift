import SCIM

extension Requirement {
    static let filtering: [Requirement] = [
        Requirement("7644 §3.4.2.2", .must, "Only resources that match the filter are returned.") { probe in
            try await probe.user("ada", ["title": "Boss", "active": true])
            try await probe.user("bob", ["title": "Clerk", "active": false])
            try await probe.user("carl")
            // One for each operator.
            for (filter, wanted) in [
                (#"title eq "boss""#, ["ada"]), (#"title ne "Boss""#, ["bob", "carl"]), (#"title co "LER""#, ["bob"]),
                (#"title sw "b""#, ["ada"]), (#"title ew "k""#, ["bob"]), ("title pr", ["ada", "bob"]), (#"title gt "Boss""#, ["bob"]),
                (#"title ge "Boss""#, ["ada", "bob"]), (#"title lt "Clerk""#, ["ada"]), (#"title le "Clerk""#, ["ada", "bob"]),
                ("active eq false", ["bob"]), (#"title pr and active eq true"#, ["ada"]),
                (#"userName eq "carl" or title sw "C""#, ["bob", "carl"]),
                ("not (title pr)", ["carl"]),
            ] { try expect(try await probe.find(filter).sorted(), is: wanted) }
        },
        Requirement("7644 §3.4.2.2", .described, "The names of attributes and operators are read without regard to case.") { probe in
            try await probe.users("john", "jane")
            for filter in [#"userName Eq "john""#, #"Username eq "john""#, #"USERNAME EQ "john" AND NOT (username eq "x")"#] {
                try expect(try await probe.find(filter) == ["john"])
            }
        },
        Requirement(
            "7644 §3.4.2.2", .must, "A filter holds at least one expression.",
            note: "a parameter without a value counts as none, as Entra ID sends it"
        ) { probe in
            for filter in ["()", "%20", "and", "not%20()", "%22%22"] {
                try await probe.get("/Users?filter=" + filter).with(400, scimType: "invalidFilter")
            }
        },
        Requirement("7644 §3.4.2.2", .must, "An expression is an attribute, an operator and, but for pr, a value.") { probe in
            for filter in [
                "userName", "userName eq", #"eq "x""#, #"userName "x""#, #""x" eq userName"#, #"userName pr "x""#, "userName pr pr",
            ] {
                try await probe.get("/Users?filter=" + TestServer.encodedValue(filter)).with(400, scimType: "invalidFilter")
            }
        },
        Requirement("7644 §3.4.2.2", .must, "gt, ge, lt and le of booleans and binaries are refused with 400 invalidFilter.") { probe in
            for operation in ["gt", "ge", "lt", "le"] {
                try await probe.get("/Users?filter=active%20\(operation)%20true").with(400, scimType: "invalidFilter")
                let binary = "x509Certificates.value%20\(operation)%20%22YQ==%22"
                try await probe.get("/Users?filter=" + binary).with(400, scimType: "invalidFilter")
            }
        },
        Requirement("7644 §3.4.2.2", .described, "Strings compare by their letters, dates as instants, numbers as numbers.") { probe in
            try await probe.device("D9", ["size": 9, "installed": "2024-01-01T01:00:00+02:00", "model": "m9"])
            try await probe.device("D10", ["size": 10, "installed": "2024-01-01T00:30:00Z", "model": "m10"])
            try expect(try await probe.find("size gt 9", at: "/Devices") == ["D10"])
            try expect(try await probe.find(#"model gt "m10""#, at: "/Devices") == ["D9"])
            try expect(try await probe.find(#"installed lt "2024-01-01T00:00:00Z""#, at: "/Devices") == ["D9"])
            try expect(try await probe.find(#"installed eq "2024-01-01T01:30:00+01:00""#, at: "/Devices") == ["D10"])
        },
        Requirement("7644 §3.4.2.2", .must, "What is in brackets is true of one and the same value.") { probe in
            try await probe.user("ada", ["emails": [["value": "a@work.org", "type": "work"], ["value": "a@home.org", "type": "home"]]])
            try expect(try await probe.find(#"emails[type eq "work" and value ew "work.org"]"#) == ["ada"])
            try expect(try await probe.find(#"emails[type eq "work" and value ew "home.org"]"#) == [])
            try expect(try await probe.find(#"emails.type eq "work" and emails.value ew "home.org""#) == ["ada"])
        },
        Requirement("7644 §3.4.2.2", .must, "What is in brackets names parts of the attribute before them.") { probe in
            try await probe.user("userName")
            for filter in [#"emails[userName eq "x"]"#, #"emails[emails.type eq "work"]"#, "emails[]", #"emails[type eq "work"] pr"#] {
                try await probe.get("/Users?filter=" + TestServer.encodedValue(filter)).with(400, scimType: "invalidFilter")
            }
        },
        Requirement(
            "7644 §3.4.2.2", .must, "Filters conform to the grammar.",
            note: "beyond it, `emails[type eq \"work\"].value eq \"x\"` is understood, which Entra ID sends"
        ) { probe in
            try await probe.user(
                "bjensen",
                [
                    "userType": "Employee", "title": "Guide", "name": ["familyName": "O'Malley"],
                    "emails": [["type": "work", "value": "b@example.com"]], "ims": [["type": "xmpp", "value": "b@foo.com"]],
                    Probe.enterprise: ["department": "D"],
                ])
            for filter in [
                #"name.familyName co "O'Malley""#, #"\#(Probe.user):userName sw "B""#, #"meta.lastModified gt "2011-05-13T04:42:34Z""#,
                #"schemas eq "\#(Probe.enterprise)""#, #"userType eq "Employee" and (emails co "example.com" or emails.value co "x")"#,
                #"userType ne "Intern" and not (emails co "example.net" or emails.value co "example.org")"#,
                #"userType eq "Employee" and (emails.type eq "work")"#, #"not(title eq "x")"#, "((((title pr))))",
                #"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
                #"emails[not (type eq "home") and (value sw "b" or value sw "c")]"#, #"\#(Probe.enterprise):department eq "d""#,
                #"userName eq "\u0062jensen""#, "nickName eq null", "active ne false",
            ] { try expect(try await probe.find(filter) == ["bjensen"], filter) }
            for filter in [
                #"userName eq 'bjensen'"#, "userName eq bjensen", #"userName == "bjensen""#, #"userName eq "bjensen"#,
                #"userName eq "b" xor title pr"#,
                "(title pr", "title pr)", "title pr and", "or title pr", "title pr title pr", #"emails[type eq "work""#, "not title pr",
                "title  ",
                #"user name eq "x""#, #"1userName eq "x""#, "title eq tru", "title eq 01", #"title eq "a" "b""#,
                #"emails[ims[type eq "x"]]"#,
            ] {
                let reply = try await probe.get("/Users?filter=" + TestServer.encodedValue(filter))
                try reply.with(400, scimType: "invalidFilter")
            }
        },
        Requirement("7644 §3.4.2.2", .must, "Grouping binds before not, not before and, and before or.") { probe in
            try await probe.user("ada", ["title": "A", "nickName": "N"])
            try await probe.user("bob", ["title": "B", "nickName": "N"])
            try await probe.user("carl", ["title": "C"])
            for (filter, wanted) in [
                (#"title eq "C" or title eq "A" and nickName pr"#, ["ada", "carl"]),
                (#"nickName pr and title eq "A" or title eq "C""#, ["ada", "carl"]),
                (#"(title eq "C" or title eq "A") and nickName pr"#, ["ada"]),
                (#"not (nickName pr) and title eq "C""#, ["carl"]), (#"not (nickName pr and title eq "A")"#, ["bob", "carl"]),
                (#"not (nickName pr) or title eq "A" and title eq "B""#, ["carl"]),
            ] { try expect(try await probe.find(filter).sorted(), is: wanted) }
        },
        Requirement(
            "7644 §3.4.2.2", .described, "Of several values, one that fits is enough.",
            note: "but `ne` holds only where no value is equal, as the opposite of `eq`"
        ) { probe in
            try await probe.user("ada", ["emails": [["value": "a@x.org"], ["value": "b@y.org"]]])
            for filter in [#"emails eq "b@y.org""#, #"emails.value sw "a""#, #"emails.value gt "b""#, #"emails co "y.""#] {
                try expect(try await probe.find(filter) == ["ada"], filter)
            }
            try expect(try await probe.find(#"emails.value eq "c""#) == [])
        },
        Requirement("7644 §3.4.2.2", .must, "Of a complex attribute a part is named.") { probe in
            try await probe.user("ada", ["name": ["givenName": "Ada"]])
            try expect(try await probe.find(#"name.givenName eq "ada""#) == ["ada"])
            try await probe.get("/Users?filter=name%20eq%20%22Ada%22").with(400, scimType: "invalidFilter")
        },
        Requirement("7644 §3.4.2.2", .must, "Filters compare with the value that the client was shown, defaulted or not.") { probe in
            let user = try await probe.user("ada")
            let shown = try await probe.get(user.path).json
            for name in ["active", "userType", "locale", "displayName"] {
                try expect(try await probe.find("\(name) pr") == (shown?[name] == nil ? [] : ["ada"]), name)
            }
            if let active = shown?["active"] { try expect(try await probe.find("active eq " + active.jsonText) == ["ada"]) }
        },
        Requirement("7644 §3.4.2.2", .must, "An operator that is not known is refused with 400 invalidFilter, and an explanation.") {
            probe in
            try await probe.user("ada")
            for operation in ["regex", "like", "eqq", "="] {
                let reply = try await probe.get("/Users?filter=userName%20\(operation)%20%22ada%22").with(400, scimType: "invalidFilter")
                try expect(reply["detail"]?.string?.contains("operator") == true)
            }
        },
        Requirement("7644 §3.4.2.2", .must, "Whether case counts is what caseExact of the attribute says.") { probe in
            let user = try await probe.user("Ada", ["externalId": "Xy"])
            try expect(try await probe.find(#"userName eq "aDA""#) == ["Ada"])
            try expect(try await probe.find(#"externalId eq "Xy""#) == ["Ada"])
            try expect(try await probe.find(#"externalId eq "xy""#) == [])
            try expect(try await probe.find(#"id eq "\#(user.id.uppercased())""#) == [])
        },
        Requirement("7644 §3.4.2.2", .may, "A filter may ask for schemas.") { probe in
            try await probe.user("ada", [Probe.enterprise: ["department": "D"]])
            try await probe.user("bob")
            try expect(try await probe.find(#"schemas eq "\#(Probe.enterprise)""#) == ["ada"])
            try expect(try await probe.find(#"schemas eq "\#(Probe.user)""#).sorted() == ["ada", "bob"])
        },
    ]
}
