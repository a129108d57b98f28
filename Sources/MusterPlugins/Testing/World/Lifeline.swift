import MusterCore
import SCIM
import Synchronization

/// Whether the process of an engine still lives. Once it is cut, nothing of the engine reaches the store or the world any
/// more, as if it had been killed.
final class Lifeline: Sendable {
    private struct State {
        var isCut = false
        var callsLeft: Int?
    }
    private let state = Mutex(State())

    var isCut: Bool { state.withLock { $0.isCut } }

    /// Kills the process.
    func cut() { state.withLock { $0.isCut = true } }

    /// Kills the process when the `count`th call over HTTP from now has reached its receiver, before the answer is heard.
    func cut(afterCalls count: Int) { state.withLock { $0.callsLeft = count } }

    func check() throws {
        if isCut { throw StoreError(.unavailable, "the process was killed") }
    }

    /// Notes that a call reached its receiver.
    fileprivate func countCall() {
        state.withLock { state in
            guard let left = state.callsLeft else { return }
            state.callsLeft = left - 1
            if left <= 1 { state.isCut = true }
        }
    }

    /// The same store as this process sees it.
    func store(_ store: any Store) -> any Store { MortalStore(store: store, lifeline: self) }

    /// The same world as this process sees it.
    func world(_ world: PluginWorld) -> PluginWorld {
        var mortal = world
        let values = world.values
        mortal.transport = MortalTransport(transport: world.transport, lifeline: self)
        mortal.mail = MortalMail(mail: world.mail, lifeline: self)
        mortal.values = { [self] plugin in
            let values = values(plugin)
            return PluginValues(
                get: { key, tenant in
                    try self.check()
                    return try await values.get(key, tenant)
                },
                update: { key, tenant, change in
                    try self.check()
                    try await values.update(key, tenant, change)
                })
        }
        return mortal
    }
}

private struct MortalStore: Store {
    let store: any Store
    let lifeline: Lifeline

    func read<T: Sendable>(_ extent: ReadExtent, _ body: @escaping @Sendable (any ReadTransaction) throws -> T) async throws -> T {
        try lifeline.check()
        return try await store.read(extent, body)
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (any WriteTransaction) throws -> T) async throws -> T {
        let lifeline = lifeline
        return try await store.write { transaction in
            try lifeline.check()
            return try body(transaction)
        }
    }
}

private struct MortalTransport: HTTPTransport {
    let transport: any HTTPTransport
    let lifeline: Lifeline

    func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        func killed() -> TransportError { TransportError(.cancelled, "the process was killed") }
        guard !lifeline.isCut else { throw killed() }
        let response = try await transport.send(request)
        lifeline.countCall()
        guard !lifeline.isCut else { throw killed() }
        return response
    }
}

private struct MortalMail: MailTransport {
    let mail: any MailTransport
    let lifeline: Lifeline

    func send(_ message: OutboundMail) async throws {
        func check() throws { if lifeline.isCut { throw MailError(.cancelled, "the process was killed") } }
        try check()
        try await mail.send(message)
        try check()
    }
}
