import MusterCore
import SCIM

/// Okta: asks before it writes, sends back what it read with its changes, and never deletes a person.
struct OktaClient: SimulatedClient {
    /// Which kind of integration is set up.
    enum Integration: String, CaseIterable {
        /// From Okta's catalogue: PATCH for activity and groups.
        case oin
        /// Made with the App Integration Wizard: PUT for all.
        case aiw
    }

    static let name = "okta"
    static let settingNames = ["integration"]
    static let pageSize = 100

    private let integration: Integration
    private var memory = ClientMemory()
    private var lastExternalID = 0

    init(_ settings: AttributeMap) throws(HostCallError) {
        let wanted = settings["integration"]?.string ?? Integration.oin.rawValue
        guard let integration = Integration(rawValue: wanted) else {
            throw HostCallError("okta: there is no integration '\(wanted)'; known are: oin, aiw")
        }
        self.integration = integration
    }

    // MARK: People

    mutating func createUser(_ person: Person, over wire: ClientWire) async throws -> AttributeValue {
        var person = person
        if person.attributes["externalId"] == nil { person.attributes.append("externalId", .string(nextExternalID())) }
        let lookUp =
            "/Users?filter=" + PercentEncoding.encode("userName eq \(person.userName.filterQuoted)")
            + "&startIndex=1&count=\(Self.pageSize)"
        var answer: AttributeValue
        if let known = try await wire.list(request("GET", lookUp)).first {
            // Somebody who was deactivated before, or is there from elsewhere.
            answer = try await replace(try known.resourceID(), person, wire)
        } else {
            answer = try await wire.send(request("POST", "/Users", Self.body(person))) ?? .null
        }
        let id = try answer.resourceID()
        memory.people[id] = person
        for group in person.groups { try await addMember(id, to: group, over: wire) }
        return answer
    }

    mutating func updateUser(_ id: String, _ changes: Person, over wire: ClientWire) async throws -> AttributeValue {
        memory.people[id]?.merge(changes)
        return try await replace(id, changes, wire)
    }

    mutating func setManager(of id: String, to manager: String?, over wire: ClientWire) async throws -> AttributeValue {
        let value: AttributeValue = manager.map { ["value": .string($0)] } ?? .null
        return try await updateUser(id, Person(attributes: [Person.enterprise: ["manager": value]]), over: wire)
    }

    mutating func setActive(_ isActive: Bool, _ id: String, over wire: ClientWire) async throws -> AttributeValue {
        if integration == .aiw {
            return try await replace(id, Person(attributes: ["active": .boolean(isActive)]), wire)
        }
        let body = AttributeValue.patch([["op": "replace", "value": ["active": .boolean(isActive)]]])
        return try await wire.send(request("PATCH", "/Users/\(id)", body)) ?? ["id": .string(id)]
    }

    mutating func deleteUser(_ id: String, over wire: ClientWire) async throws {
        throw HostCallError("Okta never deletes a person; call deactivate_user, or use world.request or another client")
    }

    mutating func listUsers(over wire: ClientWire) async throws -> AttributeValue {
        .array(try await wire.pages(of: Self.pageSize) { request("GET", "/Users?startIndex=\($0)&count=\(Self.pageSize)") })
    }

    // MARK: Groups

    mutating func createGroup(_ name: String, over wire: ClientWire) async throws -> AttributeValue {
        let body: AttributeValue = ["schemas": [.string(Schema.group.id)], "displayName": .string(name), "members": []]
        let answer = try await wire.send(request("POST", "/Groups", body)) ?? .null
        memory.note(group: try answer.resourceID(), name: name)
        return answer
    }

    mutating func renameGroup(_ group: String, to name: String, over wire: ClientWire) async throws -> AttributeValue {
        let id = try await groupID(group, wire)
        memory.note(group: id, name: name)
        if integration == .aiw { return try await replaceGroup(id, wire) { $0["displayName"] = .string(name) } }
        let body = AttributeValue.patch([["op": "replace", "value": ["id": .string(id), "displayName": .string(name)]]])
        return try await wire.send(request("PATCH", "/Groups/\(id)", body)) ?? ["id": .string(id)]
    }

    mutating func addMember(_ id: String, to group: String, over wire: ClientWire) async throws {
        let group = try await groupID(group, wire)
        let member: AttributeValue = ["value": .string(id), "display": .string(try await userName(id, wire))]
        if integration == .aiw {
            _ = try await replaceGroup(group, wire) { $0["members"] = .array(($0["members"]?.array ?? []) + [member]) }
        } else {
            try await patch(group, ["op": "add", "path": "members", "value": [member]], wire)
        }
    }

    mutating func removeMember(_ id: String, from group: String, over wire: ClientWire) async throws {
        let group = try await groupID(group, wire)
        if integration == .aiw {
            _ = try await replaceGroup(group, wire) { map in
                map["members"] = .array((map["members"]?.array ?? []).filter { $0["value"]?.string != id })
            }
        } else {
            try await patch(group, ["op": "remove", "path": .string("members[value eq \(id.filterQuoted)]")], wire)
        }
    }

    mutating func deleteGroup(_ group: String, over wire: ClientWire) async throws {
        let id = try await groupID(group, wire)
        try await wire.send(request("DELETE", "/Groups/\(id)"))
        memory.forget(group: id)
    }

    // MARK: What it is made of

    /// Reads a person and sends everything back with the changes, whose readOnly attributes a server ignores.
    private func replace(_ id: String, _ changes: Person, _ wire: ClientWire) async throws -> AttributeValue {
        var person = Person(attributes: try await wire.send(request("GET", "/Users/\(id)"))?.complex ?? [:])
        person.merge(changes)
        person.attributes["groups"] = []
        person.attributes["meta"] = ["resourceType": "User"]
        if person.attributes[Person.enterprise] != nil {
            person.attributes["schemas"] = [.string(Schema.user.id), .string(Person.enterprise)]
        }
        return try await wire.send(request("PUT", "/Users/\(id)", .complex(person.attributes))) ?? ["id": .string(id)]
    }

    private func replaceGroup(_ id: String, _ wire: ClientWire, _ change: (inout AttributeMap) -> Void) async throws -> AttributeValue {
        var group = try await wire.send(request("GET", "/Groups/\(id)"))?.complex ?? [:]
        change(&group)
        return try await wire.send(request("PUT", "/Groups/\(id)", .complex(group))) ?? ["id": .string(id)]
    }

    private func patch(_ group: String, _ operation: AttributeValue, _ wire: ClientWire) async throws {
        try await wire.send(request("PATCH", "/Groups/\(group)", .patch([operation])))
    }

    private func userName(_ id: String, _ wire: ClientWire) async throws -> String {
        if let known = memory.people[id] { return known.userName }
        return try await wire.send(request("GET", "/Users/\(id)"))?["userName"]?.string ?? ""
    }

    /// A group that it pushes, or one that it imports first.
    private mutating func groupID(_ name: String, _ wire: ClientWire) async throws -> String {
        if let id = memory.group(name) { return id }
        for group in try await wire.pages(of: Self.pageSize, { request("GET", "/Groups?startIndex=\($0)&count=\(Self.pageSize)") }) {
            memory.note(group: try group.resourceID(), name: group["displayName"]?.string ?? "")
        }
        guard let id = memory.group(name) else { throw HostCallError("there is no group '\(name)'; call create_group first") }
        return id
    }

    private mutating func nextExternalID() -> String {
        lastExternalID += 1
        let digits = String(lastExternalID)
        return "00u" + String(repeating: "0", count: max(0, 17 - digits.count)) + digits
    }

    /// Okta sends a Content-Type with GET too (Okta-SCIM-20-SPEC-Test.json).
    private func request(_ method: String, _ target: String, _ body: AttributeValue? = nil) -> WireRequest {
        WireRequest(
            client: Self.name, method: method, target: target,
            headers: [
                HTTPHeader("user-agent", "Okta SCIM Client 1.0.0"), HTTPHeader("accept", "application/scim+json"),
                HTTPHeader("accept-charset", "utf-8"), HTTPHeader("content-type", "application/scim+json; charset=utf-8"),
            ], body: body?.jsonBytes ?? [])
    }

    private static func body(_ person: Person) -> AttributeValue {
        var schemas: [AttributeValue] = [.string(Schema.user.id)]
        if person.attributes[Person.enterprise] != nil { schemas.append(.string(Person.enterprise)) }
        var body: AttributeMap = ["schemas": .array(schemas)]
        for member in person.attributes.members where member.name != "active" { body.append(member.name, member.value) }
        if body["locale"] == nil { body.append("locale", "en-US") }
        body.append("groups", [])
        body.append("password", "1mz050nq")
        body.append("active", person.attributes["active"] ?? true)
        return .complex(body)
    }
}
