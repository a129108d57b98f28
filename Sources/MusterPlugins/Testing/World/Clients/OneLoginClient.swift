import MusterCore
import SCIM

/// OneLogin's SCIM provisioner: a template for everything it says of a person, PUT for each change, and after each change of
/// a person one PATCH for each of their groups.
struct OneLoginClient: SimulatedClient {
    /// Which of OneLogin's connectors is set up.
    enum Template: String, CaseIterable {
        /// SCIM Provisioner with SAML (SCIM v2 Enterprise), as customers write its template.
        case enterprise
        /// SCIM v2 Core: no enterprise extension.
        case core
        /// The default of SCIM v2 Enterprise, with the URNs from before RFC 7643 (goauthentik/authentik#11249).
        case legacy
    }

    static let name = "onelogin"
    static let settingNames = ["template"]
    static let pageSize = 100

    private let template: Template
    private var memory = ClientMemory()

    init(_ settings: AttributeMap) throws(HostCallError) {
        let wanted = settings["template"]?.string ?? Template.enterprise.rawValue
        guard let template = Template(rawValue: wanted) else {
            throw HostCallError(
                "onelogin: there is no template '\(wanted)'; \(NearestName.hint(wanted, among: Template.allCases.map(\.rawValue)))")
        }
        self.template = template
    }

    // MARK: People

    mutating func createUser(_ person: Person, over wire: ClientWire) async throws -> AttributeValue {
        let lookUp = "/Users?filter=" + Self.formEncoded("userName eq \(person.userName.filterQuoted)") + "&"
        let answer: AttributeValue
        if let known = try await wire.list(request("GET", lookUp)).first {
            answer = try await put(try known.resourceID(), person, wire)
        } else {
            answer = try await wire.send(request("POST", "/Users", body(person))) ?? .null
        }
        let id = try answer.resourceID()
        var person = person
        for (index, group) in person.groups.enumerated() { person.groups[index] = try await groupID(named: group, wire) }
        memory.people[id] = person
        try await addToGroups(id, wire)
        return answer
    }

    mutating func updateUser(_ id: String, _ changes: Person, over wire: ClientWire) async throws -> AttributeValue {
        try await update(id, wire) { $0.merge(changes) }
    }

    mutating func setManager(of id: String, to manager: String?, over wire: ClientWire) async throws -> AttributeValue {
        let value: AttributeValue = manager.map { ["value": .string($0)] } ?? .null
        return try await update(id, wire) { $0.merge(Person(attributes: [Person.enterprise: ["manager": value]])) }
    }

    /// Before it deactivates somebody, OneLogin takes them out of each group (linkyard/scim-scala, OneLoginClientSpec). Its
    /// own assignment stays, so that the groups come back with the person.
    mutating func setActive(_ isActive: Bool, _ id: String, over wire: ClientWire) async throws -> AttributeValue {
        if !isActive { try await leaveGroups(id, wire) }
        var person = try await person(id, wire)
        person.attributes["active"] = .boolean(isActive)
        memory.people[id] = person
        let answer = try await put(id, person, wire)
        if isActive { try await addToGroups(id, wire) }
        return answer
    }

    mutating func deleteUser(_ id: String, over wire: ClientWire) async throws {
        try await leaveGroups(id, wire)
        try await wire.send(request("DELETE", "/Users/\(id)"))
        memory.people[id] = nil
    }

    mutating func listUsers(over wire: ClientWire) async throws -> AttributeValue {
        .array(try await wire.pages(of: Self.pageSize) { request("GET", "/Users?count=\(Self.pageSize)&startIndex=\($0)") })
    }

    // MARK: Groups

    mutating func createGroup(_ name: String, over wire: ClientWire) async throws -> AttributeValue {
        try await loadGroups(wire)
        if let id = memory.group(name) { return ["id": .string(id), "displayName": .string(name)] }
        let body: AttributeValue = ["displayName": .string(name), "schemas": [.string(Schema.group.id)]]
        let answer = try await wire.send(request("POST", "/Groups", body)) ?? .null
        memory.note(group: try answer.resourceID(), name: name)
        return answer
    }

    mutating func renameGroup(_ group: String, to name: String, over wire: ClientWire) async throws -> AttributeValue {
        throw HostCallError("OneLogin never renames a group; use world.request or another client")
    }

    mutating func deleteGroup(_ group: String, over wire: ClientWire) async throws {
        throw HostCallError("OneLogin never deletes a group; use world.request or another client")
    }

    /// A rule that newly applies makes OneLogin update the person, which sends all of their groups.
    mutating func addMember(_ id: String, to group: String, over wire: ClientWire) async throws {
        let group = try await groupID(named: group, wire)
        _ = try await update(id, wire) { person in
            if !person.groups.contains(group) { person.groups.append(group) }
        }
    }

    /// What is sent when a rule no longer applies is not documented; taken to be what is sent before a deactivation.
    mutating func removeMember(_ id: String, from group: String, over wire: ClientWire) async throws {
        let group = try await groupID(named: group, wire)
        var person = try await person(id, wire)
        person.groups.removeAll { $0 == group }
        memory.people[id] = person
        try await patch(group, "remove", id, wire)
        _ = try await update(id, wire) { _ in }
    }

    // MARK: What it is made of

    /// Changes a person: PUT, then one PATCH for each of their groups, whether anything changes there or not.
    private mutating func update(_ id: String, _ wire: ClientWire, _ change: (inout Person) -> Void) async throws -> AttributeValue {
        var person = try await person(id, wire)
        change(&person)
        memory.people[id] = person
        let answer = try await put(id, person, wire)
        if person.attributes["active"] != false { try await addToGroups(id, wire) }
        return answer
    }

    private func put(_ id: String, _ person: Person, _ wire: ClientWire) async throws -> AttributeValue {
        try await wire.send(request("PUT", "/Users/\(id)?", body(person))) ?? ["id": .string(id)]
    }

    private func addToGroups(_ id: String, _ wire: ClientWire) async throws {
        for group in memory.people[id]?.groups ?? [] { try await patch(group, "add", id, wire) }
    }

    private func leaveGroups(_ id: String, _ wire: ClientWire) async throws {
        for group in memory.people[id]?.groups ?? [] { try await patch(group, "remove", id, wire) }
    }

    private func patch(_ group: String, _ operation: AttributeValue, _ id: String, _ wire: ClientWire) async throws {
        let operation: AttributeValue = ["value": [["value": .string(id)]], "op": operation, "path": "members"]
        try await wire.send(request("PATCH", "/Groups/\(group)", .patch([operation])))
    }

    /// A person, read from the server where OneLogin has not provisioned them itself.
    private mutating func person(_ id: String, _ wire: ClientWire) async throws -> Person {
        if let known = memory.people[id] { return known }
        let answer = try await wire.send(request("GET", "/Users/\(id)")) ?? .null
        let person = Person(answer: answer)
        memory.people[id] = person
        return person
    }

    /// The id of a group; one that is not there is created.
    private mutating func groupID(named name: String, _ wire: ClientWire) async throws -> String {
        if let id = memory.group(name) { return id }
        return try await createGroup(name, over: wire).resourceID()
    }

    private mutating func loadGroups(_ wire: ClientWire) async throws {
        let groups = try await wire.pages(of: Self.pageSize) { request("GET", "/Groups?count=\(Self.pageSize)&startIndex=\($0)") }
        for group in groups { memory.note(group: try group.resourceID(), name: group["displayName"]?.string ?? "") }
    }

    private func request(_ method: String, _ target: String, _ body: AttributeValue? = nil) -> WireRequest {
        WireRequest(
            client: Self.name, method: method, target: target,
            headers: [HTTPHeader("accept", "application/json"), HTTPHeader("content-type", "application/json")],
            body: body?.jsonBytes ?? [])
    }

    /// The template filled in; what it does not name is not sent.
    private func body(_ person: Person) -> AttributeValue {
        let isLegacy = template == .legacy
        let core = isLegacy ? "urn:scim:schemas:core:2.0" : Schema.user.id
        let more = isLegacy ? "urn:scim:schemas:extension:enterprise:2.0" : Person.enterprise
        var body: AttributeMap = ["schemas": template == .core ? [.string(core)] : [.string(core), .string(more)]]
        let (first, last) = (["userName", "name"], ["active"])
        for name in first { if let value = person.attributes[name] { body.append(name, value) } }
        for member in person.attributes.members where !(first + last).contains(member.name) && !member.name.hasPrefix("urn:") {
            body.append(member.name, member.value)
        }
        for name in last { if let value = person.attributes[name] { body.append(name, value) } }
        if template != .core, var values = person.attributes[Person.enterprise]?.complex {
            if let id = values["manager"]?["value"]?.string, let manager = memory.people[id] {
                values["manager"] = ["value": .string(id), "displayName": .string(manager.label)]
            }
            body.append(more, .complex(values))
        }
        return .complex(body)
    }

    /// As a form encodes it: `+` for a blank (goauthentik/authentik#11249).
    private static func formEncoded(_ text: String) -> String { PercentEncoding.encode(text).replacing("%20", with: "+") }
}
