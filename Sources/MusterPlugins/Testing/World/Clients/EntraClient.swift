import MusterCore
import SCIM

/// Microsoft Entra ID: one operation for each attribute, with capitals and paths; references in requests of their own.
struct EntraClient: SimulatedClient {
    static let name = "entra"
    static let settingNames = ["aadOptscim062020"]

    /// Whether the flag is set that makes Entra send what RFC 7644 says.
    private let isCompliant: Bool
    private var memory = ClientMemory()
    private var lastExternalID = 0

    init(_ settings: AttributeMap) throws(HostCallError) { isCompliant = settings["aadOptscim062020"] == true }

    // MARK: People

    mutating func createUser(_ person: Person, over wire: ClientWire) async throws -> AttributeValue {
        var person = person
        if person.attributes["externalId"] == nil { person.attributes.append("externalId", .string(nextExternalID())) }
        let manager = person.extensionValue("manager")?["value"]?.string
        var answer: AttributeValue
        if let known = try await find("userName", person.userName, in: "/Users", wire) {
            let id = try known.resourceID()
            memory.people[id] = Person(answer: known)
            var changes = person
            changes.merge(Person(attributes: [Person.enterprise: ["manager": .null]]))
            answer = try await updateUser(id, changes, over: wire)
        } else {
            answer = try await wire.send(request("POST", "/Users", Self.body(person))) ?? .null
        }
        let id = try answer.resourceID()
        person.merge(Person(attributes: [Person.enterprise: ["manager": .null]]))
        memory.people[id] = person
        if let manager { answer = try await setManager(of: id, to: manager, over: wire) }
        for group in person.groups { try await addMember(id, to: group, over: wire) }
        return answer
    }

    mutating func updateUser(_ id: String, _ changes: Person, over wire: ClientWire) async throws -> AttributeValue {
        let known = try await person(id, wire)
        let edits = EntraEdit.edits(from: known, changes)
        memory.people[id]?.merge(changes)
        guard !edits.isEmpty else { return ["id": .string(id)] }
        return try await patch("/Users/\(id)", isCompliant ? EntraEdit.compliant(edits) : edits.map(\.operation), wire)
    }

    /// A reference is sent by itself, after both people are there.
    mutating func setManager(of id: String, to manager: String?, over wire: ClientWire) async throws -> AttributeValue {
        let path = AttributeValue.string(Person.enterprise + ":manager")
        let had = try await person(id, wire).extensionValue("manager") != nil
        let operation: AttributeValue
        if isCompliant {
            operation =
                manager.map { ["op": had ? "replace" : "add", "path": path, "value": ["value": .string($0)]] } ?? [
                    "op": "remove", "path": path,
                ]
        } else {
            operation = ["op": had || manager == nil ? "Replace" : "Add", "path": path, "value": .string(manager ?? "")]
        }
        let answer = try await patch("/Users/\(id)", [operation], wire)
        let value: AttributeValue = manager.map { ["value": .string($0)] } ?? .null
        memory.people[id]?.merge(Person(attributes: [Person.enterprise: ["manager": value]]))
        return answer
    }

    mutating func setActive(_ isActive: Bool, _ id: String, over wire: ClientWire) async throws -> AttributeValue {
        memory.people[id]?.attributes["active"] = .boolean(isActive)
        let operation: AttributeValue =
            isCompliant
            ? ["op": "replace", "path": "active", "value": .boolean(isActive)]
            : ["op": "Replace", "path": "active", "value": isActive ? "True" : "False"]
        return try await patch("/Users/\(id)", [operation], wire)
    }

    /// First disables; the DELETE comes 30 days later in the real one, here at once.
    mutating func deleteUser(_ id: String, over wire: ClientWire) async throws {
        if try await person(id, wire).attributes["active"] != false { _ = try await setActive(false, id, over: wire) }
        try await wire.send(request("DELETE", "/Users/\(id)"))
        memory.people[id] = nil
    }

    mutating func listUsers(over wire: ClientWire) async throws -> AttributeValue {
        throw HostCallError("Entra ID never lists people, it looks each of them up; use world.users, or another client")
    }

    // MARK: Groups

    mutating func createGroup(_ name: String, over wire: ClientWire) async throws -> AttributeValue {
        if let known = try await find("displayName", name, in: "/Groups", wire) {
            memory.note(group: try known.resourceID(), name: name)
            return known
        }
        let body: AttributeValue = [
            "schemas": [.string(Schema.group.id), "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
            "externalId": .string(nextExternalID()), "displayName": .string(name), "meta": ["resourceType": "Group"],
        ]
        let answer = try await wire.send(request("POST", "/Groups", body)) ?? .null
        memory.note(group: try answer.resourceID(), name: name)
        return answer
    }

    mutating func renameGroup(_ group: String, to name: String, over wire: ClientWire) async throws -> AttributeValue {
        let id = try await groupID(group, wire)
        memory.note(group: id, name: name)
        return try await patch(
            "/Groups/\(id)", [["op": isCompliant ? "replace" : "Replace", "path": "displayName", "value": .string(name)]], wire)
    }

    mutating func addMember(_ id: String, to group: String, over wire: ClientWire) async throws {
        let member: AttributeValue = isCompliant ? ["value": .string(id)] : ["$ref": .null, "value": .string(id)]
        let operation: AttributeValue = ["op": isCompliant ? "add" : "Add", "path": "members", "value": [member]]
        _ = try await patch("/Groups/\(try await groupID(group, wire))", [operation], wire)
    }

    mutating func removeMember(_ id: String, from group: String, over wire: ClientWire) async throws {
        let operation: AttributeValue =
            isCompliant
            ? ["op": "remove", "path": .string("members[value eq \(id.filterQuoted)]")]
            : ["op": "Remove", "path": "members", "value": [["$ref": .null, "value": .string(id)]]]
        _ = try await patch("/Groups/\(try await groupID(group, wire))", [operation], wire)
    }

    mutating func deleteGroup(_ group: String, over wire: ClientWire) async throws {
        let id = try await groupID(group, wire)
        try await wire.send(request("DELETE", "/Groups/\(id)"))
        memory.forget(group: id)
    }

    // MARK: What it is made of

    /// Looks one resource up; members of groups are never wanted.
    private func find(_ attribute: String, _ value: String, in collection: String, _ wire: ClientWire) async throws -> AttributeValue? {
        let filter = "filter=" + PercentEncoding.encode("\(attribute) eq \(value.filterQuoted)")
        let query = collection == "/Groups" ? "excludedAttributes=members&" + filter : filter
        return try await wire.list(request("GET", collection + "?" + query)).first
    }

    private func patch(_ target: String, _ operations: [AttributeValue], _ wire: ClientWire) async throws -> AttributeValue {
        let id = target.split(separator: "/").last.map(String.init) ?? ""
        return try await wire.send(request("PATCH", target, .patch(operations))) ?? ["id": .string(id)]
    }

    private mutating func person(_ id: String, _ wire: ClientWire) async throws -> Person {
        if let known = memory.people[id] { return known }
        let person = Person(answer: try await wire.send(request("GET", "/Users/\(id)")) ?? .null)
        memory.people[id] = person
        return person
    }

    private mutating func groupID(_ name: String, _ wire: ClientWire) async throws -> String {
        if let id = memory.group(name) { return id }
        if let known = try await find("displayName", name, in: "/Groups", wire) {
            let id = try known.resourceID()
            memory.note(group: id, name: name)
            return id
        }
        guard
            let known = try await wire.send(
                request("GET", "/Groups/\(PercentEncoding.encode(name))?excludedAttributes=members"), isOptional: true)
        else {
            throw HostCallError("there is no group '\(name)'; call create_group first")
        }
        memory.note(group: name, name: known["displayName"]?.string ?? "")
        return name
    }

    private mutating func nextExternalID() -> String {
        lastExternalID += 1
        return SequentialUUID.text(lastExternalID, group: "a")
    }

    private func request(_ method: String, _ target: String, _ body: AttributeValue? = nil) -> WireRequest {
        let flag = isCompliant && body == nil && method == "GET" ? (target.contains("?") ? "&" : "?") + "aadOptscim062020" : ""
        return WireRequest(
            client: Self.name, method: method, target: target + flag,
            headers: [HTTPHeader("content-type", "application/scim+json; charset=utf-8")], body: body?.jsonBytes ?? [])
    }

    /// The documented body (use-scim-to-provision-users-and-groups).
    private static func body(_ person: Person) -> AttributeValue {
        var body: AttributeMap = ["schemas": [.string(Schema.user.id), .string(Person.enterprise)]]
        for name in ["externalId", "userName", "active"] { if let value = person.attributes[name] { body.append(name, value) } }
        for member in person.attributes.members where body[member.name] == nil && member.name != Person.enterprise {
            body.append(member.name, member.value)
        }
        body.append("meta", ["resourceType": "User"])
        if body["roles"] == nil { body.append("roles", []) }
        if var values = person.attributes[Person.enterprise]?.complex {
            values["manager"] = nil
            if !values.isEmpty { body.append(Person.enterprise, .complex(values)) }
        }
        return .complex(body)
    }
}
