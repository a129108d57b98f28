import SCIM

extension Requirement {
    static let adding: [Requirement] = [
        Requirement("7644 §3.5.2.1", .must, "An add has a value.") { probe in
            let user = try await probe.user("ada")
            let reply = try await probe.patch(user.path, ["op": "add", "path": "title"]).with(400)
            try expect(["invalidValue", "invalidSyntax"].contains(reply["scimType"]))
            try await probe.patch(user.path, ["op": "add"]).with(400)
        },
        Requirement("7644 §3.5.2.1", .described, "Without a path, the value holds attributes of the resource.") { probe in
            let user = try await probe.user("ada", ["emails": [["value": "a@x.org"]], "nickName": "A"])
            let value: AttributeValue = ["emails": [["value": "b@x.org", "type": "home"]], "nickName": "B", "title": "Boss"]
            let reply = try await probe.patch(user.path, ["op": "add", "value": value]).with(200)
            try expect(reply["nickName"] == "B" && reply["title"] == "Boss" && reply["emails"]?.array?.count == 2)
        },
        Requirement("7644 §3.5.2.1", .must, "The value for a complex attribute is a set of its parts.") { probe in
            let user = try await probe.user("ada", ["name": ["familyName": "L"]])
            try await probe.patch(user.path, ["op": "add", "path": "name", "value": "Ada"]).with(400, scimType: "invalidValue")
            let reply = try await probe.patch(user.path, ["op": "add", "path": "name", "value": ["givenName": "Ada"]]).with(200)
            try expect(reply["name"] == ["familyName": "L", "givenName": "Ada"])
        },
        Requirement("7644 §3.5.2.1", .described, "A value is added to several, and takes the place of a single one.") { probe in
            let user = try await probe.user("ada", ["title": "A", "emails": [["value": "a@x.org"]]])
            let reply = try await probe.patch(
                user.path, ["op": "add", "path": "title", "value": "B"], ["op": "add", "path": "emails", "value": [["value": "b@x.org"]]],
                ["op": "add", "path": "emails", "value": ["value": "c@x.org"]], ["op": "add", "path": "nickName", "value": "N"]
            ).with(200)
            try expect(reply["title"] == "B" && reply["nickName"] == "N")
            try expect((reply["emails"]?.array ?? []).compactMap { $0["value"] } == ["a@x.org", "b@x.org", "c@x.org"])
        },
        Requirement("7644 §3.5.2.1", .should, "Adding what is there changes nothing, and succeeds.") { probe in
            let user = try await probe.user("ada", ["title": "A", "emails": [["value": "a@x.org", "type": "work"]]])
            let group = try await probe.group("Staff", members: [user])
            let before = (try await probe.get(user.path).json, try await probe.get(group.path).json)
            try await probe.patch(
                user.path, ["op": "add", "path": "title", "value": "A"],
                ["op": "add", "path": "emails", "value": [["value": "a@x.org", "type": "work"]]]
            ).with(200, 204)
            try await probe.patch(group.path, ["op": "add", "path": "members", "value": [["value": .string(user.id)]]]).with(200, 204)
            try expect(try await probe.get(user.path)["emails"]?.array?.count == 1)
            try expect(try await probe.get(user.path).json == before.0)
            try expect(try await probe.get(group.path).json == before.1)
        },
        Requirement("7644 §3.5.2.1", .mustNot, "Adding what is there changes meta.lastModified.") { probe in
            let user = try await probe.user("ada", ["title": "A"])
            let group = try await probe.group("Staff", members: [user])
            let before = (try await probe.get(user.path), try await probe.get(group.path))
            try await probe.patch(user.path, ["op": "add", "path": "title", "value": "A"]).with(200, 204)
            try await probe.patch(group.path, ["op": "add", "path": "members", "value": [["value": .string(user.id)]]]).with(200, 204)
            let after = (try await probe.get(user.path), try await probe.get(group.path))
            for path in ["meta.lastModified", "meta.version"] {
                try expect(after.0[path] == before.0[path] && after.1[path] == before.1[path], path)
            }
        },
    ]

    static let removing: [Requirement] = [
        Requirement("7644 §3.5.2.2", .described, "A remove without a path is refused with 400 noTarget.") { probe in
            let user = try await probe.user("ada", ["title": "A"])
            try await probe.patch(user.path, ["op": "remove"]).with(400, scimType: "noTarget")
            try expect(try await probe.get(user.path)["title"] == "A")
        },
        Requirement("7644 §3.5.2.2", .must, "A single value that is removed is unassigned.") { probe in
            let user = try await probe.user("ada", ["title": "A", "name": ["givenName": "Ada", "familyName": "L"]])
            let reply = try await probe.patch(
                user.path, ["op": "remove", "path": "title"], ["op": "remove", "path": "name.givenName"]
            ).with(200)
            try expect(reply["title"] == nil && reply["name"] == ["familyName": "L"])
            try expect(try await probe.find("title pr") == [])
            try await probe.patch(user.path, ["op": "remove", "path": "title"]).with(200, 204)
        },
        Requirement("7644 §3.5.2.2", .must, "All values of an attribute that is removed without a filter are gone.") { probe in
            let user = try await probe.user("ada", ["emails": [["value": "a@x.org"], ["value": "b@x.org"]]])
            let group = try await probe.group("Staff", members: [user])
            try expect(try await probe.patch(user.path, ["op": "remove", "path": "emails"]).with(200)["emails"] == nil)
            try await probe.patch(group.path, ["op": "remove", "path": "members"]).with(200, 204)
            try expect(try await probe.get(group.path)["members"]?.array?.isEmpty ?? true)
            try expect(try await probe.find("emails pr") == [])
        },
        Requirement(
            "7644 §3.5.2.2", .must, "Values whose value a filter chooses are removed; with the last one the attribute is unassigned.",
            note: "a filter that chooses nothing is refused with 400 noTarget, but for members, where leaving twice succeeds"
        ) { probe in
            let users = try await probe.users("ada", "bob")
            let group = try await probe.group("Staff", members: users)
            for (number, user) in users.enumerated() {
                try await probe.patch(group.path, ["op": "remove", "path": .string(#"members[value eq "\#(user.id)"]"#)]).with(200, 204)
                try expect(try await probe.get(group.path)["members"]?.array?.count ?? 0, is: 1 - number)
            }
            try await probe.patch(group.path, ["op": "remove", "path": .string(#"members[value eq "\#(users[0].id)"]"#)]).with(200, 204)
        },
        Requirement("7644 §3.5.2.2", .must, "Values that a filter of their parts chooses are removed, or their named part.") { probe in
            let user = try await probe.user(
                "ada",
                [
                    "emails": [
                        ["value": "a@example.com", "type": "work", "display": "A"],
                        ["value": "b@example.org", "type": "work", "display": "B"],
                        ["value": "c@example.com", "type": "home", "display": "C"],
                    ]
                ])
            let some = try await probe.patch(user.path, ["op": "remove", "path": #"emails[type eq "work" and value ew "example.com"]"#])
                .with(200)
            try expect((some["emails"]?.array ?? []).compactMap { $0["value"] } == ["b@example.org", "c@example.com"])
            let part = try await probe.patch(user.path, ["op": "remove", "path": #"emails[type eq "work"].display"#]).with(200)
            try expect(part["emails[0].display"] == nil && part["emails[1].display"] == "C")
            let none = try await probe.patch(user.path, ["op": "remove", "path": "emails[value pr]"]).with(200)
            try expect(none["emails"] == nil)
        },
        Requirement("7644 §3.5.2.2", .must, "Removing a required or readOnly attribute is refused with an error.") { probe in
            let (user, group) = (try await probe.user("ada"), try await probe.group("Staff"))
            for path in ["id", "meta", "groups", "meta.created"] {
                try await probe.patch(user.path, ["op": "remove", "path": .string(path)]).with(400, scimType: "mutability")
            }
            try await probe.patch(user.path, ["op": "remove", "path": "userName"]).with(400, scimType: "mutability")
            try await probe.patch(group.path, ["op": "remove", "path": "displayName"]).with(400, scimType: "mutability")
            try expect(try await probe.get(user.path)["userName"] == "ada")
        },
    ]

    static let replacingParts: [Requirement] = [
        Requirement("7644 §3.5.2.3", .must, "Without a path, the value holds the attributes to replace.") { probe in
            let user = try await probe.user(
                "ada", ["title": "A", "emails": [["value": "a@x.org"], ["value": "b@x.org"]], "nickName": "N"])
            let value: AttributeValue = ["title": "B", "emails": [["value": "c@x.org"]]]
            let reply = try await probe.patch(user.path, ["op": "replace", "value": value]).with(200)
            try expect(reply["title"] == "B" && reply["nickName"] == "N" && reply["emails"]?.array?.count == 1)
            try await probe.patch(user.path, ["op": "replace", "value": "x"]).with(400)
        },
        Requirement("7644 §3.5.2.3", .described, "A single value is replaced, and so are all values where no filter chooses.") { probe in
            let users = try await probe.users("ada", "bob", "carl")
            let group = try await probe.group("Staff", members: [users[0], users[1]])
            try await probe.patch(
                group.path, ["op": "replace", "path": "displayName", "value": "Crew"],
                ["op": "replace", "path": "members", "value": [["value": .string(users[2].id)]]]
            ).with(200, 204)
            let reply = try await probe.get(group.path)
            try expect(reply["displayName"] == "Crew")
            try expect((reply["members"]?.array ?? []).compactMap { $0["value"]?.string } == [users[2].id])
        },
        Requirement("7644 §3.5.2.3", .must, "Replacing an attribute that has no value adds it.") { probe in
            let user = try await probe.user("ada")
            let reply = try await probe.patch(
                user.path, ["op": "replace", "path": "title", "value": "A"], ["op": "replace", "path": "name.givenName", "value": "Ada"],
                ["op": "replace", "path": "emails", "value": [["value": "a@x.org"]]]
            ).with(200)
            try expect(reply["title"] == "A" && reply["name.givenName"] == "Ada" && reply["emails[0].value"] == "a@x.org")
        },
        Requirement("7644 §3.5.2.3", .must, "The value for a complex attribute is a set of parts; the others stay as they are.") { probe in
            let user = try await probe.user("ada", ["name": ["givenName": "A", "familyName": "L"]])
            let value: AttributeValue = ["givenName": "Ada", "middleName": "K"]
            let reply = try await probe.patch(user.path, ["op": "replace", "path": "name", "value": value]).with(200)
            try expect(reply["name"] == ["givenName": "Ada", "familyName": "L", "middleName": "K"])
            try await probe.patch(user.path, ["op": "replace", "path": "name", "value": "Ada"]).with(400, scimType: "invalidValue")
        },
        Requirement("7644 §3.5.2.3", .must, "All values that a filter chooses are replaced.") { probe in
            let user = try await probe.user(
                "ada",
                ["addresses": [["type": "work", "locality": "A"], ["type": "home", "locality": "B"], ["type": "work", "locality": "C"]]])
            let value: AttributeValue = ["type": "work", "locality": "Z"]
            let reply = try await probe.patch(user.path, ["op": "replace", "path": #"addresses[type eq "work"]"#, "value": value]).with(200)
            let addresses = try required(reply["addresses"]?.array)
            try expect(!addresses.contains { $0["locality"] == "A" || $0["locality"] == "C" })
            try expect(addresses.contains { $0["locality"] == "Z" } && addresses.contains { $0["locality"] == "B" })
        },
        Requirement("7644 §3.5.2.3", .described, "The named part of all values that a filter chooses is replaced.") { probe in
            let user = try await probe.user(
                "ada",
                [
                    "addresses": [
                        ["type": "work", "locality": "A", "region": "R"], ["type": "home", "locality": "B"],
                        ["type": "work", "locality": "C"],
                    ]
                ])
            let path = AttributeValue.string(#"addresses[type eq "work"].locality"#)
            let reply = try await probe.patch(user.path, ["op": "replace", "path": path, "value": "Z"]).with(200)
            try expect((reply["addresses"]?.array ?? []).compactMap { $0["locality"] } == ["Z", "B", "Z"])
            try expect(reply["addresses[0].region"] == "R")
        },
        Requirement(
            "7644 §3.5.2.3", .must, "A filter that chooses nothing is refused with 400 noTarget.",
            note: "but a filter by `eq` before a part, such as `emails[type eq \"work\"].value`, creates the value, as Entra ID expects"
        ) { probe in
            let user = try await probe.user("ada", ["emails": [["value": "a@x.org", "type": "home"]]])
            for path in [#"emails[type eq "work"]"#, #"emails[value sw "z"].display"#, "addresses[locality pr].region"] {
                let value: AttributeValue = path.hasSuffix("]") ? ["value": "b@x.org"] : "x"
                try await probe.patch(user.path, ["op": "replace", "path": .string(path), "value": value]).with(400, scimType: "noTarget")
            }
        },
    ]
}
