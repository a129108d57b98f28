import Synchronization

/// The small numbers that stand for resource types, subscribers and indexed attributes in rows.
///
/// Numbers never change, so that what is committed once may be remembered for ever. Of a tenant that was removed
/// attributes may be left here; they are asked for with its number only, which no other tenant gets. Numbers of tenants
/// are not remembered, since another process may remove one and make another of the same name.
final class Names: Sendable {
    /// What has a number.
    enum Key: Hashable {
        case name(String)
        case attribute(tenant: Int64, type: Int64, name: String)
    }

    private struct State {
        var numbers: [Key: Int64] = [:]
        var names: [Int64: String] = [:]
    }

    private let state = Mutex(State())

    /// The number of `key`, when it is known.
    func number(of key: Key) -> Int64? { state.withLock { $0.numbers[key] } }

    /// The text of the name with this number, when it is known.
    func name(_ number: Int64) -> String? { state.withLock { $0.names[number] } }

    /// Remembers what is committed.
    func remember(_ key: Key, _ number: Int64) {
        state.withLock { state in
            state.numbers[key] = number
            if case .name(let text) = key { state.names[number] = text }
        }
    }
}
