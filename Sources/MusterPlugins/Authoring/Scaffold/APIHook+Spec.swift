import MusterLua

extension APIHook {
    /// Fields of `ctx` with which the hook's example can be tried.
    var sampleInput: LuaValue {
        let samples: LuaObject = [
            "user": ["id": "u1", "userName": "ada", "active": true], "group": ["id": "g1", "displayName": "Sales"],
            "resource": ["id": "d1", "displayName": "Printer"], "resourceType": "Device", "member": ["value": "u1", "type": "User"],
            "manager": ["old": "m1", "new": "m2"], "conflict": ["path": "userName", "value": "ada", "attempt": 1],
            "document": ["userName": "ada"], "target": "clarizen", "action": "create", "remoteId": "42", "error": "the target is full",
        ]
        // A conflict and an answer are about one resource: here a user.
        let others: Set = [.onConflict, .onRead].contains(name) ? ["group", "resource", "resourceType"] : []
        let untold: Set = name == .onProvisioned ? ["error"] : name == .onProvisionFailed ? ["remoteId"] : []
        let fields = Set(context.fields.map(\.name)).subtracting(others).subtracting(untold)
        return .object(LuaObject(samples.members.filter { fields.contains($0.key) }))
    }

    /// The body of a spec that passes with the hook's example.
    var spec: String {
        let input = sampleInput.luaSource
        switch name {
        case .mapUser:
            return """
                local run = test.run("mapUser", \(input))
                expect(run.user.displayName).equals("ada")
                """
        case .mapGroup:
            return """
                local run = test.run("mapGroup", { group = { id = "g1", displayName = "  Sales" } })
                expect(run.group.displayName).equals("Sales")
                """
        case .checkUser:
            return """
                expect(test.run("checkUser", \(input)).outcome).equals("done")
                local run = test.run("checkUser", { user = { id = "u1", userName = ("a"):rep(65) } })
                expect(run.outcome).equals("reject")
                expect(run.scimType).equals("invalidValue")
                """
        case .checkGroup:
            return """
                expect(test.run("checkGroup", \(input)).outcome).equals("done")
                expect(test.run("checkGroup", { group = { id = "g1", displayName = "everyone" } }).status).equals(403)
                """
        case .mapResource:
            return """
                local run = test.run("mapResource", { resource = { id = "d1" }, resourceType = "Device" })
                expect(run.resource.displayName).equals("Device without a name")
                """
        case .checkResource:
            return """
                expect(test.run("checkResource", \(input)).outcome).equals("done")
                local run = test.run("checkResource", { operation = "delete", resource = { id = "d1" }, resourceType = "Device" })
                expect(run.status).equals(403)
                """
        case .onConflict:
            return """
                local run = test.run("onConflict", \(input))
                expect(run.user.userName).equals("ada2")
                """
        case .onRequest:
            return """
                local run = test.run("onRequest", { request = { path = "/users", json = { login = "ada" } } })
                expect(run.request.path).equals("/Users")
                expect(run.request.json).equals({ userName = "ada" })
                """
        case .onRead:
            return """
                local ada = { id = "u1", userName = "ada", phoneNumbers = { { value = "1" } } }
                expect(test.run("onRead", { user = ada }).user.phoneNumbers).is_nil()
                expect(test.run("onRead", { user = ada, request = { client = "hr" } }).user).equals(ada)
                """
        case .mapOutbound:
            return """
                expect(test.run("mapOutbound", \(input)).document.displayName).equals("ada")
                local run = test.run("mapOutbound", { user = { userType = "Contractor" }, document = {}, target = "clarizen" })
                expect(run.outcome).equals("skip")
                """
        default:
            let logs = example.contains("log.info") ? "\nexpect(#test.logs.info).equals(1)" : ""
            return "local run = test.run(\"\(name.rawValue)\", \(input))\nexpect(run.outcome).equals(\"done\")" + logs
        }
    }
}
