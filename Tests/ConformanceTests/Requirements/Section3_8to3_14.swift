import SCIM

extension Requirement {
    static let formats: [Requirement] = [
        Requirement("7644 §3.8", .must, "JSON in UTF-8 is accepted and answered.") { probe in
            let names: AttributeMap = ["displayName": "Zoë 日本 🙂 \u{1F468}\u{200D}\u{1F469}", "name": ["familyName": "Ångström"]]
            let user = try await probe.user("josé", names)
            for reply in [user.reply, try await probe.get(user.path)] {
                try expect(
                    reply["displayName"] == names["displayName"] && reply["name.familyName"] == "Ångström" && reply["userName"] == "josé")
            }
            let bearer = ("Authorization", "Bearer " + probe.server.token)
            let invalid = Array(#"{"schemas":["\#(Probe.user)"],"userName":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)
            let headers = [bearer, ("Content-Type", "application/scim+json")]
            try await probe.server.send("POST", "/Users", headers: headers, body: invalid).with(400, scimType: "invalidSyntax")
        },
        Requirement("7644 §3.8", .must, "UTF-8 is the encoding where none is said.") { probe in
            let body = Probe.userBody("josé").jsonBytes
            let bearer = ("Authorization", "Bearer " + probe.server.token)
            for (number, type) in ["application/scim+json", "application/json", "application/scim+json; charset=utf-8"].enumerated() {
                let bytes = String(decoding: body, as: UTF8.self).replacing("josé", with: "josé\(number)")
                let reply = try await probe.server.send(
                    "POST", "/Users", headers: [bearer, ("Content-Type", type)], body: Array(bytes.utf8))
                try expect(try reply.with(201)["userName"]?.string, is: "josé\(number)")
            }
        },
        Requirement(
            "7644 §3.8", .must, "Clients with another encoding say so in Content-Type.",
            notApplicable: "asked of clients; only UTF-8 is taken"),
        Requirement("7644 §3.8", .must, "Accept: application/scim+json is supported.") { probe in
            let reply = try await probe.get("/Users", headers: ["Accept": "application/scim+json"]).with(200)
            try expect(reply.mediaType, is: "application/scim+json")
        },
        Requirement("7644 §3.8", .should, "Accept: application/json is supported.") { probe in
            let reply = try await probe.get("/Users", headers: ["Accept": "application/json"]).with(200)
            try expect(reply.mediaType == "application/json" && reply["schemas"] == [.string(Probe.messages + "ListResponse")])
            try expect(
                try await probe.get("/Users/none", headers: ["Accept": "application/json"]).with(404).mediaType, is: "application/json")
        },
        Requirement("7644 §3.8", .described, "Without Accept, the format is application/scim+json.") { probe in
            for headers in [[], [("Accept", "*/*")], [("Accept", "text/html, application/*;q=0.5")]] {
                let bearer = ("Authorization", "Bearer " + probe.server.token)
                let reply = try await probe.server.send("GET", "/Users", headers: headers + [bearer], body: nil)
                try expect(try reply.with(200).mediaType, is: "application/scim+json")
            }
        },
    ]

    static let answering: [Requirement] = [
        Requirement("7644 §3.9", .must, "With attributes, an answer holds what is returned always and what is named.") { probe in
            let body = Probe.userBody("ada", ["title": "Boss", "nickName": "A", "emails": [["value": "a@x.org", "type": "work"]]])
            let created = try await probe.post("/Users?attributes=title", body).with(201)
            let path = "/Users/" + (created["id"]?.string ?? "")
            let replies = [
                created, try await probe.get(path + "?attributes=title"), try await probe.put(path + "?attributes=title", body),
                try await probe.patch(path + "?attributes=title", ["op": "add", "path": "nickName", "value": "B"]),
            ]
            for reply in replies {
                try expect(reply["title"] == "Boss" && reply["id"] != nil && reply["userName"] == nil && reply["emails"] == nil)
            }
            let part = try await probe.get(path + "?attributes=emails.value")
            try expect(part["emails"] == [["value": "a@x.org"]])
            let device = try await probe.device("D1", ["notes": "hidden"])
            try expect(try await probe.get(device.path + "?attributes=notes")["notes"] == "hidden")
        },
        Requirement("7644 §3.9", .must, "What is returned never is not shown, even where it is named.") { probe in
            let user = try await probe.user("ada", ["password": "t0p-Secret-42"])
            let reply = try await probe.get(user.path + "?attributes=password,userName").with(200)
            try expect(reply["password"] == nil && reply["userName"] == "ada")
        },
        Requirement(
            "7644 §3.9", .must, "With excludedAttributes, an answer holds what is returned always, and the default but for what is named."
        ) {
            probe in
            let body = Probe.userBody("ada", ["title": "Boss", "nickName": "A"])
            let query = "?excludedAttributes=title,id"
            let created = try await probe.post("/Users" + query, body).with(201)
            let path = "/Users/" + (created["id"]?.string ?? "")
            for reply in [
                created, try await probe.get(path + query), try await probe.put(path + query, body),
                try await probe.patch(path + query, ["op": "add", "path": "nickName", "value": "B"]),
            ] where reply.status != 204 {
                try expect(reply["title"] == nil && reply["id"] != nil && reply["userName"] == "ada" && reply["nickName"] != nil)
            }
        },
    ]

    static let notation: [Requirement] = [
        Requirement("7644 §3.10", .described, "An attribute may be named with its schema, its parts by dots, in any case.") { probe in
            let user = try await probe.user("ada", ["name": ["givenName": "Ada"]])
            for name in [Probe.user + ":name.givenName", Probe.user.uppercased() + ":NAME.GIVENNAME", "Name.givenname"] {
                try expect(try await probe.find(#"\#(name) eq "ada""#) == ["ada"], name)
                try expect(try await probe.get(user.path + "?attributes=" + name)["name.givenName"] == "Ada", name)
                try await probe.patch(user.path, ["op": "replace", "path": .string(name), "value": "Ada"]).with(200, 204)
            }
            let body: AttributeValue = ["SCHEMAS": [.string(Probe.user)], "USERNAME": "bob", "Name": ["GIVENNAME": "Bob"]]
            let reply = try await probe.post("/Users", body).with(201)
            try expect(reply["userName"] == "bob" && reply["name.givenName"] == "Bob")
        },
        Requirement("7644 §3.10", .should, "Clients name attributes of extensions with their schema.", notApplicable: "asked of clients"),
    ]

    static let authenticatedSubject: [Requirement] = [
        Requirement(
            "7644 §3.11", .should, "A server without /Me answers 501.",
            notApplicable: "/Me is offered; it takes no POST, which 405 with Allow says"
        ),
        Requirement("7644 §3.11", .may, "/Me is the user that the client is authenticated as.") { probe in
            let user = try await probe.user(TestServer.tokenName)
            try expect(try await probe.get("/Me").with(200)["id"]?.string == user.id)
            try await probe.patch("/Me", ["op": "add", "path": "title", "value": "Boss"]).with(200, 204)
            try expect(try await probe.get(user.path)["title"] == "Boss")
            try await probe.put("/Me", Probe.userBody(TestServer.tokenName)).with(200)
            try await probe.delete("/Me").with(204)
            try await probe.get(user.path).with(404)
            try await probe.get("/Me").with(404)
        },
        Requirement("7644 §3.11", .must, "Location in an answer of /Me is the permanent one of the resource.") { probe in
            let user = try await probe.user(TestServer.tokenName)
            for reply in [
                try await probe.get("/Me"), try await probe.patch("/Me", ["op": "add", "path": "title", "value": "Boss"]),
                try await probe.put("/Me", Probe.userBody(TestServer.tokenName)),
            ] {
                try expect(reply.headers["location"]?.hasSuffix(TestServer.prefix + user.path) == true, "\(reply.headers)")
                if reply.status == 200 { try expect(reply["meta.location"] == user.reply["meta.location"]) }
            }
        },
    ]

    static let errors: [Requirement] = [
        Requirement("7644 §3.12", .must, "An error is told in the body, as JSON with the schema of errors.") { probe in
            let user = try await probe.user("ada")
            for reply in [
                try await probe.get("/Users/none"), try await probe.get("/Nothing"), try await probe.get("/Users?filter=x"),
                try await probe.post("/Users", Probe.userBody("ada")), try await probe.server.send("POST", user.path, [:]),
                try await probe.server.send("GET", "/Users", headers: [], body: nil), try await probe.patch(user.path, ["op": "remove"]),
            ] {
                try expect(reply.status >= 400 && reply["schemas"] == [.string(Probe.messages + "Error")])
                try expect(reply["detail"]?.string?.isEmpty == false && reply.mediaType == "application/scim+json")
            }
        },
        Requirement("7644 §3.12", .must, "status in it is the HTTP status as a string.") { probe in
            try await probe.user("ada")
            for (reply, status) in [
                (try await probe.get("/Users/none"), "404"), (try await probe.get("/Users?filter=x"), "400"),
                (try await probe.post("/Users", Probe.userBody("ada")), "409"),
            ] { try expect(reply["status"] == .string(status)) }
        },
        Requirement("7644 §3.12", .should, "400: the request cannot be read or goes against the schema.") { probe in
            let bearer = ("Authorization", "Bearer " + probe.server.token)
            let headers = [bearer, ("Content-Type", "application/scim+json")]
            for body in ["{", "", "[]", "null", #"{"userName":"#] {
                try await probe.server.send("POST", "/Users", headers: headers, body: Array(body.utf8)).with(400, scimType: "invalidSyntax")
            }
            try await probe.post("/Users", ["schemas": [.string(Probe.user)]]).with(400, scimType: "invalidValue")
            try await probe.post("/Users", Probe.userBody("ada", ["active": "perhaps"])).with(400, scimType: "invalidValue")
            try await probe.post("/Users", Probe.userBody("ada", ["name": "Ada"])).with(400, scimType: "invalidValue")
        },
        Requirement("7644 §3.12", .should, "401: the authorization is missing or not valid; WWW-Authenticate says what is wanted.") {
            probe in
            for headers in [[], [("Authorization", "Bearer wrong")], [("Authorization", "Basic eDp5")], [("Authorization", "")]] {
                for (method, path) in [("GET", "/Users"), ("POST", "/Users"), ("DELETE", "/Users/x"), ("GET", "/Nothing")] {
                    let reply = try await probe.server.send(method, path, headers: headers, body: nil).with(401)
                    try expect(reply.headers["www-authenticate"]?.isEmpty == false)
                }
            }
        },
        Requirement("7644 §3.12", .should, "403: the operation is not permitted.", note: "shown here for a filter of a discovery document")
        { probe in
            try await probe.get("/Schemas?filter=id%20pr").with(403)
        },
        Requirement("7644 §3.12", .should, "404: there is no such resource or endpoint.") { probe in
            for path in ["/Users/none", "/Groups/none", "/Nothing", "/Users/a/b", "/Schemas/urn:none", "/ResourceTypes/None"] {
                try await probe.get(path).with(404)
            }
        },
        Requirement("7644 §3.12", .should, "409: a duplicate is refused.") { probe in
            let (_, bob) = (try await probe.user("ada"), try await probe.user("bob"))
            try await probe.post("/Users", Probe.userBody("ada")).with(409, scimType: "uniqueness")
            try await probe.put(bob.path, Probe.userBody("Ada")).with(409, scimType: "uniqueness")
            try await probe.patch(bob.path, ["op": "replace", "path": "userName", "value": "ADA"]).with(409, scimType: "uniqueness")
        },
        Requirement("7644 §3.12", .should, "412: the resource has changed.") { probe in
            let user = try await probe.user("ada")
            try await probe.put(user.path, Probe.userBody("ada"), headers: ["If-Match": "W/\"other\""]).with(412)
        },
        Requirement("7644 §3.12", .should, "413: the body is too large.", flags: ["server.maximumBodyBytes": "2000"]) { probe in
            try await probe.post("/Users", Probe.userBody("ada", ["title": .string(String(repeating: "x", count: 3000))])).with(413)
            try await probe.post("/Users", Probe.userBody("ada")).with(201)
        },
        Requirement(
            "7644 §3.12", .should, "500: an internal error comes with advice for finding its cause.",
            note: "it names the request's id, under which the log tells the cause"
        ) { probe in
            let reply = try await probe.post("/Users", Probe.userBody(TestServer.failingName)).with(500)
            let id = try required(reply.headers["x-request-id"])
            try expect(reply["detail"]?.string?.contains(id) == true && reply["status"] == "500")
            try expect(!String(decoding: reply.body, as: UTF8.self).contains(TestServer.secretCause))
        },
        Requirement(
            "7644 §3.12", .should, "501: the operation is not supported.",
            notApplicable: "every operation is offered; a method that an endpoint does not take is 405"
        ),
        Requirement("7644 §3.12", .should, "Each scimType stands for its kind of mistake.") { probe in
            let user = try await probe.user("ada")
            try await probe.get("/Users?filter=x").with(400, scimType: "invalidFilter")
            try await probe.post("/Users", Probe.userBody("ada")).with(409, scimType: "uniqueness")
            try await probe.patch(user.path, ["op": "replace", "path": "id", "value": "x"]).with(400, scimType: "mutability")
            try await probe.post("/Users", [:]).with(400)
            try await probe.patch(user.path, ["op": "replace", "path": "none", "value": "x"]).with(400, scimType: "invalidPath")
            try await probe.patch(user.path, ["op": "remove"]).with(400, scimType: "noTarget")
            try await probe.post("/Users", Probe.userBody("bob", ["title": 5])).with(400, scimType: "invalidValue")
        },
        Requirement(
            "7644 §3.12", .should, "Clients follow 307 and 308 as they should.", notApplicable: "asked of clients; Muster does not redirect"
        ),
        Requirement(
            "7644 §3.12", .mustNot, "Clients put personal data in URLs.",
            notApplicable: "asked of clients, who can use POST with /.search; Muster logs no query"),
    ]

    static let protocolVersions: [Requirement] = [
        Requirement("7644 §3.13", .must, "A version in the path stands before the endpoint, as in /v2/Users.") { probe in
            let location = try required(try await probe.user("ada").reply.headers["location"])
            try expect(location.contains("/v2/Users/"))
            try await probe.get("/Users").with(200)
        },
        Requirement("7644 §3.13", .must, "A request for a version that is not served is refused.") { probe in
            for path in ["/scim/v1/Users", "/scim/v3/Users"] {
                let reply = try await probe.server.send(
                    "GET", path, base: "", headers: [("Authorization", "Bearer " + probe.server.token)], body: nil)
                try expect(reply.status >= 400 && reply.status < 500)
            }
        },
        Requirement(
            "7644 §3.13", .should, "A request without a version is served by the newest.",
            note: "where the site mounts Muster at such a path"
        ) { probe in
            let headers = [("Authorization", "Bearer " + probe.server.token)]
            let reply = try await probe.server.send("GET", "/Users", base: TestServer.unversionedPrefix, headers: headers, body: nil).with(
                200)
            try expect(reply["schemas"] == [.string(Probe.messages + "ListResponse")])
        },
    ]

    static let entityTags: [Requirement] = [
        Requirement("7644 §3.14", .must, "The version of a resource stands in the header ETag.") { probe in
            let user = try await probe.user("ada")
            let replies = [
                user.reply, try await probe.get(user.path), try await probe.put(user.path, Probe.userBody("ada", ["title": "A"])),
                try await probe.patch(user.path, ["op": "replace", "path": "title", "value": "B"]),
            ]
            let tags = replies.compactMap { $0.headers["etag"] }
            try expect(tags.count == 4 && tags.allSatisfy { $0.hasSuffix("\"") && ($0.hasPrefix("W/\"") || $0.hasPrefix("\"")) })
            try expect(tags[0] == tags[1] && Set(tags).count == 3)
        },
        Requirement("7644 §3.14", .should, "It stands in meta.version too.") { probe in
            let user = try await probe.user("ada")
            for reply in [
                user.reply, try await probe.get(user.path), try await probe.put(user.path, Probe.userBody("ada", ["title": "A"])),
            ] {
                try expect(reply["meta.version"]?.string == reply.headers["etag"] && reply["meta.version"] != nil)
            }
            let listed = try await probe.get("/Users").with(200)
            try expect(listed["Resources[0].meta.version"]?.string == (try await probe.get(user.path).headers["etag"]))
            try expect(try await probe.get("/ServiceProviderConfig")["etag.supported"] == true)
        },
        Requirement("7644 §3.14", .described, "If-None-Match with the version of the resource is answered with 304 and no body.") { probe in
            let user = try await probe.user("ada")
            let tag = try required(user.reply.headers["etag"])
            for value in [tag, "\"x\", " + tag, "*"] {
                try expect(
                    try await probe.get(user.path + "?attributes=userName", headers: ["If-None-Match": value]).with(304).body.isEmpty)
            }
            try await probe.get(user.path, headers: ["If-None-Match": "W/\"other\""]).with(200)
            try await probe.put(user.path, Probe.userBody("ada", ["title": "A"])).with(200)
            try await probe.get(user.path, headers: ["If-None-Match": tag]).with(200)
        },
        Requirement("7644 §3.14", .may, "With If-Match, PUT, PATCH and DELETE succeed only for that version; else 412.") { probe in
            let user = try await probe.user("ada")
            let old = try required(user.reply.headers["etag"])
            let new = try required(
                try await probe.put(user.path, Probe.userBody("ada", ["title": "A"]), headers: ["If-Match": old]).with(200).headers["etag"])
            try await probe.put(user.path, Probe.userBody("ada"), headers: ["If-Match": old]).with(412)
            try await probe.patch(user.path, ["op": "remove", "path": "title"], headers: ["If-Match": old]).with(412)
            try await probe.delete(user.path, headers: ["If-Match": old]).with(412)
            try expect(try await probe.get(user.path)["title"] == "A")
            let reply = try await probe.patch(user.path, ["op": "replace", "path": "title", "value": "B"], headers: ["If-Match": new]).with(
                200, 204)
            try await probe.delete(user.path, headers: ["If-Match": try required(reply.headers["etag"])]).with(204)
        },
    ]
}

extension Reply {
    /// The media type of the body, without parameters.
    fileprivate var mediaType: String { headers["content-type"].map { String($0.prefix { $0 != ";" }) } ?? "" }
}
