import SCIM

extension Requirement {
    static let cursors: [Requirement] = [
        Requirement("9865 §2", .must, "The first request has an empty cursor or none.", note: "none means paging by startIndex") { probe in
            try await probe.users("a", "b", "c")
            for query in ["cursor&count=2", "cursor=&count=2"] {
                let reply = try await probe.get("/Users?" + query).with(200)
                try expect(reply.resources.count == 2 && reply["nextCursor"]?.string?.isEmpty == false)
            }
        },
        Requirement("9865 §2", .must, "A cursor has only characters that URLs need not escape.") { probe in
            for number in 0..<12 { try await probe.user("user \"\(number)\" ü", ["title": .string("Ä/+ \(number)")]) }
            for query in ["", "&sortBy=userName", "&sortBy=title&sortOrder=descending"] {
                let cursors = try await probe.pages("/Users?count=5" + query).flatMap { [$0["nextCursor"], $0["previousCursor"]] }
                for cursor in cursors.compactMap(\.self) {
                    let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
                    try expect(cursor.string?.isEmpty == false && cursor.string?.allSatisfy { unreserved.contains($0) } == true)
                }
            }
        },
        Requirement("9865 §2", .must, "A negative count counts as 0, for which only totalResults is told.") { probe in
            try await probe.users("a", "b")
            for count in ["0", "-1"] {
                let reply = try await probe.get("/Users?cursor=&count=" + count).with(200)
                try expect(reply.resources.isEmpty && reply["totalResults"] == 2)
            }
        },
        Requirement("9865 §2", .mustNot, "A page holds more results than count says.") { probe in
            for number in 0..<7 { try await probe.user("u\(number)") }
            for (count, shown) in [(1, [1, 1, 1, 1, 1, 1, 1]), (3, [3, 3, 1]), (7, [7]), (50, [7])] {
                try expect(try await probe.pages("/Users?count=\(count)").map(\.resources.count), is: shown)
            }
        },
        Requirement("9865 §2", .must, "nextCursor is there on every page but the last, and lacking on the last alone.") { probe in
            for number in 0..<5 { try await probe.user("u\(number)") }
            let pages = try await probe.pages("/Users?count=2")
            try expect(pages.map { $0["nextCursor"] != nil } == [true, true, false])
            try expect(pages.flatMap(\.names).sorted() == ["u0", "u1", "u2", "u3", "u4"])
            let whole = try await probe.pages("/Users?count=5")
            try expect(whole.count == 1 && whole[0]["nextCursor"] == nil)
            try expect(try await probe.get("/Groups?cursor=").with(200)["nextCursor"] == nil)
        },
        Requirement("9865 §2", .mustNot, "previousCursor is there on the first page.") { probe in
            try await probe.users("a", "b", "c")
            let pages = try await probe.pages("/Users?count=1&sortBy=userName")
            try expect(pages[0]["previousCursor"] == nil)
            guard let previous = try required(pages.dropFirst().first)["previousCursor"]?.string else { return }
            let back = try await probe.get("/Users?count=1&sortBy=userName&cursor=" + previous).with(200)
            try expect(back.names == ["a"] && back["previousCursor"] == nil)
        },
        Requirement("9865 §2", .may, "previousCursor leads to the page before.") { probe in
            try await probe.users("a", "b", "c")
            let last = try required(try await probe.pages("/Users?count=1&sortBy=userName").last)
            let previous = try required(last["previousCursor"]?.string)
            try expect(try await probe.get("/Users?count=1&sortBy=userName&cursor=" + previous).with(200).names == ["b"])
        },
        Requirement(
            "9865 §2", .must, "Clients ask for the next page at the same endpoint with the same parameters.",
            note: "a cursor of another search is refused with 400 invalidCursor"
        ) { probe in
            try await probe.users("a", "b", "c")
            let cursor = try required(try await probe.get("/Users?cursor=&count=1&filter=userName%20pr").with(200)["nextCursor"]?.string)
            try await probe.get("/Users?count=1&filter=userName%20pr&cursor=" + cursor).with(200)
            try await probe.get("/Users?count=1&filter=title%20pr&cursor=" + cursor).with(400, scimType: "invalidCursor")
            try await probe.get("/Groups?count=1&cursor=" + cursor).with(400, scimType: "invalidCursor")
        },
        Requirement("9865 §2", .described, "totalResults is the number of results of all pages.") { probe in
            try await probe.users("a", "b", "c")
            try expect(try await probe.pages("/Users?count=2").map { $0["totalResults"] } == [3, 3])
            try expect(try await probe.pages("/Users?count=1&filter=userName%20ne%20%22a%22").map { $0["totalResults"] } == [2, 2])
        },
    ]

    static let cursorErrors: [Requirement] = [
        Requirement("9865 §2.1", .should, "Parameters that are not valid are refused with a status and the body of an error.") { probe in
            try await probe.user("a")
            for query in ["cursor=none", "cursor=&count=x", "cursor=%22", "cursor=&startIndex=2"] {
                let reply = try await probe.get("/Users?" + query).with(400)
                try expect(reply["schemas"] == [.string(Probe.messages + "Error")] && reply["detail"] != nil && reply["scimType"] != nil)
            }
        },
        Requirement("9865 §2.1", .described, "A cursor that is none is refused with invalidCursor.") { probe in
            try await probe.users("a", "b")
            let cursor = try required(try await probe.get("/Users?cursor=&count=1").with(200)["nextCursor"]?.string)
            for other in ["none", String(cursor.dropLast(3)), "x" + cursor, "%00", String(repeating: "A", count: 3000)] {
                try await probe.get("/Users?count=1&cursor=" + other).with(400, scimType: "invalidCursor")
            }
        },
        Requirement(
            "9865 §2.1", .described, "A cursor that is too old is refused with expiredCursor.",
            flags: ["directory.cursorLifetimeSeconds": "1"]
        ) { probe in
            try await probe.users("a", "b")
            let cursor = try required(try await probe.get("/Users?cursor=&count=1").with(200)["nextCursor"]?.string)
            var reply: Reply
            repeat { reply = try await probe.get("/Users?count=1&cursor=" + cursor) } while reply.status == 200
            try reply.with(400, scimType: "expiredCursor")
        },
        Requirement("9865 §2.1", .described, "A count that is no number is refused with invalidCount.") { probe in
            try await probe.get("/Users?cursor=&count=many").with(400, scimType: "invalidCount")
            let message = Probe.searchMessage(["cursor": "", "count": "many"])
            try await probe.post("/Users/.search", message).with(400, scimType: "invalidCount")
        },
        Requirement("9865 §2.2", .described, "Pages by cursor are sorted where sorting is offered.") { probe in
            for name in ["d", "a", "E", "c", "b"] { try await probe.user(name, ["title": name == "a" ? .null : .string(name)]) }
            try expect(try await probe.pages("/Users?count=2&sortBy=userName").flatMap(\.names) == ["a", "b", "c", "d", "E"])
            let down = try await probe.pages("/Users?count=2&sortBy=userName&sortOrder=descending").flatMap(\.names)
            try expect(down == ["E", "d", "c", "b", "a"])
            try expect(try await probe.pages("/Users?count=2&sortBy=title").flatMap(\.names) == ["b", "c", "d", "E", "a"])
        },
    ]

    static let bothMethods: [Requirement] = [
        Requirement("9865 §2.4", .described, "Clients choose the method by startIndex or cursor.") { probe in
            try await probe.users("a", "b", "c")
            let index = try await probe.get("/Users?startIndex=2&count=1").with(200)
            try expect(index["startIndex"] == 2 && index["nextCursor"] == nil)
            try expect(try await probe.get("/Users?cursor=&count=1").with(200)["nextCursor"] != nil)
        },
        Requirement("9865 §2.4", .must, "A server with both methods has a default.", note: "it is paging by index, as the RFC advises") {
            probe in
            try await probe.users("a", "b", "c")
            let reply = try await probe.get("/Users?count=1").with(200)
            try expect(reply["startIndex"] == 1 && reply["nextCursor"] == nil)
            try expect(try await probe.get("/ServiceProviderConfig").with(200)["pagination.defaultPaginationMethod"] == "index")
        },
    ]

    static let cursorsByPost: [Requirement] = [
        Requirement("9865 §3", .described, "A query by POST takes a cursor in its body.") { probe in
            try await probe.users("a", "b", "c")
            var (cursor, names): (AttributeValue, [String]) = ("", [])
            for _ in 0..<2 {
                let message = Probe.searchMessage(["cursor": cursor, "count": 2, "sortBy": "userName", "attributes": ["userName"]])
                let reply = try await probe.post("/Users/.search", message).with(200)
                names += reply.names
                cursor = reply["nextCursor"] ?? .null
            }
            try expect(names == ["a", "b", "c"] && cursor == .null)
        }
    ]

    static let paginationConfiguration: [Requirement] = [
        Requirement("9865 §4", .should, "The configuration has pagination, with what it says about pages.") { probe in
            let pagination = try required(try await probe.get("/ServiceProviderConfig").with(200)["pagination"])
            try expect((pagination["defaultPageSize"]?.integer ?? 0) > 0 && (pagination["cursorTimeout"]?.integer ?? 0) > 0)
            try expect((pagination["maxPageSize"]?.integer ?? 0) >= (pagination["defaultPageSize"]?.integer ?? .max))
        },
        Requirement("9865 §4", .must, "It tells whether cursors and indexes are supported.") { probe in
            let reply = try await probe.get("/ServiceProviderConfig").with(200)
            try expect(reply["pagination.cursor"] == true && reply["pagination.index"] == true)
        },
        Requirement(
            "9865 §4", .mustNot, "Clients take what is not told for a sign that there is no default or limit.",
            notApplicable: "asked of clients"),
    ]

    static let cursorSecurity: [Requirement] = [
        Requirement("9865 §5.2", .must, "Pages hold only what the client may see, whoever got the cursor.") { probe in
            try await probe.users("a", "b", "c")
            let cursor = try required(try await probe.get("/Users?cursor=&count=1").with(200)["nextCursor"]?.string)
            let other = [("Authorization", "Bearer " + (try await probe.server.makeToken("other")))]
            let reply = try await probe.server.send("GET", "/Users?count=1&cursor=" + cursor, headers: other, body: nil).with(200)
            try expect(reply.json == (try await probe.get("/Users?count=1&cursor=" + cursor).json))
        },
        Requirement("9865 §5.2", .must, "Each page is authorized anew.") { probe in
            try await probe.users("a", "b", "c")
            let cursor = try required(try await probe.get("/Users?cursor=&count=1").with(200)["nextCursor"]?.string)
            for headers in [[], [("Authorization", "Bearer wrong")]] {
                let reply = try await probe.server.send("GET", "/Users?count=1&cursor=" + cursor, headers: headers, body: nil).with(401)
                try expect(reply.resources.isEmpty)
            }
        },
        Requirement(
            "9865 §5.2", .should, "Cursors end with the permissions of the client.",
            notApplicable: "a cursor grants nothing: each page is authorized and searched anew"),
        Requirement("9865 §5.2", .must, "Errors tell nothing that is secret.") { probe in
            try await probe.user("secret-name", ["title": "secret-title"])
            try await probe.users("b", "c")
            let cursor = try required(try await probe.get("/Users?cursor=&count=1&sortBy=userName").with(200)["nextCursor"]?.string)
            for query in ["cursor=none", "cursor=" + cursor.dropLast(4), "cursor=\(cursor)&filter=title%20pr", "cursor=&count=x"] {
                let text = String(decoding: try await probe.get("/Users?" + query).with(400).body, as: UTF8.self)
                try expect(!text.contains("secret") && !text.contains(cursor))
            }
        },
    ]
}

extension Probe {
    /// All pages by cursor.
    fileprivate func pages(_ url: String) async throws -> [Reply] {
        var pages = [try await get(url + "&cursor=").with(200)]
        while let cursor = pages.last?["nextCursor"]?.string, pages.count < 100 {
            pages.append(try await get(url + "&cursor=" + cursor).with(200))
        }
        return pages
    }
}
