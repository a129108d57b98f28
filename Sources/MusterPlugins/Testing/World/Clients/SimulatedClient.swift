import MusterCore
import SCIM

/// An identity provider as this server meets it: each operation sends what that product sends, in its order and spelling.
///
/// What the products send stands in the scenarios of ConformanceTests with its sources. Where nothing is known, the comment
/// at the place says what was assumed.
protocol SimulatedClient: Sendable {
    /// The name, which is also that of its access token.
    static var name: String { get }
    /// The names of its settings.
    static var settingNames: [String] { get }

    /// - Parameter settings: How the product is set up.
    init(_ settings: AttributeMap) throws(HostCallError)

    mutating func createUser(_ person: Person, over wire: ClientWire) async throws -> AttributeValue
    mutating func updateUser(_ id: String, _ changes: Person, over wire: ClientWire) async throws -> AttributeValue
    mutating func setActive(_ isActive: Bool, _ id: String, over wire: ClientWire) async throws -> AttributeValue
    mutating func deleteUser(_ id: String, over wire: ClientWire) async throws
    /// - Parameter manager: The new manager's id; nil for none any more.
    mutating func setManager(of id: String, to manager: String?, over wire: ClientWire) async throws -> AttributeValue
    mutating func listUsers(over wire: ClientWire) async throws -> AttributeValue
    mutating func createGroup(_ name: String, over wire: ClientWire) async throws -> AttributeValue
    /// - Parameter group: Its id or displayName, as in all that follow.
    mutating func renameGroup(_ group: String, to name: String, over wire: ClientWire) async throws -> AttributeValue
    mutating func addMember(_ id: String, to group: String, over wire: ClientWire) async throws
    mutating func removeMember(_ id: String, from group: String, over wire: ClientWire) async throws
    mutating func deleteGroup(_ group: String, over wire: ClientWire) async throws
}

/// What a spec says about one of its clients.
struct ClientOptions: Sendable, Hashable {
    /// `onelogin`, `okta`, `entra` or `rfc`.
    var name: String
    /// How the product is set up.
    var settings: AttributeMap = [:]

    private static let all: [any SimulatedClient.Type] = [OneLoginClient.self, OktaClient.self, EntraClient.self, RFCClient.self]

    /// The names of all clients.
    static var names: [String] { all.map { $0.name } }

    func make() throws(HostCallError) -> any SimulatedClient {
        guard let type = Self.all.first(where: { $0.name == name }) else {
            throw HostCallError("there is no client '\(name)'; \(NearestName.hint(name, among: Self.names))")
        }
        for member in settings.members where !type.settingNames.contains(member.name) {
            throw HostCallError(
                "the client '\(name)' has no setting '\(member.name)'; \(NearestName.hint(member.name, among: type.settingNames))")
        }
        return try type.init(settings)
    }
}

/// The way from a client to the server.
struct ClientWire: Sendable {
    let exchange: @Sendable (WireRequest) async throws -> OutboundResponse

    init(_ exchange: @escaping @Sendable (WireRequest) async throws -> OutboundResponse) { self.exchange = exchange }

    /// Sends a request.
    /// - Parameter isOptional: Whether 404 counts as an answer, namely nil.
    /// - Returns: The answer's body; nil where there is none.
    /// - Throws: ``WireRefusal``.
    @discardableResult
    func send(_ request: WireRequest, isOptional: Bool = false) async throws -> AttributeValue? {
        let response = try await exchange(request)
        if response.status == 404, isOptional { return nil }
        guard response.status < 400 else { throw WireRefusal(request, response) }
        // Not by `?:`, where nil would be the value null.
        if response.body.isEmpty { return nil }
        return try AttributeValue(json: response.body)
    }

    /// Sends a request whose answer is a page of a list.
    func list(_ request: WireRequest) async throws -> [AttributeValue] {
        try await send(request, isOptional: true)?["Resources"]?.array ?? []
    }

    /// Reads page after page.
    /// - Parameter page: Makes the request for the page that begins with this number.
    func pages(of count: Int, _ page: (_ startIndex: Int) -> WireRequest) async throws -> [AttributeValue] {
        var found: [AttributeValue] = []
        while found.count < 10_000 {
            let next = try await list(page(found.count + 1))
            found += next
            if next.count < count { break }
        }
        return found
    }
}

/// What an identity provider remembers of those it has provisioned.
struct ClientMemory: Sendable {
    /// People by id.
    var people: [String: Person] = [:]
    /// Groups with their names, in the order in which they became known.
    private(set) var groups: [(id: String, name: String)] = []

    /// Notes a group's name.
    mutating func note(group id: String, name: String) {
        if let index = groups.firstIndex(where: { $0.id == id }) { groups[index].name = name } else { groups.append((id, name)) }
    }

    mutating func forget(group id: String) {
        groups.removeAll { $0.id == id }
        for user in people.keys { people[user]?.groups.removeAll { $0 == id } }
    }

    /// The id of a group that is called or identified so; nil when it is not known.
    func group(_ name: String) -> String? { groups.first { $0.id == name || $0.name == name }?.id }
}

extension AttributeValue {
    /// The id that every answer with a resource holds.
    func resourceID() throws(HostCallError) -> String {
        guard let id = self["id"]?.string else { throw HostCallError("the server's answer holds no id: \(jsonText.prefix(200))") }
        return id
    }

    /// The message of a PATCH (RFC 7644 §3.5.2).
    static func patch(_ operations: [AttributeValue]) -> AttributeValue {
        ["schemas": [.string(MessageSchema.patchOp)], "Operations": .array(operations)]
    }
}

extension String {
    /// As the value of a filter: in quotes.
    var filterQuoted: String { AttributeValue.string(self).jsonText }
}
