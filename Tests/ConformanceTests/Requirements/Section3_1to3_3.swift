import SCIM

extension Requirement {
    static let background: [Requirement] = [
        Requirement("7644 §3.1", .must, "Messages carry a schema whose URN begins with urn:ietf:params:scim:api:.") { probe in
            let user = try await probe.user("ada")
            for (reply, name) in [
                (try await probe.get("/Users"), "ListResponse"), (try await probe.get("/Users/none"), "Error"),
                (try await probe.bulk(["method": "DELETE", "path": .string(user.path)]), "BulkResponse"),
            ] { try expect(reply["schemas"] == [.string(Probe.messages + name)], "\(name): \(reply["schemas"]?.jsonText ?? "none")") }
        },
        Requirement("7644 §3.1", .mustNot, "The schemas of messages are discoverable at /Schemas.") { probe in
            let ids = try await probe.get("/Schemas?count=1000").with(200).resources.compactMap { $0["id"]?.string }
            try expect(!ids.isEmpty && !ids.contains { $0.hasPrefix("urn:ietf:params:scim:api:") })
            for name in ["Error", "ListResponse", "PatchOp", "BulkRequest"] {
                try await probe.get("/Schemas/" + Probe.messages + name).with(404)
            }
        },
        Requirement("7644 §3.1", .must, "Answers show the resource as the server understands it.") { probe in
            let body = Probe.userBody("ada", ["id": "mine", "nickName": "", "emails": [], "title": "Boss", "groups": [["value": "g"]]])
            let created = try await probe.post("/Users", body).with(201)
            let path = "/Users/" + (created["id"]?.string ?? "")
            try expect(try await probe.get(path).json == created.json)
            let replaced = try await probe.put(path, Probe.userBody("ADA", ["meta": ["resourceType": "Group"]])).with(200)
            try expect(try await probe.get(path).json == replaced.json)
            let patched = try await probe.patch(path, ["op": "replace", "path": "title", "value": "Chief"]).with(200)
            try expect(try await probe.get(path).json == patched.json)
        },
        Requirement(
            "7644 §3.1", .shouldNot, "Clients expect the schema and the values that they sent.", notApplicable: "asked of clients"),
    ]

    static let endpoints: [Requirement] = [
        Requirement("7644 §3.2", .should, "The endpoint of a resource type is its name with an s.") { probe in
            let types = try await probe.get("/ResourceTypes").with(200).resources
            try expect(types.count >= 3)
            for type in types { try expect(type["endpoint"]?.string, is: "/" + (type["name"]?.string ?? "") + "s") }
        },
        Requirement("7644 §3.2", .should, "Clients find endpoints through /ResourceTypes.", notApplicable: "asked of clients"),
        Requirement("7644 §3.2", .mustNot, "PUT creates a resource.") { probe in
            try await probe.put("/Users/4711", Probe.userBody("ada")).with(404)
            try await probe.put("/Users", Probe.userBody("ada")).with(404, 405)
            try expect(try await probe.get("/Users").with(200)["totalResults"] == 0)
        },
        Requirement("7644 §3.2", .should, "An error's status is that of the HTTP answer, and stands in the body too.") { probe in
            for reply in [
                try await probe.get("/Users/none"), try await probe.get("/Users?filter=x"), try await probe.post("/Users", ["a": 1]),
                try await probe.server.send("GET", "/Users", headers: [], body: nil),
            ] {
                try expect(reply.status >= 400)
                try expect(reply["status"]?.string, is: String(reply.status))
            }
        },
    ]

    static let creating: [Requirement] = [
        Requirement("7644 §3.3", .must, "Values of readOnly attributes in a new resource are ignored.") { probe in
            let reply = try await probe.user(
                "ada",
                [
                    "id": "mine", "groups": [["value": "admins"]],
                    "meta": ["created": "1999-01-01T00:00:00Z", "resourceType": "Group", "location": "https://evil.example/"],
                    Probe.enterprise: ["manager": ["displayName": "Nobody"]],
                ]
            ).reply
            try expect(reply["id"] != "mine" && reply["groups"] == nil && reply["meta.resourceType"] == "User")
            try expect(reply["meta.created"]?.string?.hasPrefix("1999") == false)
            try expect(reply["meta.location"]?.string?.contains("evil") == false)
            try expect(reply.json?[Probe.enterprise]?["manager"]?["displayName"] == nil)
        },
        Requirement("7644 §3.3", .may, "Null or an empty array leaves an attribute without a value.") { probe in
            let reply = try await probe.user("ada", ["title": .null, "emails": [], "name": .null]).reply
            try expect(reply["title"] == nil && reply["emails"] == nil && reply["name"] == nil)
        },
        Requirement("7644 §3.3", .must, "A resource that was created is answered with 201.") { probe in
            try await probe.post("/Users", Probe.userBody("ada")).with(201)
            try await probe.post("/Groups", Probe.groupBody("Staff")).with(201)
        },
        Requirement("7644 §3.3", .should, "The answer holds the new resource.") { probe in
            let reply = try await probe.user("ada", ["name": ["givenName": "Ada"], "emails": [["value": "a@example.com"]]]).reply
            try expect(reply["userName"] == "ada" && reply["name.givenName"] == "Ada" && reply["emails[0].value"] == "a@example.com")
            try expect(reply["schemas"] == [.string(Probe.user)] && reply["id"]?.string?.isEmpty == false)
        },
        Requirement("7644 §3.3", .must, "The URI of the new resource stands in Location and in meta.location.") { probe in
            for created in [try await probe.user("ada"), try await probe.group("Staff")] {
                let location = try required(created.reply.headers["location"])
                try expect(created.reply["meta.location"]?.string, is: location)
                try expect(location.hasPrefix("http") && location.hasSuffix(TestServer.prefix + created.path))
                try await probe.get(created.path).with(200)
            }
        },
        Requirement("7644 §3.3", .must, "A new resource that conflicts with one that is there is refused with 409 uniqueness.") { probe in
            try await probe.user("ada")
            try await probe.post("/Users", Probe.userBody("ada")).with(409, scimType: "uniqueness")
            try await probe.post("/Users", Probe.userBody("ADA")).with(409, scimType: "uniqueness")
            try await probe.post("/Users", Probe.userBody("adam")).with(201)
        },
        Requirement("7644 §3.3.1", .must, "meta.resourceType is the type of the endpoint.") { probe in
            try expect(try await probe.user("ada").reply["meta.resourceType"] == "User")
            try expect(try await probe.group("Staff").reply["meta.resourceType"] == "Group")
        },
    ]
}
