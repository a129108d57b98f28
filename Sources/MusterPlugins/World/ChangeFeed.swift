package import MusterCore
package import SCIM

/// The changes of a tenant in the order of their commits, as `muster.scim.changes` reads them.
package struct ChangeFeed: Sendable {
    /// Some of the changes.
    package struct Page: Sendable {
        /// The changes as scripts see them, oldest first.
        package var changes: [AttributeValue]
        /// Where the next page begins: the number of the last change, or what was asked for where there is none.
        package var cursor: Int64
        /// Whether changes after the cursor that was asked for have been forgotten already.
        package var hasGap: Bool

        package init(changes: [AttributeValue], cursor: Int64, hasGap: Bool = false) {
            self.changes = changes
            self.cursor = cursor
            self.hasGap = hasGap
        }
    }

    /// The changes with a greater number than `cursor`; with nil, from the oldest that is kept.
    package var read: @Sendable (_ tenant: Tenant, _ cursor: Int64?, _ limit: Int) async throws -> Page

    package init(read: @escaping @Sendable (_ tenant: Tenant, _ cursor: Int64?, _ limit: Int) async throws -> Page) { self.read = read }

    /// Where nothing ever changes.
    package static let none = ChangeFeed { _, cursor, _ in Page(changes: [], cursor: cursor ?? 0) }

    /// The changes that a store keeps.
    package static func stored(in store: any Store) -> ChangeFeed {
        ChangeFeed { tenant, cursor, limit in
            try await store.read(.scan) { transaction in
                let changes = try transaction.changes(in: tenant, after: cursor ?? 0, limit: limit)
                let oldest = cursor == nil ? nil : try transaction.changeBounds(in: tenant)?.oldest
                return Page(
                    changes: changes.map(\.document), cursor: changes.last?.number ?? cursor ?? 0,
                    hasGap: oldest.map { $0 - 1 > cursor ?? 0 } ?? false)
            }
        }
    }
}

extension NumberedChange {
    /// The change as scripts see it.
    fileprivate var document: AttributeValue {
        [
            "number": .integer(number), "id": .string(record.id), "time": .string(record.time.dateTime),
            "operation": .string(record.operation.rawValue), "actor": .string(record.actor), "request": .string(record.requestID),
            "resource": record.resource.document, "events": .array(events.map(\.document)),
            "changes": .complex(AttributeMap(record.changes.map { .init(name: $0.path, value: $0.sides) })),
        ]
    }
}

extension LifecycleEvent {
    fileprivate var document: AttributeValue {
        var map: AttributeMap = ["id": .string(id), "type": .string(kind.rawValue), "subject": subject.document]
        if let group { map.append("group", group.document) }
        return .complex(map)
    }
}

extension ResourceKey {
    fileprivate var document: AttributeValue { ["type": .string(type), "id": .string(id)] }
}

extension AttributeChange {
    fileprivate var sides: AttributeValue {
        var map = AttributeMap()
        if let from { map.append("from", from) }
        if let to { map.append("to", to) }
        return .complex(map)
    }
}
