import SCIM

extension Requirement {
    static let modifying: [Requirement] = [
        Requirement("7644 §3.5", .must, "PUT is supported.") { probe in
            let user = try await probe.user("ada")
            try expect(try await probe.put(user.path, Probe.userBody("ada2", ["title": "Boss"])).with(200)["title"] == "Boss")
            let group = try await probe.group("Staff")
            try expect(try await probe.put(group.path, Probe.groupBody("Crew")).with(200)["displayName"] == "Crew")
        },
        Requirement("7644 §3.5", .should, "PATCH is supported, and the configuration says so.") { probe in
            let group = try await probe.group("Staff")
            try await probe.patch(group.path, ["op": "replace", "path": "displayName", "value": "Crew"]).with(200, 204)
            try expect(try await probe.get("/ServiceProviderConfig").with(200)["patch.supported"] == true)
        },
    ]

    static let replacing: [Requirement] = [
        Requirement("7644 §3.5.1", .mustNot, "PUT creates a resource.") { probe in
            try await probe.put("/Groups/4711", Probe.groupBody("Staff")).with(404)
            let user = try await probe.user("ada")
            try await probe.delete(user.path).with(204)
            try await probe.put(user.path, Probe.userBody("ada")).with(404)
            try expect(try await probe.get("/Users").with(200)["totalResults"] == 0)
        },
        Requirement("7644 §3.5.1", .must, "Values of readWrite and writeOnly attributes replace those that are there.") { probe in
            let user = try await probe.user(
                "ada",
                ["password": "t0p-Secret-42", "title": "Boss", "emails": [["value": "a@x.org", "type": "work"], ["value": "b@x.org"]]])
            let body = Probe.userBody("ada", ["password": "0ther-Secret-42", "title": "Chief", "emails": [["value": "c@x.org"]]])
            let reply = try await probe.put(user.path, body).with(200)
            try expect(reply["title"] == "Chief" && reply["emails"]?.array?.count == 1 && reply["emails[0].value"] == "c@x.org")
            try expect(reply["emails[0].type"] == nil && reply["password"] == nil)
        },
        Requirement(
            "7644 §3.5.1", .may, "What a PUT leaves out is cleared.", note: "but for a password, which no client can read and send back"
        ) { probe in
            let user = try await probe.user(
                "ada", ["title": "Boss", "emails": [["value": "a@x.org"]], Probe.enterprise: ["department": "D"]])
            let reply = try await probe.put(user.path, Probe.userBody("ada")).with(200)
            try expect(reply["title"] == nil && reply["emails"] == nil && reply.json?[Probe.enterprise] == nil)
        },
        Requirement("7644 §3.5.1", .may, "Null or an empty array in a PUT clears an attribute.") { probe in
            let user = try await probe.user("ada", ["title": "Boss", "emails": [["value": "a@x.org"]]])
            let reply = try await probe.put(user.path, Probe.userBody("ada", ["title": .null, "emails": []])).with(200)
            try expect(reply["title"] == nil && reply["emails"] == nil)
        },
        Requirement("7644 §3.5.1", .must, "The value of an immutable attribute that is set matches in a PUT.") { probe in
            let device = try await probe.device("D1", ["model": "M"])
            let reply = try await probe.put(device.path, Probe.deviceBody("D1", ["model": "N"])).with(200)
            try expect(reply["serialNumber"] == "D1" && reply["model"] == "N")
        },
        Requirement("7644 §3.5.1", .should, "Another value is refused with 400 mutability.") { probe in
            let device = try await probe.device("D1", ["model": "M"])
            try await probe.put(device.path, Probe.deviceBody("D2", ["model": "N"])).with(400, scimType: "mutability")
            try expect(try await probe.get(device.path)["model"] == "M")
        },
        Requirement("7644 §3.5.1", .must, "An immutable attribute that has no value yet takes the one of the PUT.") { probe in
            let device = try await probe.device("D1")
            try expect(try await probe.put(device.path, Probe.deviceBody("D1", ["batch": "7"])).with(200)["batch"] == "7")
            try await probe.put(device.path, Probe.deviceBody("D1", ["batch": "8"])).with(400, scimType: "mutability")
        },
        Requirement("7644 §3.5.1", .must, "Values of readOnly attributes in a PUT are ignored.") { probe in
            let user = try await probe.user("ada")
            let body = Probe.userBody(
                "ada", ["groups": [["value": "g"]], "meta": ["created": "1999-01-01T00:00:00Z", "version": "W/\"x\""]])
            let reply = try await probe.put(user.path, body).with(200)
            try expect(reply["groups"] == nil && reply["meta.created"] == user.reply["meta.created"] && reply["id"]?.string == user.id)
            try await probe.put(user.path, try required(reply.json)).with(200)
        },
        Requirement("7644 §3.5.1", .must, "Clients send required attributes.", note: "a PUT without one is refused with 400 invalidValue") {
            probe in
            let user = try await probe.user("ada")
            let body: AttributeValue = ["schemas": [.string(Probe.user)], "title": "Boss"]
            try await probe.put(user.path, body).with(400, scimType: "invalidValue")
            try await probe.put(user.path, Probe.userBody("")).with(400, scimType: "invalidValue")
            try expect(try await probe.get(user.path)["userName"] == "ada")
        },
        Requirement("7644 §3.5.1", .described, "A PUT is answered with 200 and the whole resource.") { probe in
            let user = try await probe.user("ada")
            let reply = try await probe.put(user.path, Probe.userBody("ada", ["title": "Boss"])).with(200)
            try expect(reply["title"] == "Boss" && reply["id"]?.string == user.id && reply["meta.location"] == user.reply["meta.location"])
        },
    ]

    static let patching: [Requirement] = [
        Requirement(
            "7644 §3.5.2", .must, "The body of a PATCH has the schema of PatchOp.",
            note: "a body without `schemas` is read all the same, and refused in the dialect `rfc`"
        ) { probe in
            let user = try await probe.user("ada")
            let operations: AttributeValue = [["op": "add", "path": "title", "value": "Boss"]]
            for urn in [Probe.user, Probe.messages + "SearchRequest"] {
                let body: AttributeValue = ["schemas": [.string(urn)], "Operations": operations]
                try await probe.server.send("PATCH", user.path, body).with(400, scimType: "invalidSyntax")
            }
            let body: AttributeValue = ["schemas": [.string(Probe.messages + "PatchOp")], "Operations": operations]
            try await probe.server.send("PATCH", user.path, body).with(200, 204)
        },
        Requirement("7644 §3.5.2", .must, "Operations is an array of one operation or more.") { probe in
            let user = try await probe.user("ada")
            for operations: AttributeValue? in [nil, [], "x", ["op": "add", "path": "title", "value": "x"], ["x"]] {
                var body: AttributeMap = ["schemas": [.string(Probe.messages + "PatchOp")]]
                if let operations { body["Operations"] = operations }
                try await probe.server.send("PATCH", user.path, .complex(body)).with(400, scimType: "invalidSyntax")
            }
        },
        Requirement("7644 §3.5.2", .must, "Each operation has one op: add, remove or replace.") { probe in
            let user = try await probe.user("ada")
            for operation: AttributeValue in [
                ["path": "title", "value": "x"], ["op": "move", "path": "title", "value": "x"], ["op": 1, "path": "title", "value": "x"],
                ["op": ["add"], "path": "title", "value": "x"], ["op": "", "path": "title", "value": "x"],
            ] { try await probe.patch(user.path, operation).with(400, scimType: "invalidSyntax") }
            try await probe.server.send(
                "PATCH", TestServer.encoded(user.path),
                headers: [("Authorization", "Bearer " + probe.server.token), ("Content-Type", "application/scim+json")],
                body: Array(
                    """
                    {"schemas":["\(Probe.messages)PatchOp"],"Operations":[{"op":"add","op":"remove","path":"title","value":"x"}]}
                    """.utf8)
            ).with(400, scimType: "invalidSyntax")
        },
        Requirement("7644 §3.5.2", .must, "path is there in a remove, and may be left out of an add and a replace.") { probe in
            let user = try await probe.user("ada")
            try await probe.patch(user.path, ["op": "remove"]).with(400, scimType: "noTarget")
            try await probe.patch(user.path, ["op": "add", "value": ["title": "A"]]).with(200, 204)
            try await probe.patch(user.path, ["op": "replace", "value": ["title": "B"]]).with(200, 204)
            try expect(try await probe.get(user.path)["title"] == "B")
        },
        Requirement("7644 §3.5.2", .described, "A path is an attribute, or a filtered one and perhaps a part of it.") { probe in
            let user = try await probe.user("ada", ["addresses": [["type": "work", "locality": "X"], ["type": "home", "locality": "Y"]]])
            for (path, value): (String, AttributeValue) in [
                ("nickName", "a"), ("name.familyName", "b"), (#"addresses[type eq "work"]"#, ["region": "c"]),
                (#"addresses[type eq "home"].locality"#, "d"), (Probe.user + ":title", "e"), (Probe.enterprise + ":department", "f"),
                (Probe.enterprise + ":manager.value", .string(user.id)),
            ] { try await probe.patch(user.path, ["op": "replace", "path": .string(path), "value": value]).with(200, 204) }
            let reply = try await probe.get(user.path)
            try expect(reply["nickName"] == "a" && reply["name.familyName"] == "b" && reply["addresses[type=work].region"] == "c")
            try expect(reply["addresses[type=home].locality"] == "d" && reply["title"] == "e")
            try expect(reply[Probe.enterprise, "department"] == "f" && reply[Probe.enterprise, "manager"]?["value"]?.string == user.id)
            for path in ["addresses[", "addresses[type eq]", "name..familyName", "1x", "emails[type eq \"work\"]x", "title "] {
                let reply = try await probe.patch(user.path, ["op": "replace", "path": .string(path), "value": "x"]).with(400)
                try expect(["invalidPath", "invalidFilter"].contains(reply["scimType"]), path)
            }
        },
        Requirement("7644 §3.5.2", .must, "An operation goes together with the schema and the mutability of its attribute.") { probe in
            let user = try await probe.user("ada")
            try await probe.patch(user.path, ["op": "replace", "path": "title", "value": 5]).with(400, scimType: "invalidValue")
            try await probe.patch(user.path, ["op": "replace", "path": "name", "value": "x"]).with(400, scimType: "invalidValue")
            try await probe.patch(user.path, ["op": "add", "path": "noSuchThing", "value": "x"]).with(400, scimType: "invalidPath")
            try await probe.patch(user.path, ["op": "add", "path": "active", "value": "perhaps"]).with(400, scimType: "invalidValue")
        },
        Requirement(
            "7644 §3.5.2", .mustNot, "A client modifies a readOnly or immutable attribute.", note: "it is refused with 400 mutability"
        ) {
            probe in
            let (user, device) = (try await probe.user("ada"), try await probe.device("D1"))
            for (path, value): (AttributeValue, AttributeValue) in [
                ("id", "x"), ("groups", [["value": "x"]]), ("meta.created", "1999-01-01T00:00:00Z"), ("meta", ["resourceType": "Group"]),
            ] {
                for op: AttributeValue in ["add", "replace"] {
                    try await probe.patch(user.path, ["op": op, "path": path, "value": value]).with(400, scimType: "mutability")
                }
            }
            try await probe.patch(device.path, ["op": "replace", "path": "serialNumber", "value": "x"]).with(400, scimType: "mutability")
            try expect(try await probe.get(device.path)["serialNumber"] == "D1")
        },
        Requirement("7644 §3.5.2", .may, "A value may be added to an immutable attribute that has none.") { probe in
            let device = try await probe.device("D1")
            try await probe.patch(device.path, ["op": "add", "path": "batch", "value": "7"]).with(200, 204)
            try expect(try await probe.get(device.path)["batch"] == "7")
            try await probe.patch(device.path, ["op": "add", "path": "batch", "value": "8"]).with(400, scimType: "mutability")
        },
        Requirement("7644 §3.5.2", .must, "Operations see the schemas of the resource, as operations before them left them.") { probe in
            let user = try await probe.user("ada")
            let department = AttributeValue.string(Probe.enterprise + ":department")
            let reply = try await probe.patch(
                user.path, ["op": "add", "path": "schemas", "value": [.string(Probe.enterprise)]],
                ["op": "add", "path": department, "value": "D"], ["op": "replace", "path": department, "value": "E"]
            ).with(200)
            try expect(reply[Probe.enterprise, "department"] == "E")
            try expect(reply["schemas"]?.array?.contains(.string(Probe.enterprise)) == true)
        },
        Requirement("7644 §3.5.2", .may, "An attribute with its URN adds the URN to schemas.") { probe in
            let user = try await probe.user("ada")
            let reply = try await probe.patch(
                user.path, ["op": "add", "path": .string(Probe.enterprise + ":employeeNumber"), "value": "7"]
            ).with(200)
            try expect(reply["schemas"]?.array?.contains(.string(Probe.enterprise)) == true)
            try expect(reply[Probe.enterprise, "employeeNumber"] == "7")
        },
        Requirement("7644 §3.5.2", .described, "Operations are applied in order, each to what the one before left.") { probe in
            let user = try await probe.user("ada")
            let reply = try await probe.patch(
                user.path, ["op": "add", "path": "title", "value": "A"], ["op": "replace", "path": "title", "value": "B"],
                ["op": "remove", "path": "title"], ["op": "add", "path": "title", "value": "C"]
            ).with(200)
            try expect(reply["title"] == "C")
        },
        Requirement("7644 §3.5.2", .must, "A value that becomes primary ends that of all others.") { probe in
            let user = try await probe.user(
                "ada", ["emails": [["value": "a@x.org", "primary": true], ["value": "b@x.org", "type": "home"]]])
            let reply = try await probe.patch(
                user.path, ["op": "replace", "path": #"emails[type eq "home"].primary"#, "value": true]
            ).with(200)
            let primary = (reply["emails"]?.array ?? []).filter { $0["primary"] == true }.compactMap { $0["value"]?.string }
            try expect(primary == ["b@x.org"])
            let added = try await probe.patch(
                user.path, ["op": "add", "path": "emails", "value": [["value": "c@x.org", "primary": true]]]
            ).with(200)
            try expect((added["emails"]?.array ?? []).filter { $0["primary"] == true }.compactMap { $0["value"]?.string } == ["c@x.org"])
        },
        Requirement("7644 §3.5.2", .must, "A PATCH is atomic: after an error the resource is what it was, and the answer a failure.") {
            probe in
            let user = try await probe.user("ada", ["title": "Boss"])
            let before = try await probe.get(user.path)
            for last: AttributeValue in [
                ["op": "replace", "path": "id", "value": "x"],
                ["op": "replace", "path": #"emails[type eq "none"]"#, "value": ["value": "x"]],
                ["op": "remove", "path": "userName"], ["op": "add", "path": "nothing", "value": 1],
                ["op": "add", "path": "active", "value": "x"],
            ] {
                try await probe.patch(
                    user.path, ["op": "replace", "path": "title", "value": "Chief"], ["op": "add", "path": "nickName", "value": "A"], last
                ).with(400)
                try expect(try await probe.get(user.path).json == before.json)
            }
            let group = try await probe.group("Staff", members: [user])
            let members = try await probe.get(group.path)["members"]
            try await probe.patch(
                group.path, ["op": "remove", "path": "members"], ["op": "replace", "path": "id", "value": "x"]
            ).with(400)
            try expect(try await probe.get(group.path)["members"] == members)
        },
        Requirement("7644 §3.5.2", .must, "A failure is answered with a status and the body of an error.") { probe in
            let user = try await probe.user("ada")
            let reply = try await probe.patch(user.path, ["op": "replace", "path": "id", "value": "x"]).with(400)
            try expect(reply["schemas"] == [.string(Probe.messages + "Error")] && reply["status"] == "400" && reply["detail"] != nil)
            try await probe.patch("/Users/none", ["op": "add", "path": "title", "value": "x"]).with(404)
        },
        Requirement("7644 §3.5.2", .must, "Success is answered with 200 and the whole resource, or with 204.") { probe in
            let user = try await probe.user("ada")
            let reply = try await probe.patch(user.path, ["op": "add", "path": "title", "value": "Boss"]).with(200, 204)
            try expect(reply.headers["etag"] != nil)
            if reply.status == 200 {
                try expect(reply["userName"] == "ada" && reply["title"] == "Boss")
            } else {
                try expect(reply.body.isEmpty)
            }
        },
        Requirement("7644 §3.5.2", .must, "With attributes in the URL, a PATCH is answered with 200 and those.") { probe in
            let user = try await probe.user("ada")
            let group = try await probe.group("Staff", members: [user])
            let reply = try await probe.patch(user.path + "?attributes=title", ["op": "add", "path": "title", "value": "Boss"]).with(200)
            try expect(reply["title"] == "Boss" && reply["id"] != nil && reply["userName"] == nil)
            let other = try await probe.patch(
                group.path + "?attributes=displayName", ["op": "replace", "path": "displayName", "value": "Crew"]
            ).with(200)
            try expect(other["displayName"] == "Crew" && other["members"] == nil)
        },
    ]
}
