import Logging
import MusterCore
import SCIM
import Synchronization

/// Notes in the store when tokens were used, beside the requests: at most once a minute for each token.
final class TokenUses: Sendable {
    private static let interval = Duration.seconds(60)
    private static let capacity = 4096

    private let store: any Store
    private let now: @Sendable () -> ContinuousClock.Instant
    /// When each token's use was written, or tried to be.
    private let attempts = Mutex(LeastRecentlyUsed<String, ContinuousClock.Instant>(capacity: capacity))

    init(store: any Store, now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.store = store
        self.now = now
    }

    /// Notes that a token is used. Returns at once; what goes wrong is logged.
    func note(_ token: AccessToken, at time: Timestamp, logger: Logger) {
        if let last = token.lastUsed, time < last + Self.interval { return }
        let now = now()
        let isDue = attempts.withLock { attempts in
            if let last = attempts[token.id], now < last + Self.interval { return false }
            attempts[token.id] = now
            return true
        }
        guard isDue else { return }
        let (store, id) = (store, token.id)
        Task {
            do { try await store.write { try $0.noteUse(ofAccessToken: id, at: time) } } catch {
                logger.info("the last use of a token could not be noted", metadata: ["token.id": .string(id), "error": "\(error)"])
            }
        }
    }
}
