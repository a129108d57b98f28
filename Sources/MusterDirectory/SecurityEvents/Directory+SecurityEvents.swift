package import MusterCore
import SCIM

/// Some events of a tenant in the order of their commits.
package struct SecurityEventPage: Sendable {
    /// The events.
    package var events: [SecurityEvent] = []
    /// Where the next page begins.
    package var cursor: EventCursor
    /// Whether there is more to read at once.
    package var isMoreAvailable = false
}

extension Directory {
    /// How many changes are read at a time, and looked at for one page: a reader that may see few types must not have the
    /// server search for long.
    private static let (batch, longestSearch) = (64, 1024)

    /// Where a reader begins who has no cursor yet.
    /// - Parameter isAtEnd: Whether it wants only what is still to come; else all that is kept without a gap.
    package func eventCursor(in tenant: Tenant, isAtEnd: Bool) async throws -> EventCursor {
        let bounds = try await store.read { try $0.changeBounds(in: tenant) }
        guard let bounds else { return EventCursor(tenant: tenant, number: 0) }
        return EventCursor(tenant: tenant, number: isAtEnd ? bounds.newest : bounds.oldest - 1)
    }

    /// The cursor that a reader gives back.
    /// - Throws: `SCIMError` `invalidCursor` when it is none of this tenant's, `expiredCursor` when changes after it are
    ///   forgotten.
    package func eventCursor(_ text: String, in tenant: Tenant) async throws -> EventCursor {
        let cursor = try EventCursor(text: text, tenant: tenant)
        guard let bounds = try await store.read({ try $0.changeBounds(in: tenant) }) else {
            guard cursor.lastComplete <= 0 else { throw SCIMError.invalidCursor(Self.unknownCursor) }
            return cursor
        }
        guard cursor.number <= bounds.newest else { throw SCIMError.invalidCursor(Self.unknownCursor) }
        guard cursor.lastComplete >= bounds.oldest - 1 else {
            throw SCIMError.expiredCursor(
                "changes after this cursor are no longer kept; read all resources anew and poll with \"from\": \"now\", or without a cursor"
            )
        }
        return cursor
    }

    private static var unknownCursor: String {
        "the cursor is ahead of every change, as after the database came back from a backup; read all resources anew and poll without it"
    }

    /// The events after a cursor.
    /// - Parameters:
    ///   - limit: How many at most.
    ///   - maximumBytes: Ends the page early, after one event at least, once payloads are as long.
    ///   - isReadable: Whether the reader may see resources of this type; others' events are left out.
    package func securityEvents(
        after cursor: EventCursor, limit: Int, mode: SecurityEventMode, maximumBytes: Int = .max,
        isReadable: @Sendable (String) -> Bool
    ) async throws -> SecurityEventPage {
        let derivation = SecurityEventDerivation(registry: registry, mode: mode)
        var page = SecurityEventPage(cursor: cursor)
        var (searched, bytes) = (0, 0)
        while true {
            let last = page.cursor.lastComplete
            let changes = try await store.read(.scan) { try $0.changes(in: cursor.tenant, after: last, limit: Self.batch) }
            for change in changes {
                let told = change.number == page.cursor.number ? page.cursor.position ?? 0 : 0
                for (place, event) in derivation.events(of: change).enumerated().dropFirst(told) where isReadable(event.subject.type) {
                    guard page.events.count < limit, bytes < maximumBytes else {
                        page.cursor = EventCursor(tenant: cursor.tenant, number: change.number, position: place)
                        page.isMoreAvailable = true
                        return page
                    }
                    page.events.append(event)
                    if maximumBytes < .max { bytes += AttributeValue.complex(event.events).jsonBytes.count }
                }
                page.cursor = EventCursor(tenant: cursor.tenant, number: change.number)
            }
            searched += changes.count
            guard changes.count == Self.batch else { return page }
            guard searched < Self.longestSearch else {
                page.isMoreAvailable = true
                return page
            }
        }
    }
}
