import Foundation
import SCIM

extension Requirement {
    static let deleting: [Requirement] = [
        Requirement("7644 §3.6", .must, "Whatever is done with a deleted resource is answered with 404.") { probe in
            let user = try await probe.user("ada")
            try await probe.delete(user.path).with(204)
            try await probe.get(user.path).with(404)
            try await probe.put(user.path, Probe.userBody("ada")).with(404)
            try await probe.patch(user.path, ["op": "add", "path": "title", "value": "x"]).with(404)
            try await probe.delete(user.path).with(404)
        },
        Requirement("7644 §3.6", .must, "A deleted resource is in no result any more.") { probe in
            let users = try await probe.users("ada", "bob")
            let group = try await probe.group("Staff", members: users)
            try await probe.delete(users[0].path).with(204)
            try expect(try await probe.get("/Users").with(200).names == ["bob"])
            try expect(try await probe.find("userName pr") == ["bob"])
            try expect(try await probe.get(group.path)["members"]?.array?.count == 1)
        },
        Requirement("7644 §3.6", .shouldNot, "A deleted resource is in conflict with others.") { probe in
            let user = try await probe.user("ada")
            try await probe.delete(user.path).with(204)
            try await probe.post("/Users", Probe.userBody("ADA")).with(201)
        },
        Requirement("7644 §3.6", .must, "A DELETE is answered with 204.") { probe in
            let (user, group) = (try await probe.user("ada"), try await probe.group("Staff"))
            for path in [user.path, group.path] { try expect(try await probe.delete(path).with(204).body.isEmpty) }
        },
    ]

    private static let create: AttributeValue = ["method": "POST", "path": "/Users", "bulkId": "u1", "data": Probe.userBody("ada")]

    static let bulk: [Requirement] = [
        Requirement("7644 §3.7", .must, "Operations is there.") { probe in
            let message: AttributeValue = ["schemas": [.string(Probe.messages + "BulkRequest")]]
            try await probe.post("/Bulk", message).with(400, scimType: "invalidSyntax")
            try expect(try await probe.bulk(create).with(200).operations.count == 1)
        },
        Requirement("7644 §3.7", .must, "An operation has a method: POST, PUT, PATCH or DELETE.") { probe in
            let user = try await probe.user("bob")
            let reply = try await probe.bulk(
                create, ["method": "PUT", "path": .string(user.path), "data": Probe.userBody("bob", ["title": "A"])],
                [
                    "method": "PATCH", "path": .string(user.path),
                    "data": Probe.patchMessage([["op": "add", "path": "nickName", "value": "B"]]),
                ],
                ["method": "DELETE", "path": .string(user.path)], ["method": "GET", "path": .string(user.path)],
                ["path": .string(user.path)]
            ).with(200)
            try expect(reply.statuses == ["201", "200", "200", "204", "400", "400"])
            try await probe.get(user.path).with(404)
        },
        Requirement("7644 §3.7", .must, "An operation has a path, a POST a bulkId, and a POST, PUT and PATCH data.") { probe in
            let user = try await probe.user("bob")
            let reply = try await probe.bulk(
                ["method": "POST", "bulkId": "a", "data": Probe.userBody("x")],
                ["method": "POST", "path": "/Users", "data": Probe.userBody("y")],
                ["method": "POST", "path": "/Users", "bulkId": "b"], ["method": "PUT", "path": .string(user.path)],
                ["method": "PATCH", "path": .string(user.path)], ["method": "DELETE"]
            ).with(200)
            try expect(reply.statuses == ["400", "400", "400", "400", "400", "400"])
            try expect(try await probe.get("/Users").with(200).names == ["bob"])
        },
        Requirement("7644 §3.7", .may, "An operation may name the version that the resource must have.") { probe in
            let user = try await probe.user("bob")
            let put: AttributeMap = ["method": "PUT", "path": .string(user.path), "data": Probe.userBody("bob", ["title": "A"])]
            var (right, wrong) = (put, put)
            right["version"] = user.reply["meta.version"]
            wrong["version"] = "W/\"other\""
            try expect(try await probe.bulk(.complex(wrong), .complex(right)).with(200).statuses == ["412", "200"])
        },
        Requirement("7644 §3.7", .must, "The answer tells the location of each resource, but for a POST that failed.") { probe in
            let user = try await probe.user("bob")
            let reply = try await probe.bulk(
                create, create.with("bulkId", "u2"), ["method": "PUT", "path": .string(user.path), "data": ["title": 1]],
                ["method": "DELETE", "path": "/Users/none"]
            ).with(200)
            try expect(reply.statuses == ["201", "409", "400", "404"])
            let operations = reply.operations
            try expect(operations[0]["location"]?.string?.contains("/Users/") == true && operations[1]["location"] == nil)
            try expect(operations[2]["location"]?.string?.hasSuffix(user.path) == true)
            try expect(operations[3]["location"]?.string?.hasSuffix("/Users/none") == true)
        },
        Requirement("7644 §3.7", .must, "A failed operation tells its error in response.") { probe in
            let operation = try required(try await probe.bulk(create, create.with("bulkId", "u2")).with(200).operations.last)
            let error = operation["response"]
            try expect(error?["schemas"] == [.string(Probe.messages + "Error")] && error?["status"] == "409")
            try expect(error?["scimType"] == "uniqueness" && error?["detail"]?.string?.isEmpty == false)
        },
        Requirement("7644 §3.7", .must, "A bulk job that was processed is answered with 200, any other with an error.") { probe in
            try await probe.bulk(create, create.with("bulkId", "u2")).with(200)
            try await probe.post("/Bulk", ["schemas": [.string(Probe.messages + "PatchOp")], "Operations": [create]]).with(400)
            try await probe.bulk(create.with("bulkId", "same"), create.with("bulkId", "same")).with(400)
            try await probe.server.send(
                "POST", "/Bulk", headers: [("Authorization", "Bearer x")], body: Array("{}".utf8)
            ).with(401)
        },
        Requirement("7644 §3.7", .must, "Failed operations do not keep the others from being done.") { probe in
            let reply = try await probe.bulk(
                ["method": "DELETE", "path": "/Users/none"], create, ["method": "POST", "path": "/Nothing", "bulkId": "x", "data": [:]],
                create.with("bulkId", "u2").with("data", Probe.userBody("bob"))
            ).with(200)
            try expect(reply.statuses == ["404", "201", "404", "201"])
            try expect(try await probe.get("/Users").with(200)["totalResults"] == 2)
        },
        Requirement("7644 §3.7", .may, "failOnErrors ends the job after as many errors.") { probe in
            let fail: AttributeValue = ["method": "DELETE", "path": "/Users/none"]
            try expect(try await probe.bulk(fail, create, failOnErrors: 1).with(200).statuses == ["404"])
            try expect(try await probe.bulk(fail, create, fail, fail, failOnErrors: 2).with(200).statuses == ["404", "201", "404"])
        },
        Requirement("7644 §3.7", .must, "A bulkId comes back with the resource that was created.") { probe in
            let operation = try required(try await probe.bulk(create).with(200).operations.first)
            try expect(operation["bulkId"] == "u1" && operation["status"] == "201" && operation["location"] != nil)
        },
        Requirement("7644 §3.7", .must, "Whatever the order of processing, the result is what the client meant.") { probe in
            let reply = try await probe.bulk(
                [
                    "method": "POST", "path": "/Groups", "bulkId": "g",
                    "data": ["schemas": [.string(Probe.group)], "displayName": "Staff", "members": [["value": "bulkId:u1"]]],
                ], create
            ).with(200)
            try expect(reply.statuses == ["201", "201"])
            let group = try required(try await probe.get("/Groups").with(200).resources.first)
            let user = try required(try await probe.get("/Users").with(200).resources.first)
            try expect(group["members"]?.array?.first?["value"] == user["id"])
        },
    ]

    static let bulkReferences: [Requirement] = [
        Requirement(
            "7644 §3.7.1", .must, "Resources that refer to one another are tried to be resolved.",
            note: "groups that would contain one another are refused with 409, as groups may not nest in a circle"
        ) { probe in
            func user(_ name: String, manager: String) -> AttributeValue {
                [
                    "method": "POST", "path": "/Users", "bulkId": .string(name),
                    "data": Probe.userBody(name, [Probe.enterprise: ["manager": ["value": .string("bulkId:" + manager)]]]),
                ]
            }
            let reply = try await probe.bulk(user("a", manager: "b"), user("b", manager: "c"), user("c", manager: "a")).with(200)
            try expect(reply.statuses == ["201", "201", "201"])
            var ids: [String: AttributeValue] = [:]
            for name in ["a", "b", "c"] {
                ids[name] = try await probe.get("/Users?filter=userName%20eq%20%22\(name)%22").with(200)["Resources[0].id"]
            }
            for (name, manager) in [("a", "b"), ("b", "c"), ("c", "a")] {
                let found = try await probe.get("/Users/" + (ids[name]?.string ?? ""))
                try expect(found[Probe.enterprise, "manager"]?["value"] == ids[manager])
            }
        },
        Requirement("7644 §3.7.2", .must, "bulkId: and a name are replaced by the id of the resource.") { probe in
            let patch: AttributeValue = [
                "method": "PATCH", "path": "/Groups/bulkId:g",
                "data": Probe.patchMessage([["op": "add", "path": "members", "value": [["value": "bulkId:u2"]]]]),
            ]
            let reply = try await probe.bulk(
                create, create.with("bulkId", "u2").with("data", Probe.userBody("bob")),
                [
                    "method": "POST", "path": "/Groups", "bulkId": "g",
                    "data": [
                        "schemas": [.string(Probe.group)], "displayName": "Staff", "members": [["value": "bulkId:u1", "type": "User"]],
                    ],
                ], patch
            ).with(200)
            try expect(reply.statuses == ["201", "201", "201", "200"])
            let group = try required(try await probe.get("/Groups").with(200).resources.first)
            let ids = try await probe.get("/Users").with(200).resources.compactMap { $0["id"]?.string }
            try expect(Set((group["members"]?.array ?? []).compactMap { $0["value"]?.string }) == Set(ids) && ids.count == 2)
        },
        Requirement("7644 §3.7.2", .must, "So are those in attributes of extensions.") { probe in
            let bob = Probe.userBody("bob", [Probe.enterprise: ["employeeNumber": "11250", "manager": ["value": "bulkId:u1"]]])
            try expect(try await probe.bulk(create, create.with("bulkId", "u2").with("data", bob)).with(200).statuses == ["201", "201"])
            let users = try await probe.get("/Users").with(200).resources
            let manager = users.first { $0["userName"] == "bob" }?[Probe.enterprise]?["manager"]?["value"]
            try expect(manager != nil && manager == users.first { $0["userName"] == "ada" }?["id"])
        },
    ]

    static let bulkAnswers: [Requirement] = [
        Requirement("7644 §3.7.3", .must, "The answer holds the result of each operation that was processed.") { probe in
            let user = try await probe.user("bob")
            let reply = try await probe.bulk(create, ["method": "DELETE", "path": .string(user.path)]).with(200)
            try expect(reply["schemas"] == [.string(Probe.messages + "BulkResponse")])
            try expect(reply.operations.compactMap { $0["method"]?.string } == ["POST", "DELETE"])
        },
        Requirement("7644 §3.7.3", .must, "location is there for all but a POST that failed.") { probe in
            let reply = try await probe.bulk(create, create.with("bulkId", "u2")).with(200)
            try expect(reply.operations.map { $0["location"] != nil } == [true, false])
            let location = try required(reply.operations[0]["location"]?.string)
            let path = try required(location.range(of: TestServer.prefix).map { String(location[$0.upperBound...]) })
            try expect(try await probe.get(path).with(200)["userName"] == "ada")
        },
        Requirement(
            "7644 §3.7.3", .must, "status tells the status that a single request would have had.",
            note: "as a string, which the examples of this section have, not as an object with code"
        ) { probe in
            let reply = try await probe.bulk(create, create.with("bulkId", "u2"), ["method": "DELETE", "path": "/Users/none"]).with(200)
            try expect(reply.statuses == ["201", "409", "404"])
        },
        Requirement("7644 §3.7.3", .must, "An error is explained for a person.", note: "in response.detail, as the examples have it") {
            probe in
            let reply = try await probe.bulk(["method": "DELETE", "path": "/Users/none"]).with(200)
            try expect(reply.operations.first?["response"]?["detail"]?.string?.isEmpty == false)
        },
        Requirement("7644 §3.7.4", .must, "The numbers of operations and bytes of a bulk request have limits.") { probe in
            let reply = try await probe.get("/ServiceProviderConfig").with(200)
            try expect(reply["bulk.supported"] == true)
            try expect((reply["bulk.maxOperations"]?.integer ?? 0) > 0 && (reply["bulk.maxPayloadSize"]?.integer ?? 0) > 0)
        },
        Requirement(
            "7644 §3.7.4", .must, "A request beyond a limit is refused with 413.",
            flags: ["directory.bulkMaximumOperations": "2", "directory.bulkMaximumPayloadBytes": "2000"]
        ) { probe in
            let delete: AttributeValue = ["method": "DELETE", "path": "/Users/none"]
            try await probe.bulk(delete, delete).with(200)
            try await probe.bulk(delete, delete, delete).with(413)
            let large = create.with("data", Probe.userBody("ada", ["title": .string(String(repeating: "x", count: 2000))]))
            try await probe.bulk(large).with(413)
            try expect(try await probe.get("/Users").with(200)["totalResults"] == 0)
        },
        Requirement(
            "7644 §3.7.4", .must, "The error names the limit.",
            flags: ["directory.bulkMaximumOperations": "2", "directory.bulkMaximumPayloadBytes": "2000"]
        ) { probe in
            let delete: AttributeValue = ["method": "DELETE", "path": "/Users/none"]
            let many = try await probe.bulk(delete, delete, delete).with(413)
            try expect(many["detail"]?.string?.contains("2") == true && many["status"] == "413")
            let large = create.with("data", Probe.userBody("ada", ["title": .string(String(repeating: "x", count: 2000))]))
            try expect(try await probe.bulk(large).with(413)["detail"]?.string?.contains("2000") == true)
        },
    ]
}

extension Reply {
    /// The statuses of the operations of a bulk response.
    fileprivate var statuses: [String] { operations.compactMap { $0["status"]?.string } }
}

extension AttributeValue {
    /// This object with another member.
    fileprivate func with(_ name: String, _ value: AttributeValue) -> AttributeValue {
        var map = complex ?? [:]
        map[name] = value
        return .complex(map)
    }
}
