import SCIM

extension Requirement {
    static let retrieving: [Requirement] = [
        Requirement("7644 §3.4", .described, "Without parameters, attributes are shown that are returned always or by default.") { probe in
            let user = try await probe.user("ada", ["password": "t0p-Secret-42", "title": "Boss"])
            for reply in [user.reply, try await probe.get(user.path)] {
                try expect(reply["id"] != nil && reply["userName"] == "ada" && reply["title"] == "Boss" && reply["password"] == nil)
            }
            let device = try await probe.device("D1", ["notes": "hidden", "model": "M"])
            try expect(try await probe.get(device.path)["notes"] == nil)
            try expect(try await probe.get(device.path)["model"] == "M")
        },
        Requirement("7644 §3.4.1", .described, "GET of a resource that is there answers 200 with it.") { probe in
            let (user, group) = (try await probe.user("ada"), try await probe.group("Staff"))
            try expect(try await probe.get(user.path).with(200)["userName"] == "ada")
            try expect(try await probe.get(group.path).with(200)["displayName"] == "Staff")
            try expect(try await probe.get("/Schemas/" + Probe.user).with(200)["id"]?.string == Probe.user)
            try await probe.get("/Groups/" + user.id).with(404)
        },
        Requirement("7644 §3.4.2", .should, "Query parameters that the server does not know are ignored.") { probe in
            let user = try await probe.user("ada")
            try expect(try await probe.get("/Users?banana=1&filter=userName%20eq%20%22ada%22&x").with(200).names == ["ada"])
            try await probe.get(user.path + "?banana=1").with(200)
        },
        Requirement("7644 §3.4.2", .must, "The answer to a query is a ListResponse.") { probe in
            try await probe.user("ada")
            for path in ["/Users", "/Groups", "/Users?filter=userName%20pr", "/Schemas", "/ResourceTypes"] {
                try expect(try await probe.get(path).with(200)["schemas"] == [.string(Probe.messages + "ListResponse")])
            }
        },
        Requirement("7644 §3.4.2", .must, "totalResults is there, and tells how many match, not how many are shown.") { probe in
            try await probe.users("a", "b", "c")
            try expect(try await probe.get("/Users").with(200)["totalResults"] == 3)
            try expect(try await probe.get("/Users?count=2").with(200)["totalResults"] == 3)
            try expect(try await probe.get("/Users?filter=userName%20eq%20%22a%22").with(200)["totalResults"] == 1)
        },
        Requirement("7644 §3.4.2", .must, "Resources is there where something matches.") { probe in
            try await probe.users("a", "b")
            try expect(try await probe.get("/Users").with(200).names.sorted() == ["a", "b"])
        },
        Requirement("7644 §3.4.2", .must, "startIndex and itemsPerPage are there where a page is not all.") { probe in
            try await probe.users("a", "b", "c")
            let reply = try await probe.get("/Users?startIndex=2&count=1").with(200)
            try expect(reply["startIndex"] == 2 && reply["itemsPerPage"] == 1)
            let last = try await probe.get("/Users?startIndex=3&count=10").with(200)
            try expect(last["startIndex"] == 3 && last["itemsPerPage"] == 1)
        },
        Requirement("7644 §3.4.2", .must, "A query that matches nothing is answered with 200 and totalResults 0.") { probe in
            try await probe.user("ada")
            let reply = try await probe.get("/Users?filter=userName%20eq%20%22none%22").with(200)
            try expect(reply["totalResults"] == 0 && reply.resources.isEmpty)
            try expect(try await probe.get("/Groups").with(200)["totalResults"] == 0)
        },
        Requirement("7644 §3.4.2.1", .may, "A query may be made of one resource.") { probe in
            let user = try await probe.user("ada", ["title": "Boss"])
            let reply = try await probe.get(user.path + "?attributes=title").with(200)
            try expect(reply["title"] == "Boss" && reply["userName"] == nil)
        },
        Requirement("7644 §3.4.2.1", .must, "A query of the root is over all resources.") { probe in
            try await probe.users("ada", "bob")
            try await probe.group("Staff")
            for path in ["/", "/?count=100", "?count=100", ""] {
                let reply = try await probe.get(path).with(200)
                try expect(reply["totalResults"] == 3 && reply.names.sorted() == ["Staff", "ada", "bob"])
            }
        },
        Requirement("7644 §3.4.2.1", .may, "A filter on meta.resourceType restricts a query of the root.") { probe in
            try await probe.user("ada")
            try await probe.group("Staff")
            try await probe.device("D1")
            try expect(try await probe.find(#"meta.resourceType eq "User""#, at: "/") == ["ada"])
            try expect(try await probe.find(#"meta.resourceType eq "Group""#, at: "/") == ["Staff"])
            let both = try await probe.find(#"(meta.resourceType eq "User") or (meta.resourceType eq "Group")"#, at: "/")
            try expect(both.sorted() == ["Staff", "ada"])
        },
        Requirement(
            "7644 §3.4.2.1", .must, "A query with too many results is refused with 400 tooMany.",
            notApplicable: "answers are pages of a limited size, so that no number of results is too many"),
        Requirement("7644 §3.4.2.1", .must, "Filters over several types follow the rules of all filters.") { probe in
            try await probe.user("ada", ["displayName": "Staff"])
            try await probe.user("bob", ["displayName": "Bob"])
            try await probe.group("Staff")
            try await probe.group("Others")
            let found = try await probe.find(#"displayName eq "staff" and meta.resourceType sw "G" or userName eq "bob""#, at: "/")
            try expect(found.sorted() == ["Staff", "bob"])
            try await probe.get("/?filter=displayName%20regex%20%22a%22").with(400, scimType: "invalidFilter")
        },
        Requirement("7644 §3.4.2.1", .must, "An attribute that a type lacks counts as without a value.") { probe in
            try await probe.user("ada")
            try await probe.group("Staff")
            try expect(try await probe.find("userName pr", at: "/") == ["ada"])
            try expect(try await probe.find(#"userName eq "Staff""#, at: "/") == [])
            try expect(try await probe.find("not (userName pr)", at: "/") == ["Staff"])
            try expect(try await probe.find(#"userName eq "x" or displayName eq "Staff""#, at: "/") == ["Staff"])
        },
    ]

    static let sorting: [Requirement] = [
        Requirement("7644 §3.4.2.3", .must, "sortBy orders the results, ascending where sortOrder is not given.") { probe in
            try await probe.users("carl", "ada", "bob")
            try expect(try await probe.get("/Users?sortBy=userName").with(200).names == ["ada", "bob", "carl"])
            try expect(try await probe.get("/Users?sortBy=userName&sortOrder=ascending").with(200).names == ["ada", "bob", "carl"])
            try expect(try await probe.get("/Users?sortBy=userName&sortOrder=descending").with(200).names == ["carl", "bob", "ada"])
        },
        Requirement("7644 §3.4.2.3", .must, "Attributes are ordered as their type is; case counts where they are case-exact.") { probe in
            try await probe.user("b1", ["externalId": "a2"])
            try await probe.user("B2", ["externalId": "B1"])
            try await probe.user("a3", ["externalId": "b0"])
            try expect(try await probe.get("/Users?sortBy=userName").with(200).names == ["a3", "b1", "B2"])
            try expect(try await probe.get("/Users?sortBy=externalId").with(200).names == ["B2", "b1", "a3"])
            try await probe.device("D10", ["size": 10, "installed": "2024-01-01T00:00:00+02:00"])
            try await probe.device("D9", ["size": 9, "installed": "2023-12-31T23:00:00Z"])
            try expect(try await probe.get("/Devices?sortBy=size").with(200).names == ["D9", "D10"])
            try expect(try await probe.get("/Devices?sortBy=installed").with(200).names == ["D10", "D9"])
            try expect(try await probe.get("/Users?sortBy=meta.created&sortOrder=descending").with(200).names == ["a3", "B2", "b1"])
        },
        Requirement("7644 §3.4.2.3", .described, "Of several values the primary one orders, or else the first.") { probe in
            try await probe.user("u1", ["emails": [["value": "z@example.com"], ["value": "a@example.com", "primary": true]]])
            try await probe.user("u2", ["emails": [["value": "b@example.com"], ["value": "0@example.com"]]])
            try await probe.user("u3", ["emails": [["value": "c@example.com"]]])
            for path in ["emails.value", "emails"] {
                try expect(try await probe.get("/Users?sortBy=\(path)").with(200).names == ["u1", "u2", "u3"], path)
            }
        },
        Requirement("7644 §3.4.2.3", .described, "A part of a complex attribute orders.") { probe in
            try await probe.user("u1", ["name": ["givenName": "Zoe"]])
            try await probe.user("u2", ["name": ["givenName": "ada"]])
            try expect(try await probe.get("/Users?sortBy=name.givenName").with(200).names == ["u2", "u1"])
            try expect(try await probe.get("/Users?sortBy=\(Probe.user):NAME.givenname").with(200).names == ["u2", "u1"])
        },
        Requirement("7644 §3.4.2.3", .described, "What has no value comes last, or first where the order is descending.") { probe in
            try await probe.user("none")
            try await probe.user("b", ["title": "B"])
            try await probe.user("a", ["title": "A"])
            try expect(try await probe.get("/Users?sortBy=title").with(200).names == ["a", "b", "none"])
            try expect(try await probe.get("/Users?sortBy=title&sortOrder=descending").with(200).names == ["none", "b", "a"])
        },
        Requirement("7644 §3.4.2.3", .may, "The configuration tells that sorting is offered.") { probe in
            try expect(try await probe.get("/ServiceProviderConfig").with(200)["sort.supported"] == true)
        },
    ]

    static let paging: [Requirement] = [
        Requirement("7644 §3.4.2.4", .must, "Clients are prepared for pages that do not fit together.", notApplicable: "asked of clients"),
        Requirement("7644 §3.4.2.4", .must, "A startIndex below 1 counts as 1.") { probe in
            try await probe.users("a", "b")
            let first = try await probe.get("/Users?startIndex=1&count=1").with(200)
            for index in ["0", "-1", "-99999999999999999999"] {
                let reply = try await probe.get("/Users?startIndex=\(index)&count=1").with(200)
                try expect(reply.names == first.names && reply["startIndex"] == 1)
            }
        },
        Requirement("7644 §3.4.2.4", .mustNot, "More results are returned than count says.") { probe in
            try await probe.users("a", "b", "c", "d")
            for (count, shown) in [(1, 1), (3, 3), (4, 4), (100, 4)] {
                try expect(try await probe.get("/Users?count=\(count)").with(200).resources.count, is: shown)
            }
        },
        Requirement("7644 §3.4.2.4", .must, "A negative count counts as 0.") { probe in
            try await probe.users("a", "b")
            let reply = try await probe.get("/Users?count=-1").with(200)
            try expect(reply.resources.isEmpty && reply["totalResults"] == 2)
        },
        Requirement("7644 §3.4.2.4", .described, "With count 0 only totalResults is told.") { probe in
            try await probe.users("a", "b")
            let reply = try await probe.get("/Users?count=0").with(200)
            try expect(reply.resources.isEmpty && reply["totalResults"] == 2)
        },
        Requirement("7644 §3.4.2.4", .described, "Pages by startIndex and count show each resource once.") { probe in
            try await probe.users("a", "b", "c", "d", "e")
            var names: [String] = []
            for index in [1, 3, 5] { names += try await probe.get("/Users?startIndex=\(index)&count=2").with(200).names }
            try expect(names.sorted() == ["a", "b", "c", "d", "e"])
            try expect(try await probe.get("/Users?startIndex=6&count=2").with(200).resources.isEmpty)
        },
    ]

    static let projecting: [Requirement] = [
        Requirement("7644 §3.4.2.5", .must, "attributes is supported: what it names is shown, with what is returned always.") { probe in
            try await probe.user("ada", ["title": "Boss", "nickName": "A"])
            let user = try required(try await probe.get("/Users?attributes=title,nickName").with(200).resources.first)
            try expect(user["title"] == "Boss" && user["nickName"] == "A" && user["id"] != nil && user["userName"] == nil)
        },
        Requirement("7644 §3.4.2.5", .must, "excludedAttributes is supported: what it names is not shown.") { probe in
            try await probe.user("ada", ["title": "Boss", "nickName": "A"])
            let user = try required(try await probe.get("/Users?excludedAttributes=title,nickName").with(200).resources.first)
            try expect(user["title"] == nil && user["nickName"] == nil && user["id"] != nil && user["userName"] == "ada")
        },
        Requirement("7644 §3.4.2.5", .must, "Names in both are in standard notation: with URN, with sub-attribute, in any case.") { probe in
            try await probe.user(
                "ada",
                ["name": ["givenName": "Ada", "familyName": "L"], Probe.enterprise: ["department": "D", "organization": "O"]])
            func first(_ query: String) async throws -> Reply {
                let reply = try await probe.get("/Users?" + query).with(200)
                return Reply(status: 200, headers: [:], body: reply.resources.first?.jsonBytes ?? [])
            }
            let part = try await first("attributes=NAME.givenname")
            try expect(part["name.givenName"] == "Ada" && part["name.familyName"] == nil && part["userName"] == nil)
            try expect(try await first("attributes=\(Probe.user):userName")["userName"] == "ada")
            let own = try await first("attributes=\(Probe.enterprise):department")
            try expect(own[Probe.enterprise, "department"] == "D" && own[Probe.enterprise, "organization"] == nil)
            let rest = try await first("excludedAttributes=name.givenName,\(Probe.enterprise):department")
            try expect(rest["name.familyName"] == "L" && rest["name.givenName"] == nil)
            try expect(rest[Probe.enterprise, "department"] == nil && rest[Probe.enterprise, "organization"] == "O")
        },
        Requirement("7644 §3.4.2.5", .must, "excludedAttributes does not hide what is returned always.") { probe in
            try await probe.user("ada")
            let user = try required(try await probe.get("/Users?excludedAttributes=id,schemas,userName").with(200).resources.first)
            try expect(user["id"] != nil && user["userName"] == nil)
        },
    ]

    static let searchingByPost: [Requirement] = [
        Requirement("7644 §3.4.3", .must, "POST to an endpoint with /.search is a query.") { probe in
            try await probe.users("ada", "bob")
            try await probe.group("Staff")
            let message = Probe.searchMessage(["filter": #"userName eq "ada""#])
            try expect(try await probe.post("/Users/.search", message).with(200).names == ["ada"])
            try expect(try await probe.post("/Groups/.search", Probe.searchMessage([:])).with(200).names == ["Staff"])
            try expect(try await probe.post("/.search", message).with(200).names == ["ada"])
            try expect(try await probe.post("/.search", Probe.searchMessage([:])).with(200)["totalResults"] == 3)
        },
        Requirement("7644 §3.4.3", .must, "The query is a SearchRequest.") { probe in
            try await probe.post("/Users/.search", ["filter": "userName pr"]).with(400, scimType: "invalidSyntax")
            let other: AttributeValue = ["schemas": [.string(Probe.messages + "PatchOp")], "filter": "userName pr"]
            try await probe.post("/Users/.search", other).with(400, scimType: "invalidSyntax")
            try await probe.post("/Users/.search", Probe.searchMessage(["filter": "userName pr"])).with(200)
        },
        Requirement("7644 §3.4.3", .must, "attributes and excludedAttributes take names in standard notation.") { probe in
            try await probe.user("ada", ["name": ["givenName": "Ada", "familyName": "L"], "title": "Boss"])
            let some = Probe.searchMessage(["attributes": ["name.givenName", .string(Probe.user + ":title")]])
            let user = try required(try await probe.post("/Users/.search", some).with(200).resources.first)
            try expect(user["name"] == ["givenName": "Ada"] && user["title"] == "Boss" && user["userName"] == nil)
            let rest = Probe.searchMessage(["excludedAttributes": ["title", "name.givenName"]])
            let other = try required(try await probe.post("/Users/.search", rest).with(200).resources.first)
            try expect(other["title"] == nil && other["name"] == ["familyName": "L"] && other["userName"] == "ada")
        },
        Requirement("7644 §3.4.3", .must, "excludedAttributes does not hide what is returned always.") { probe in
            try await probe.user("ada")
            let message = Probe.searchMessage(["excludedAttributes": ["id", "userName"]])
            let user = try required(try await probe.post("/Users/.search", message).with(200).resources.first)
            try expect(user["id"] != nil && user["userName"] == nil)
        },
        Requirement("7644 §3.4.3", .must, "The filter is a valid one.") { probe in
            for filter in ["userName", "userName regex \"a\"", "(userName pr"] {
                let message = Probe.searchMessage(["filter": .string(filter)])
                try await probe.post("/Users/.search", message).with(400, scimType: "invalidFilter")
            }
        },
        Requirement("7644 §3.4.3", .must, "sortBy, in standard notation, orders the results.") { probe in
            try await probe.user("ada", ["name": ["familyName": "Z"]])
            try await probe.user("bob", ["name": ["familyName": "Y"]])
            let up = Probe.searchMessage(["sortBy": "name.familyName"])
            try expect(try await probe.post("/Users/.search", up).with(200).names == ["bob", "ada"])
            let down = Probe.searchMessage(["sortBy": .string(Probe.user + ":userName"), "sortOrder": "descending"])
            try expect(try await probe.post("/Users/.search", down).with(200).names == ["bob", "ada"])
        },
        Requirement("7644 §3.4.3", .described, "startIndex and count page, and the answer is that of a query by GET.") { probe in
            try await probe.users("a", "b", "c")
            let reply = try await probe.post("/Users/.search", Probe.searchMessage(["startIndex": 2, "count": 1])).with(200)
            try expect(reply.json == (try await probe.get("/Users?startIndex=2&count=1").json))
            try expect(reply["schemas"] == [.string(Probe.messages + "ListResponse")] && reply["totalResults"] == 3)
        },
    ]
}
