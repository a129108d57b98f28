package import MusterCore
import MusterDirectory
import SCIM
import ServiceLifecycle
import Synchronization

/// Answers polls for security events (RFC 9967, RFC 8936) from the changes that the store keeps. Nothing is kept about
/// readers.
package final class EventFeed: Sendable {
    /// Where the store keeps the key that the server made. A colon in the name would have it go with the tenant whose name
    /// follows.
    private static let keySetting = "events-key"

    let settings: EventSettings
    private let broadcast = EventBroadcast()
    private let key: Mutex<EventSigningKey?>
    private let waiting = Mutex<[String: Int]>([:])

    package init(settings: EventSettings = .init()) {
        self.settings = settings
        key = Mutex(settings.signingKey)
    }

    /// Has waiting polls look again; called after a commit.
    package func didCommit() { broadcast.notify() }

    /// The signing key: as configured, or else that of the store, which the first who asks makes.
    package func signingKey(in store: any Store) async throws -> EventSigningKey {
        if let key = key.withLock({ $0 }) { return key }
        let made = EventSigningKey()
        let kept = try await store.read { try $0.setting(Self.keySetting) }
        let pem: String
        if let kept {
            pem = kept
        } else {
            pem = try await store.write { transaction in
                // Another process may have been faster.
                if let other = try transaction.setting(Self.keySetting) { return other }
                try transaction.setSetting(Self.keySetting, made.pem)
                return made.pem
            }
        }
        guard let found = try? EventSigningKey(pem: pem) else {
            throw StoreError(.unavailable, "the key of security events in the store is damaged; remove the setting \(Self.keySetting)")
        }
        key.withLock { $0 = found }
        return found
    }

    // MARK: Polling

    /// Who polls, and what it may see.
    struct Reader: Sendable {
        /// Whose events.
        let tenant: Tenant
        /// Tells one client from another.
        let client: String
        /// The base URL as the reader sees it: the issuer.
        let baseURL: String
        /// Whether it may read resources of a type.
        let mayRead: @Sendable (String) -> Bool
    }

    /// The answer to a poll: `sets`, `moreAvailable`, and of ours `order`, the ids of the tokens in the order of the changes,
    /// and `cursor`.
    /// - Throws: `SCIMError` for a cursor that is no good; 429 when too many polls wait.
    func answer(to poll: EventPoll, of directory: Directory, for reader: Reader) async throws -> AttributeValue {
        var seen = broadcast.notices
        let cursor =
            switch poll.start {
            case .oldest: try await directory.eventCursor(in: reader.tenant, isAtEnd: false)
            case .now: try await directory.eventCursor(in: reader.tenant, isAtEnd: true)
            case .cursor(let text): try await directory.eventCursor(text, in: reader.tenant)
            }
        func page(after cursor: EventCursor) async throws -> SecurityEventPage {
            try await directory.securityEvents(
                after: cursor, limit: poll.count, mode: settings.mode, maximumBytes: settings.maximumAnswerBytes,
                isReadable: reader.mayRead)
        }
        var found = try await page(after: cursor)
        if found.isVoid, !poll.returnsImmediately, poll.count > 0 {
            try enter(reader.client)
            defer { leave(reader.client) }
            let end = ContinuousClock.now + settings.longestWait
            while found.isVoid, !Task.isShuttingDownGracefully {
                let left = ContinuousClock.now.duration(to: end)
                guard left > .zero else { break }
                await broadcast.wait(after: seen, atMost: min(left, settings.lookInterval))
                try Task.checkCancellation()
                seen = broadcast.notices
                found = try await page(after: found.cursor)
            }
        }
        let key = try await signingKey(in: directory.store)
        var sets = AttributeMap()
        for event in found.events {
            sets.append(event.id, .string(try key.token(event.claims(issuer: reader.baseURL, audience: settings.audience))))
        }
        return [
            "sets": .complex(sets), "order": .array(found.events.map { .string($0.id) }),
            "moreAvailable": .boolean(found.isMoreAvailable), "cursor": .string(found.cursor.text),
        ]
    }

    private func enter(_ client: String) throws {
        let (all, own) = (settings.maximumWaiting, settings.maximumWaitingPerClient)
        let isRoom = waiting.withLock { waiting in
            guard waiting.values.reduce(0, +) < all, waiting[client, default: 0] < own else { return false }
            waiting[client, default: 0] += 1
            return true
        }
        guard isRoom else {
            let detail =
                "too many polls wait for events; at most \(own) of one client may. Wait for an answer, or poll with returnImmediately"
            throw SCIMError(status: 429, detail: detail, retryAfter: 5)
        }
    }

    private func leave(_ client: String) {
        waiting.withLock { waiting in
            let left = (waiting[client] ?? 1) - 1
            waiting[client] = left > 0 ? left : nil
        }
    }
}

extension SecurityEventPage {
    /// Whether there is nothing to tell now.
    fileprivate var isVoid: Bool { events.isEmpty && !isMoreAvailable }
}
