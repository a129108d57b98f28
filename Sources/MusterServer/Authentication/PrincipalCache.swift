import Crypto
import Synchronization

/// Remembers for a moment which tokens were found good, by their digests, so that a read costs no look at the store.
///
/// The moment is short, for a token that is revoked from another process must stop working within a second or so.
final class PrincipalCache: Sendable {
    private struct Entry {
        let principal: Principal
        let expires: ContinuousClock.Instant
    }

    private let entries = Mutex<[SHA256Digest: Entry]>([:])
    private let lifetime: Duration
    private let capacity: Int
    private let now: @Sendable () -> ContinuousClock.Instant

    init(lifetime: Duration, capacity: Int, now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.lifetime = lifetime
        self.capacity = capacity
        self.now = now
    }

    subscript(_ digest: SHA256Digest) -> Principal? {
        guard let entry = entries.withLock({ $0[digest] }), entry.expires > now() else { return nil }
        return entry.principal
    }

    func insert(_ principal: Principal, for digest: SHA256Digest) {
        let now = now()
        let entry = Entry(principal: principal, expires: now + lifetime)
        entries.withLock { entries in
            if entries.count >= capacity { entries = entries.filter { $0.value.expires > now } }
            if entries.count >= capacity { entries.removeAll() }
            entries[digest] = entry
        }
    }
}
