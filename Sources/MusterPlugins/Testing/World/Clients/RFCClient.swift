import MusterCore
import SCIM

/// A client without habits of its own: RFC 7644 to the letter, each change by PATCH.
struct RFCClient: SimulatedClient {
    static let name = "rfc"
    static let settingNames: [String] = []
    static let pageSize = 100

    private var memory = ClientMemory()

    init(_ settings: AttributeMap) throws(HostCallError) {}

    mutating func createUser(_ person: Person, over wire: ClientWire) async throws -> AttributeValue {
        var schemas: [AttributeValue] = [.string(Schema.user.id)]
        if person.attributes[Person.enterprise] != nil { schemas.append(.string(Person.enterprise)) }
        let body = AttributeMap([.init(name: "schemas", value: .array(schemas))] + person.attributes.members)
        let answer = try await wire.send(request("POST", "/Users", .complex(body))) ?? .null
        let id = try answer.resourceID()
        for group in person.groups { try await addMember(id, to: group, over: wire) }
        return answer
    }

    mutating func updateUser(_ id: String, _ changes: Person, over wire: ClientWire) async throws -> AttributeValue {
        try await patch("/Users/\(id)", changes.attributes.members.flatMap { Self.operations($0) }, wire)
    }

    mutating func setManager(of id: String, to manager: String?, over wire: ClientWire) async throws -> AttributeValue {
        let value: AttributeValue = manager.map { ["value": .string($0)] } ?? .null
        return try await updateUser(id, Person(attributes: [Person.enterprise: ["manager": value]]), over: wire)
    }

    mutating func setActive(_ isActive: Bool, _ id: String, over wire: ClientWire) async throws -> AttributeValue {
        try await patch("/Users/\(id)", [["op": "replace", "path": "active", "value": .boolean(isActive)]], wire)
    }

    mutating func deleteUser(_ id: String, over wire: ClientWire) async throws {
        try await wire.send(request("DELETE", "/Users/\(id)"))
    }

    mutating func listUsers(over wire: ClientWire) async throws -> AttributeValue {
        .array(try await wire.pages(of: Self.pageSize) { request("GET", "/Users?startIndex=\($0)&count=\(Self.pageSize)") })
    }

    mutating func createGroup(_ name: String, over wire: ClientWire) async throws -> AttributeValue {
        let body: AttributeValue = ["schemas": [.string(Schema.group.id)], "displayName": .string(name)]
        let answer = try await wire.send(request("POST", "/Groups", body)) ?? .null
        memory.note(group: try answer.resourceID(), name: name)
        return answer
    }

    mutating func renameGroup(_ group: String, to name: String, over wire: ClientWire) async throws -> AttributeValue {
        let id = try await groupID(group, wire)
        memory.note(group: id, name: name)
        return try await patch("/Groups/\(id)", [["op": "replace", "path": "displayName", "value": .string(name)]], wire)
    }

    mutating func addMember(_ id: String, to group: String, over wire: ClientWire) async throws {
        let operation: AttributeValue = ["op": "add", "path": "members", "value": [["value": .string(id)]]]
        _ = try await patch("/Groups/\(try await groupID(group, wire))", [operation], wire)
    }

    mutating func removeMember(_ id: String, from group: String, over wire: ClientWire) async throws {
        let operation: AttributeValue = ["op": "remove", "path": .string("members[value eq \(id.filterQuoted)]")]
        _ = try await patch("/Groups/\(try await groupID(group, wire))", [operation], wire)
    }

    mutating func deleteGroup(_ group: String, over wire: ClientWire) async throws {
        let id = try await groupID(group, wire)
        try await wire.send(request("DELETE", "/Groups/\(id)"))
        memory.forget(group: id)
    }

    private func patch(_ target: String, _ operations: [AttributeValue], _ wire: ClientWire) async throws -> AttributeValue {
        let id = target.split(separator: "/").last.map(String.init) ?? ""
        return try await wire.send(request("PATCH", target, .patch(operations))) ?? ["id": .string(id)]
    }

    private mutating func groupID(_ name: String, _ wire: ClientWire) async throws -> String {
        if let id = memory.group(name) { return id }
        let found = try await wire.list(request("GET", "/Groups?filter=" + PercentEncoding.encode("displayName eq \(name.filterQuoted)")))
            .first
        if let found { return try found.resourceID() }
        guard try await wire.send(request("GET", "/Groups/\(PercentEncoding.encode(name))"), isOptional: true) != nil else {
            throw HostCallError("there is no group '\(name)'; call create_group first")
        }
        return name
    }

    private func request(_ method: String, _ target: String, _ body: AttributeValue? = nil) -> WireRequest {
        var headers = [HTTPHeader("accept", "application/scim+json")]
        if body != nil { headers.append(HTTPHeader("content-type", "application/scim+json")) }
        return WireRequest(client: Self.name, method: method, target: target, headers: headers, body: body?.jsonBytes ?? [])
    }

    /// One operation for each attribute; name and extension attribute by attribute.
    private static func operations(_ member: AttributeMap.Member) -> [AttributeValue] {
        guard let map = member.value.complex else { return [operation(member.name, member.value)] }
        return map.members.map { operation(member.name + (member.name.hasPrefix("urn:") ? ":" : ".") + $0.name, $0.value) }
    }

    private static func operation(_ path: String, _ value: AttributeValue) -> AttributeValue {
        value.isUnassigned
            ? ["op": "remove", "path": .string(path)] : ["op": "replace", "path": .string(path), "value": value]
    }
}
