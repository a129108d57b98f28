public import MusterCore
public import SCIM
import Synchronization

/// An application that speaks SCIM, kept in memory: a way out that leads nowhere, for tests of what provisions.
///
/// It has users and groups with real semantics, records all that it was asked, and its ``Switches`` make it behave as badly as real
/// targets do. Ids are counted: `u1`, `u2`, `g1`.
public final class FakeTarget: HTTPTransport {
    struct State {
        var switches: Switches
        var users: [AttributeMap] = []
        var groups: [AttributeMap] = []
        var made = 0
        var requests: [OutboundRequest] = []
        var creations: [String: Int] = [:]
        var failed: Set<String> = []
        var sinceThrottled = 0
    }

    let state: Mutex<State>
    private let sleep: @Sendable (Duration) async throws -> Void

    /// Creates an empty target.
    /// - Parameter sleep: Waits for ``Switches/delay``.
    public init(
        switches: Switches = Switches(), sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        state = Mutex(State(switches: switches))
        self.sleep = sleep
    }

    /// What it does badly; may be changed at any time.
    public var switches: Switches {
        get { state.withLock { $0.switches } }
        set { state.withLock { $0.switches = newValue } }
    }

    /// All users, in the order in which they were made.
    public var users: [AttributeValue] { state.withLock { $0.users.map { .complex($0) } } }

    /// All groups with their members, in the order in which they were made.
    public var groups: [AttributeValue] { state.withLock { $0.groups.map { .complex($0) } } }

    /// All requests, in the order in which they came.
    public var requests: [OutboundRequest] { state.withLock { $0.requests } }

    /// Those of ``requests`` that are no GET.
    public var writes: [OutboundRequest] { requests.filter { $0.method != "GET" } }

    /// How many accounts were made for each userName: more than one is a fault of who provisions.
    public var createCounts: [String: Int] { state.withLock { $0.creations } }

    /// The user of a userName, in any case; nil where there is none.
    public func user(named name: String) -> AttributeValue? {
        users.first { $0["userName"]?.string?.caseFolded == name.caseFolded }
    }

    /// The ids of the members of a group, in their order; none where there is no such group.
    public func members(of group: String) -> [String] {
        groups.first { $0["displayName"]?.string == group }?["members"]?.array?.compactMap { $0["value"]?.string } ?? []
    }

    /// Makes a user that was there before.
    /// - Returns: The id.
    @discardableResult
    public func addUser(_ document: AttributeValue) -> String {
        state.withLock { $0.add(document.complex ?? [:], toUsers: true)["id"]?.string ?? "" }
    }

    /// Makes a group that was there before.
    /// - Returns: The id.
    @discardableResult
    public func addGroup(_ name: String, members: [String] = []) -> String {
        let list = members.map { ["value": .string($0)] as AttributeValue }
        return state.withLock {
            $0.add(["displayName": .string(name), "members": .array(list)], toUsers: false)["id"]?.string ?? ""
        }
    }

    /// Changes attributes of a user behind everybody's back; nil takes the user away.
    public func set(_ userName: String, to attributes: AttributeMap?) {
        state.withLock { state in
            guard let index = state.users.firstIndex(where: { $0["userName"]?.string == userName }) else { return }
            guard let attributes else { state.users.remove(at: index); return }
            for member in attributes.members { state.users[index][member.name] = member.value }
        }
    }

    /// Changes the members of a group behind everybody's back.
    public func setMembers(of group: String, to ids: [String]) {
        state.withLock { state in
            guard let index = state.groups.firstIndex(where: { $0["displayName"]?.string == group }) else { return }
            state.groups[index]["members"] = .array(ids.map { ["value": .string($0)] })
        }
    }

    /// Forgets the requests, but not what they did.
    public func forgetRequests() { state.withLock { $0.requests = [] } }

    /// Answers a request after ``Switches/delay``.
    /// - Throws: ``TransportError`` where an answer gets lost; what `sleep` throws.
    public func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        if let delay = switches.delay { try await sleep(delay) }
        let answer = answer(request)
        let isLost = state.withLock { state -> Bool in
            guard state.switches.losesAnswersOnce, request.method != "GET" else { return false }
            return state.failed.insert("lost \(request.key)").inserted
        }
        if isLost { throw TransportError(.timeout, "the answer got lost") }
        return answer
    }

    /// Answers a request at once, as one who serves it over HTTP does.
    public func answer(_ request: OutboundRequest) -> OutboundResponse {
        state.withLock { state in
            state.requests.append(request)
            return state.answer(request)
        }
    }
}

extension OutboundRequest {
    /// What tells it from other requests.
    var key: String { "\(method) \(url) \(String(decoding: body, as: UTF8.self))" }
}
