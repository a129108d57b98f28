public import MusterCore
public import SCIM
import Synchronization

/// An application's SCIM endpoint in memory, which behaves as badly as it is told to: what the provisioner is tried against.
///
///     let target = FakeTarget(quirks: [.noPatch, .failsOnce])
///     let answer = try await target.send(OutboundRequest(method: "GET", url: "https://app.example.com/scim/v2/Users"))
///
/// The base URL may be any that ends in `/scim/v2`.
public final class FakeTarget: HTTPTransport {
    /// A way in which real targets differ from the RFC.
    public enum Quirk: String, Sendable, Hashable, CaseIterable {
        /// 501 to every PATCH.
        case noPatch
        /// 405 to every PUT.
        case noPut
        /// 405 to every DELETE.
        case noDelete
        /// 400 to every filter.
        case noFilter
        /// Answers everybody, whatever the filter.
        case ignoresFilters
        /// Answers everybody at once, whatever page is asked for.
        case noPaging
        /// Every third request is answered 429 with `Retry-After: 1`.
        case bursts429
        /// AWS IAM Identity Center's: pages of 50, no replace of members, no remove of members without a value, no PUT of users.
        case awsRules
        /// SCIM 1.1's shape of errors, and 400 where a name is taken.
        case scim11Errors
        /// Each answer takes its time; see ``FakeTarget/init(quirks:sleep:)``.
        case slow
        /// 201 without a body, with a Location.
        case createdWithoutBody
        /// 201 with neither body nor Location.
        case createdWithoutAnything
        /// The first attempt at each write is answered 500; half of them do what they were asked for all the same.
        case failsOnce
        /// 404 to ServiceProviderConfig.
        case noDescription
        /// 401 to everything.
        case unauthorized
    }

    /// A request that came.
    public struct Request: Sendable, Hashable {
        /// The method.
        public var method: String
        /// The path below the base URL, with its query.
        public var path: String
        /// The body; null for none.
        public var body: AttributeValue
        /// The status of the answer.
        public var status: Int

        /// One line: `PATCH /Groups/g1`.
        public var line: String { "\(method) \(path)" }
    }

    /// A group.
    public struct Group: Sendable, Hashable {
        /// The displayName.
        public var name: String
        /// The ids of its members, in the order in which they joined.
        public var members: [String]
    }

    struct State {
        var quirks: Set<Quirk>
        var users: [(id: String, document: AttributeMap)] = []
        var groups: [(id: String, group: Group)] = []
        var requests: [Request] = []
        var creations: [String: Int] = [:]
        var count = 0
        var failed: [String: Int] = [:]
        var lastID = 0
    }

    let state: Mutex<State>
    private let sleep: @Sendable (Duration) async throws -> Void

    /// Creates a target without people and groups.
    /// - Parameter sleep: Waits, where it is slow.
    public init(quirks: Set<Quirk> = [], sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }) {
        state = Mutex(State(quirks: quirks))
        self.sleep = sleep
    }

    // MARK: Setting up and looking

    /// How it behaves from now on.
    public var quirks: Set<Quirk> {
        get { state.withLock { $0.quirks } }
        set { state.withLock { $0.quirks = newValue } }
    }

    /// Adds a group.
    /// - Returns: Its id.
    @discardableResult
    public func addGroup(_ name: String) -> String {
        state.withLock { state in
            let id = "g\(state.nextID())"
            state.groups.append((id, Group(name: name, members: [])))
            return id
        }
    }

    /// Adds a user whom nobody provisioned.
    /// - Returns: Its id.
    @discardableResult
    public func addUser(_ document: AttributeMap) -> String {
        state.withLock { state in
            let id = "u\(state.nextID())"
            state.users.append((id, document))
            return id
        }
    }

    /// Changes a user behind everybody's back; nil takes it away.
    public func setUser(_ id: String, _ document: AttributeMap?) {
        state.withLock { state in
            guard let index = state.users.firstIndex(where: { $0.id == id }) else { return }
            if let document { state.users[index].document = document } else { state.users.remove(at: index) }
        }
    }

    /// Changes the members of a group behind everybody's back.
    public func setMembers(of name: String, _ members: [String]) {
        state.withLock { state in
            guard let index = state.groups.firstIndex(where: { $0.group.name == name }) else { return }
            state.groups[index].group.members = members
        }
    }

    /// All users, in the order in which they were made.
    public var users: [AttributeMap] { state.withLock { $0.users.map(\.document) } }

    /// The id of the user of this name; nil where there is none.
    public func id(of userName: String) -> String? {
        state.withLock { $0.users.first { $0.document["userName"]?.string == userName }?.id }
    }

    /// The user of this name; nil where there is none.
    public func user(_ userName: String) -> AttributeMap? { users.first { $0["userName"]?.string == userName } }

    /// The user names of the members of each group, sorted.
    public var memberships: [String: [String]] {
        state.withLock { state in
            Dictionary(
                state.groups.map { entry in
                    let names = entry.group.members.map { id in
                        state.users.first { $0.id == id }?.document["userName"]?.string ?? id
                    }
                    return (entry.group.name, names.sorted())
                }) { first, _ in first }
        }
    }

    /// All requests, in the order in which they were answered.
    public var requests: [Request] { state.withLock { $0.requests } }

    /// The requests that write, and were answered with 2xx.
    public var writes: [Request] { requests.filter { $0.method != "GET" && 200..<300 ~= $0.status } }

    /// How many accounts were made of each user name.
    public var creations: [String: Int] { state.withLock { $0.creations } }

    /// Forgets the requests, but not what they did.
    public func forgetRequests() { state.withLock { $0.requests = [] } }

    // MARK: Answering

    /// Answers a request.
    public func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        if quirks.contains(.slow) { try await sleep(.milliseconds(50)) }
        guard let start = request.url.range(of: "/scim/v2") else {
            throw TransportError(.connectionFailed, "there is no target at \(request.url)")
        }
        let path = String(request.url[start.upperBound...])
        let body = (try? AttributeValue(json: request.body)) ?? .null
        return state.withLock { state in
            let response = state.answer(to: request.method, path, body)
            state.requests.append(Request(method: request.method, path: path, body: body, status: response.status))
            return response
        }
    }
}

extension String {
    /// The first place of a text.
    fileprivate func range(of text: String) -> Range<String.Index>? {
        var place = startIndex
        while place < endIndex {
            if self[place...].hasPrefix(text) { return place..<index(place, offsetBy: text.count) }
            place = index(after: place)
        }
        return nil
    }
}
