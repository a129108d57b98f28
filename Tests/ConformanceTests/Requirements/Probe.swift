import SCIM

/// What a check uses to find something out: a server with an empty store, and short ways to say what SCIM says at length.
struct Probe: Sendable {
    static let user = "urn:ietf:params:scim:schemas:core:2.0:User"
    static let group = "urn:ietf:params:scim:schemas:core:2.0:Group"
    static let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    static let device = "urn:example:params:scim:schemas:core:2.0:Device"
    static let messages = "urn:ietf:params:scim:api:messages:2.0:"

    let server: TestServer

    // MARK: Requests

    func get(_ path: String, headers: [String: String] = [:]) async throws -> Reply {
        try await server.send("GET", path, headers: headers)
    }

    func post(_ path: String, _ body: AttributeValue, headers: [String: String] = [:]) async throws -> Reply {
        try await server.send("POST", path, body, headers: headers)
    }

    func put(_ path: String, _ body: AttributeValue, headers: [String: String] = [:]) async throws -> Reply {
        try await server.send("PUT", path, body, headers: headers)
    }

    func delete(_ path: String, headers: [String: String] = [:]) async throws -> Reply {
        try await server.send("DELETE", path, headers: headers)
    }

    /// Sends a PATCH with these operations.
    func patch(_ path: String, _ operations: AttributeValue..., headers: [String: String] = [:]) async throws -> Reply {
        try await server.send("PATCH", path, Self.patchMessage(operations), headers: headers)
    }

    /// Sends a bulk request with these operations.
    func bulk(_ operations: AttributeValue..., failOnErrors: Int64? = nil) async throws -> Reply {
        var message: AttributeMap = ["schemas": [.string(Self.messages + "BulkRequest")], "Operations": .array(operations)]
        if let failOnErrors { message["failOnErrors"] = .integer(failOnErrors) }
        return try await post("/Bulk", .complex(message))
    }

    /// The userNames, or displayNames, of the resources that a filter finds, in the order of the answer.
    func find(_ filter: String, at path: String = "/Users", _ more: String = "") async throws -> [String] {
        try await get("\(path)?filter=\(TestServer.encodedValue(filter))\(more)").with(200).names
    }

    // MARK: Resources

    /// Creates users with these names and nothing else.
    @discardableResult
    func users(_ names: String...) async throws -> [Created] {
        var created: [Created] = []
        for name in names { created.append(try await user(name)) }
        return created
    }

    /// Creates a user.
    @discardableResult
    func user(_ name: String, _ more: AttributeMap = [:]) async throws -> Created {
        Created(try await post("/Users", Self.userBody(name, more)).with(201), "/Users/")
    }

    /// Creates a group.
    @discardableResult
    func group(_ name: String, members: [Created] = []) async throws -> Created {
        Created(try await post("/Groups", Self.groupBody(name, members: members.map(\.id))).with(201), "/Groups/")
    }

    /// Creates a device, a resource type of the site.
    @discardableResult
    func device(_ serialNumber: String, _ more: AttributeMap = [:]) async throws -> Created {
        Created(try await post("/Devices", Self.deviceBody(serialNumber, more)).with(201), "/Devices/")
    }

    static func userBody(_ name: String, _ more: AttributeMap = [:]) -> AttributeValue {
        let schemas: AttributeValue = more[enterprise] == nil ? [.string(user)] : [.string(user), .string(enterprise)]
        return .complex(
            AttributeMap([.init(name: "schemas", value: schemas), .init(name: "userName", value: .string(name))] + more.members))
    }

    static func groupBody(_ name: String, members: [String] = []) -> AttributeValue {
        var body: AttributeMap = ["schemas": [.string(group)], "displayName": .string(name)]
        if !members.isEmpty { body["members"] = .array(members.map { ["value": .string($0)] }) }
        return .complex(body)
    }

    static func deviceBody(_ serialNumber: String, _ more: AttributeMap = [:]) -> AttributeValue {
        .complex(
            AttributeMap(
                [.init(name: "schemas", value: [.string(device)]), .init(name: "serialNumber", value: .string(serialNumber))] + more.members
            ))
    }

    static func patchMessage(_ operations: [AttributeValue]) -> AttributeValue {
        ["schemas": [.string(messages + "PatchOp")], "Operations": .array(operations)]
    }

    static func searchMessage(_ more: AttributeMap) -> AttributeValue {
        .complex(AttributeMap([.init(name: "schemas", value: [.string(messages + "SearchRequest")])] + more.members))
    }
}

/// A resource that a check created.
struct Created: Sendable {
    let id: String
    /// Below the base URL.
    let path: String
    /// The answer to its creation.
    let reply: Reply

    init(_ reply: Reply, _ collection: String) {
        id = reply["id"]?.string ?? ""
        path = collection + id
        self.reply = reply
    }
}

extension Reply {
    /// The value at a path such as `emails[0].value`; nil when there is none.
    subscript(path: String) -> AttributeValue? { json.flatMap { try? lookup($0, "$." + path) } }

    /// The value of an attribute of an extension.
    subscript(schema: String, attribute: String) -> AttributeValue? { json?[schema]?[attribute] }

    /// This answer, if it has one of these statuses and, of an error, the wanted keyword.
    /// - Throws: ``ScenarioFailure``.
    @discardableResult
    func with(_ statuses: Int..., scimType: String? = nil, line: UInt = #line) throws -> Reply {
        try expect(statuses.contains(status), "wanted \(statuses), got \(summary)", line: line)
        if let scimType { try expect(json?["scimType"]?.string == scimType, "wanted \(scimType), got \(summary)", line: line) }
        return self
    }

    /// The resources of a list.
    var resources: [AttributeValue] { json?["Resources"]?.array ?? [] }

    /// The userNames of a list, or displayNames or serial numbers of what has none.
    var names: [String] {
        resources.compactMap { ($0["userName"] ?? $0["displayName"] ?? $0["serialNumber"])?.string }
    }

    /// The names of what the answer holds, without the case of their letters.
    var attributeNames: Set<String> { Set(json?.complex?.members.map { $0.name.lowercased() } ?? []) }

    /// The operations of a bulk response.
    var operations: [AttributeValue] { json?["Operations"]?.array ?? [] }

    fileprivate var summary: String { "\(status) \(String(decoding: body.prefix(400), as: UTF8.self))" }
}

/// Goes on where something holds.
/// - Throws: ``ScenarioFailure`` that names the line.
func expect(_ holds: Bool, _ what: @autoclosure () -> String = "does not hold", line: UInt = #line) throws {
    guard holds else { throw ScenarioFailure("line \(line): \(what())") }
}

/// Goes on where two values are the same.
/// - Throws: ``ScenarioFailure`` that names the line and both.
func expect<Value: Equatable>(_ got: Value, is wanted: Value, line: UInt = #line) throws {
    try expect(got == wanted, "wanted \(wanted), got \(got)", line: line)
}

/// The value, if there is one.
/// - Throws: ``ScenarioFailure`` that names the line.
func required<Value>(_ value: Value?, line: UInt = #line) throws -> Value {
    guard let value else { throw ScenarioFailure("line \(line): there is nothing") }
    return value
}
