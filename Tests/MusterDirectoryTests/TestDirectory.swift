import Foundation
import MusterCore
import MusterDirectory
import MusterSQLite
import SCIM
import Testing

/// A directory on a store of its own, with one subscriber who hears of everything.
struct TestDirectory: Sendable {
    let directory: Directory
    let store: SQLiteStore

    static let context = RequestOrigin(id: "request-1", client: "onelogin")
    static let options = AnswerOptions(baseURL: "https://scim.example.com/scim/v2", origin: context)

    init(
        interceptors: [ChangeInterceptor] = [], answerInterceptors: [AnswerInterceptor] = [], settings: DirectorySettings = .init(),
        indexed: [String: [String]] = ["User": ["userName", "externalId", "emails.value"], "Group": ["displayName"]],
        registry: SchemaRegistry = .standard, store: SQLiteStore? = nil, clock: WallClock = .system,
        hashSecret: (@Sendable (String) async throws -> [UInt8])? = nil
    ) throws {
        self.store = try store ?? SQLiteStore.inMemory()
        directory = Directory(
            store: self.store, registry: registry, index: try AttributeIndex(names: indexed, registry: registry),
            settings: settings, interceptors: interceptors, answerInterceptors: answerInterceptors,
            subscribers: { _, _ in { _ in ["test"] } },
            hashSecret: hashSecret, clock: clock,
            makeID: { UUID().uuidString.lowercased() })
    }

    func create(_ type: ResourceType = .user, _ body: AttributeValue) async throws -> AttributeValue {
        try await json(directory.create(type, body, Self.context, Self.options))
    }

    /// Creates a user and returns the id.
    func user(_ userName: String, _ more: AttributeMap = [:]) async throws -> String {
        var body: AttributeMap = ["userName": .string(userName)]
        for member in more.members { body.append(member.name, member.value) }
        return try #require(await create(.user, .complex(body))["id"]?.string)
    }

    /// Creates a group and returns the id.
    func group(_ displayName: String, members: [String] = []) async throws -> String {
        let body: AttributeValue = ["displayName": .string(displayName), "members": .array(members.map { ["value": .string($0)] })]
        return try #require(await create(.group, body)["id"]?.string)
    }

    @discardableResult
    func patch(_ type: ResourceType, _ id: String, _ operations: AttributeValue...) async throws -> AttributeValue {
        try await json(directory.patch(type, id: id, Self.message(operations), Self.context, Self.options))
    }

    func get(_ type: ResourceType, _ id: String) async throws -> AttributeValue {
        try await json(directory.get(type, id: id, in: .default, Self.options))
    }

    func members(_ group: String) async throws -> [String] {
        try await get(.group, group)["members"]?.array?.compactMap { $0["value"]?.string } ?? []
    }

    func search(_ type: ResourceType, _ filter: String?, startIndex: Int = 1, count: Int? = nil) async throws -> AttributeValue {
        let request = SearchRequest(filter: try filter.map { try Filter(parsing: $0) }, startIndex: startIndex, count: count)
        return try await search([type], request)
    }

    func search(_ types: [ResourceType], _ request: SearchRequest) async throws -> AttributeValue {
        try await AttributeValue(
            json: directory.search(types, request, in: .default, baseURL: Self.options.baseURL, origin: Self.context).message)
    }

    /// The search that these query parameters ask for.
    func search(_ types: [ResourceType], _ parameters: (name: String, value: String)...) async throws -> AttributeValue {
        try await search(types, try SearchRequest(parameters: parameters))
    }

    /// The events so far, oldest first.
    func events() async throws -> [LifecycleEvent] {
        try await store.read(.scan) { try $0.deliveries(DeliveryQuery(limit: 10_000)) }.reversed().map(\.event)
    }

    static func message(_ operations: [AttributeValue]) -> AttributeValue {
        ["schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": .array(operations)]
    }

    private func json(_ answer: ResourceAnswer) throws -> AttributeValue {
        guard let body = answer.body else { return .null }
        return try AttributeValue(json: body)
    }
}
