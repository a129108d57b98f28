package import MusterCore
import SCIM
import Synchronization

/// A world in which plugins change nothing: what they would do is taken down, and what they ask is answered.
///
/// Reads see the real values and the real directory. A value of `muster.kv` that is written goes to a layer above the real
/// ones, where later reads find it. A request is answered as it was on the run's tape, else as ``answers`` says, else with
/// 200 and `{}`. No time passes while a script sleeps. Nothing is sent and nothing is stored.
package final class RecordingWorld: Sendable {
    /// A call, with the run that made it.
    package struct Observation: Sendable {
        /// The plugin.
        package var plugin: String
        /// The hook.
        package var hook: HookName
        /// The request that the run belongs to.
        package var requestID: String
        /// The event, for hooks after the commit.
        package var eventID: String?
        /// What was done.
        package var call: RecordedCall
    }

    private let base: PluginWorld
    private let answers: @Sendable (OutboundRequest) -> OutboundResponse?
    private let observe: @Sendable (Observation) -> Void
    private let layer = Mutex<[LayerKey: Written]>([:])

    /// The answer where nobody knows a better one.
    package static let neutralAnswer = OutboundResponse(
        status: 200, headers: [HTTPHeader("content-type", "application/json")], body: Array("{}".utf8))

    /// - Parameters:
    ///   - base: Where reads go.
    ///   - answers: Answers a request; nil for the neutral answer.
    ///   - observe: Is told of every call at the moment in which it is made.
    package init(
        over base: PluginWorld, answers: @escaping @Sendable (OutboundRequest) -> OutboundResponse? = { _ in nil },
        observe: @escaping @Sendable (Observation) -> Void = { _ in }
    ) {
        self.base = base
        self.answers = answers
        self.observe = observe
    }

    /// What is handed to a host of plugins. Holds the layer of written values as long as it lives.
    package var world: PluginWorld {
        var world = PluginWorld(
            transport: RecordingTransport(world: self), values: { [self] in values($0) }, scim: scim, changes: changes,
            clock: WallClock { [self] in now() }, sleep: { _ in try Task.checkCancellation() }, makeUUID: { [self] in makeUUID() },
            random: { [self] in random($0) })
        (world.mail, world.mailSender) = (RecordingMail(), base.mailSender)
        // Requests are taken down by the transport, which knows what is made up.
        return world.journaling { [self] in tell($0) }
    }

    /// Forgets the values that were written.
    package func reset() { layer.withLock { $0 = [:] } }

    // MARK: Answers

    private func now() -> Timestamp {
        let recorded = CurrentRun.now?.context.tape?.input(.clock)?.integer
        return recorded.map { Timestamp(milliseconds: $0) } ?? base.clock.now()
    }

    private func random(_ count: Int) -> [UInt8] {
        let told = CurrentRun.now?.context.tape?.input(.uuid, "random")?.string.flatMap { Base64URL.decode($0) }
        return told?.count == count ? told ?? [] : base.random(count)
    }

    private func makeUUID() -> String { CurrentRun.now?.context.tape?.input(.uuid)?.string ?? base.makeUUID() }

    private var scim: ScimAccess {
        var access = base.scim
        access.get = { [base] type, id, tenant in
            if let found = CurrentRun.now?.context.tape?.input(.scim, "get \(type)/\(id)") { return found.isUnassigned ? .none : found }
            return try await base.scim.get(type, id, tenant)
        }
        access.find = { [base] type, filter, start, count, tenant in
            let title = ScimAccess.title(type, filter, start, count)
            if let found = CurrentRun.now?.context.tape?.input(.scim, title) { return found }
            return try await base.scim.find(type, filter, start, count, tenant)
        }
        access.write = { [self] change, origin in
            try Task.checkCancellation()
            if let told = CurrentRun.now?.context.tape?.input(.scim, change.title) { return told.isUnassigned ? .none : told }
            switch change.operation {
            case .delete: return nil
            case .patch: return try await base.scim.get(change.type, change.id ?? "", origin.tenant)
            case .create:
                var resource = change.body.complex ?? [:]
                if resource["id"] == nil { resource.append("id", .string(makeUUID())) }
                return .complex(resource)
            }
        }
        return access
    }

    private var changes: ChangeFeed {
        ChangeFeed { [base] tenant, cursor, limit in
            let recorded = CurrentRun.now?.context.tape?.input(.scim, ChangeFeed.title(cursor, limit))
            if let recorded { return ChangeFeed.Page(journaled: recorded) }
            return try await base.changes.read(tenant, cursor, limit)
        }
    }

    /// The answer to a request, which is taken down with it.
    fileprivate func answer(_ request: OutboundRequest) throws -> OutboundResponse {
        guard let run = CurrentRun.now else { return answers(request) ?? Self.neutralAnswer }
        var call = RecordedCall(request, mask: run.mask)
        let recorded = run.context.tape?.answer(to: request, mask: run.mask)
        if let problem = recorded?.problem {
            call.problem = problem
            tell(call)
            throw TransportError(.connectionFailed, problem)
        }
        let known = recorded?.answer?.response ?? answers(request)
        let response = known ?? Self.neutralAnswer
        call.answer = .init(response, mask: run.mask)
        call.isAnswerMadeUp = known == nil
        tell(call)
        return response
    }

    // MARK: Values

    private struct LayerKey: Hashable {
        var plugin: String
        var tenant: Tenant
        var key: String
    }

    /// A written value, or nil where it was removed; its version tells two writers of one moment apart.
    private struct Written {
        var value: PluginValue?
        var version: Int
    }

    private func values(_ plugin: String) -> PluginValues {
        let real = base.values(plugin)
        @Sendable func read(_ key: String, _ tenant: Tenant) async throws -> (bytes: [UInt8]?, version: Int) {
            let run = CurrentRun.now?.context
            let written = layer.withLock { $0[LayerKey(plugin: plugin, tenant: tenant, key: key)] }
            let version = written?.version ?? 0
            // What this run has written itself, what the earlier run was told, what other runs have written, what is there.
            if run?.journal.hasWritten(key) != true, let told = run?.tape?.input(.kv, key) {
                return (told == .null ? nil : told.jsonBytes, version)
            }
            guard let written else { return (try await real.get(key, tenant), version) }
            let isThere = written.value?.expires.map { $0 > base.clock.now() } ?? true
            return (isThere ? written.value?.bytes : nil, version)
        }
        return PluginValues(
            get: { key, tenant in try await read(key, tenant).bytes },
            update: { [self] key, tenant, change in
                let place = LayerKey(plugin: plugin, tenant: tenant, key: key)
                while true {
                    let (old, version) = try await read(key, tenant)
                    let new = try change(old)
                    let isFirst = layer.withLock { layer in
                        guard layer[place]?.version ?? 0 == version else { return false }
                        layer[place] = Written(value: new, version: version + 1)
                        return true
                    }
                    if isFirst { return }
                }
            })
    }

    // MARK: Telling

    /// Takes a call down.
    func tell(_ call: RecordedCall) {
        guard let run = CurrentRun.now else { return }
        let context = run.context
        context.journal.note(call)
        observe(Observation(plugin: run.plugin, hook: context.hook, requestID: context.requestID, eventID: context.eventID, call: call))
    }
}

/// Takes every mail but those that were refused when the run was recorded.
private struct RecordingMail: MailTransport {
    func send(_ mail: OutboundMail) async throws {
        try Task.checkCancellation()
        guard let run = CurrentRun.now, let problem = run.context.tape?.problem(with: mail, mask: run.mask) else { return }
        throw MailError(.temporary, problem)
    }
}

/// Answers without sending anything.
private struct RecordingTransport: HTTPTransport {
    let world: RecordingWorld

    func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        try Task.checkCancellation()
        return try world.answer(request)
    }
}
