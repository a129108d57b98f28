import Crypto
import Synchronization

/// Remembers by their digests which credentials were found good, so that a read costs no look at the store.
///
/// For the store's tokens the moment is short, for one that is revoked from another process must stop working within a
/// second or so. After that moment the entry still tells that the credential was good before: whoever has it is not
/// held up by the failures of others behind the same address.
final class CredentialCache: Sendable {
    /// What is remembered of a credential.
    enum Finding {
        /// It is good.
        case good(Principal)
        /// It was good, and has to be looked at again.
        case stale
        /// It was never seen, or is forgotten.
        case unknown
    }

    private struct Entry {
        let principal: Principal
        let expires: ContinuousClock.Instant
    }

    private let entries: Mutex<LeastRecentlyUsed<SHA256Digest, Entry>>
    private let now: @Sendable () -> ContinuousClock.Instant

    init(capacity: Int, now: @escaping @Sendable () -> ContinuousClock.Instant) {
        entries = Mutex(LeastRecentlyUsed(capacity: capacity))
        self.now = now
    }

    subscript(_ digest: SHA256Digest) -> Finding {
        guard let entry = entries.withLock({ $0[digest] }) else { return .unknown }
        return entry.expires > now() ? .good(entry.principal) : .stale
    }

    func insert(_ principal: Principal, for digest: SHA256Digest, lifetime: Duration) {
        let entry = Entry(principal: principal, expires: now() + lifetime)
        entries.withLock { $0[digest] = entry }
    }

    func remove(_ digest: SHA256Digest) { entries.withLock { $0[digest] = nil } }
}
