package import MusterCore
package import SCIM

/// Finds the security events of a change (RFC 9967): one for the resource that the request named and one for each group
/// whose members moved with it.
package struct SecurityEventDerivation: Sendable {
    /// The most members that one token names; in full mode more tokens follow, a notice then only says `members`.
    package static let memberLimit = 200

    private let registry: SchemaRegistry
    private let mode: SecurityEventMode

    /// Creates a derivation.
    package init(registry: SchemaRegistry, mode: SecurityEventMode) {
        self.registry = registry
        self.mode = mode
    }

    /// The events, in an order in which each makes sense after those before it: the members of a deleted resource leave
    /// first. The same change gives the same events, with the same ids, each time.
    package func events(of change: NumberedChange) -> [SecurityEvent] {
        let record = change.record
        var own = Members()
        var groups: [(key: ResourceKey, members: Members)] = []
        for event in change.events {
            guard let group = event.group, let isAdded = event.kind.isMemberAdded else { continue }
            guard group != record.resource else {
                own.append(event.subject, isAdded: isAdded)
                continue
            }
            if groups.last?.key != group {
                // Events of one group stand together but where hooks and the request both move members.
                if let index = groups.firstIndex(where: { $0.key == group }) {
                    groups.append(groups.remove(at: index))
                } else {
                    groups.append((group, Members()))
                }
            }
            groups[groups.count - 1].members.append(event.subject, isAdded: isAdded)
        }
        let named = namedResource(change, members: own)
        let others = groups.flatMap { group in
            memberEvents(of: group.members).map { events in event(record, group.key, externalID: nil, events) }
        }
        var all = record.operation == .delete ? others + named : named + others
        var number = 1
        var hasOwnID = false
        for index in all.indices {
            if all[index].subject == record.resource, !hasOwnID {
                hasOwnID = true
            } else {
                all[index].id += ".\(number)"
                number += 1
            }
        }
        return all
    }

    // MARK: The resource that the request named

    private func namedResource(_ change: NumberedChange, members: Members) -> [SecurityEvent] {
        let record = change.record
        let versions = Versions(record, type: registry.resourceType(named: record.resource.type), registry: registry)
        let externalID = (versions.after ?? versions.before)?["externalId"]?.string
        func told(_ events: AttributeMap) -> SecurityEvent { event(record, record.resource, externalID: externalID, events) }
        guard record.operation != .delete else { return [told([SecurityEventURI.delete.rawValue: [:]])] }
        let isTouched = record.operation == .create || !record.changes.isEmpty || !members.isEmpty || versions.isNewVersion
        // A hook that only moved the resource between groups leaves it as it was.
        guard isTouched else { return [] }
        var events: AttributeMap
        var rest: [AttributeMap] = []
        switch mode {
        case .notice: events = notice(of: record, members, versions)
        case .full: (events, rest) = full(of: record, members, versions)
        }
        for event in change.events where event.subject == record.resource && event.group == nil {
            switch event.kind {
            case .userActivated: events.append(SecurityEventURI.activate.rawValue, [:])
            case .userDeactivated: events.append(SecurityEventURI.deactivate.rawValue, [:])
            default: break
            }
        }
        return ([events] + rest).map(told)
    }

    private func notice(of record: ChangeRecord, _ members: Members, _ versions: Versions) -> AttributeMap {
        var names = record.operation == .create ? ["id"] : []
        names += record.changes.map(\.path) + members.paths
        if names.isEmpty { names = secretNames(of: record.resource.type) }
        return payload(SecurityEventURI(record.operation, .notice), "attributes", .array(names.map { .string($0) }), versions.version)
    }

    /// The events in full mode. What an answer does not hold, such as a password, is named by a notice beside them.
    ///
    /// A replaced group is told as a patch of what changed: a document without its members would read as one that has
    /// none any more, and one with them all may be huge (RFC 9967 §5 asks for PATCH here).
    private func full(
        of record: ChangeRecord, _ members: Members, _ versions: Versions
    ) -> (events: AttributeMap, rest: [AttributeMap]) {
        guard let after = versions.after else { return (notice(of: record, members, versions), []) }
        let visible = AttributeChange.between(versions.before, after)
        var (parts, events): ([[AttributeValue]], AttributeMap) = (members.operations(registry), [:])
        switch record.operation {
        case .create:
            var data = after.attributes
            // What is created can only gain members.
            if !parts.isEmpty, let values = parts.removeFirst().first?["value"] { data.append("members", values) }
            events = payload(.createFull, "data", .complex(data), versions.version)
        case .replace where record.resource.type != ResourceType.group.name:
            if !visible.isEmpty { events = payload(.putFull, "data", .complex(after.attributes), versions.version) }
        default:
            let operations = visible.map(\.operation) + (parts.isEmpty ? [] : parts.removeFirst())
            if !operations.isEmpty { events = patch(operations, versions.version) }
        }
        var hidden = record.changes.map(\.path).filter { path in !visible.contains { $0.path.isSameName(as: path) } }
        if hidden.isEmpty, events.isEmpty { hidden = secretNames(of: record.resource.type) }
        if !hidden.isEmpty || events.isEmpty {
            let uri = SecurityEventURI(record.operation, .notice)
            let part = payload(uri, "attributes", .array(hidden.map { .string($0) }), versions.version)
            for member in part.members { events.append(member.name, member.value) }
        }
        return (events, parts.map { patch($0, versions.version) })
    }

    // MARK: Groups that the change touched on the way

    private func memberEvents(of members: Members) -> [AttributeMap] {
        switch mode {
        case .notice: [payload(.patchNotice, "attributes", .array(members.paths.map { .string($0) }), nil)]
        case .full: members.operations(registry).map { patch($0, nil) }
        }
    }

    // MARK: Parts

    private func event(_ record: ChangeRecord, _ subject: ResourceKey, externalID: String?, _ events: AttributeMap) -> SecurityEvent {
        // Clients may name several requests alike and a bulk request makes many changes; a receiver that drops what it
        // has seen of a transaction must not lose any.
        let transaction = record.requestID.isEmpty ? record.id : "\(record.requestID):\(record.id)"
        return SecurityEvent(
            id: record.id, transaction: transaction, time: record.time, subject: subject,
            path: registry.path(of: subject), externalID: externalID, events: events)
    }

    private func patch(_ operations: [AttributeValue], _ version: AttributeValue?) -> AttributeMap {
        let data: AttributeValue = ["schemas": [.string(MessageSchema.patchOp)], "Operations": .array(operations)]
        return payload(.patchFull, "data", data, version)
    }

    private func payload(
        _ uri: SecurityEventURI, _ name: String, _ value: AttributeValue, _ version: AttributeValue?
    ) -> AttributeMap {
        var payload = AttributeMap()
        if let version { payload.append("version", version) }
        payload.append(name, value)
        return [uri.rawValue: .complex(payload)]
    }

    /// The attributes of a type that are kept beside its documents: what must have changed where a version moved on and the
    /// document did not.
    private func secretNames(of type: String) -> [String] {
        guard let type = registry.resourceType(named: type) else { return [] }
        return ([type.schema] + type.schemaExtensions.map(\.schema)).flatMap { urn in
            (registry.schema(urn)?.attributes ?? []).filter { $0.returned == .never }.map { attribute in
                urn.isSameName(as: type.schema) ? attribute.name : "\(urn):\(attribute.name)"
            }
        }
    }
}

/// A resource before and after a change, as an answer to a client would hold it.
private struct Versions {
    var before: Resource?
    var after: Resource?
    /// The entity tag after the change.
    var version: AttributeValue?
    /// Whether the version is another than before.
    var isNewVersion: Bool

    init(_ record: ChangeRecord, type: ResourceType?, registry: SchemaRegistry) {
        // What was accepted once is read again whatever the limits are now.
        let limits = JSONLimits(maximumDepth: 256, maximumBytes: .max, maximumMembers: .max)
        func resource(_ document: [UInt8]?) -> Resource? {
            guard let document, let map = (try? AttributeValue(json: document, limits: limits))?.complex else { return nil }
            return Resource(attributes: map)
        }
        let (before, after) = (resource(record.before), resource(record.after))
        version = after?["meta"]?["version"]
        isNewVersion = version != before?["meta"]?["version"]
        guard let type else { return }
        self.before = before.map { AttributeSelection.default.applied(to: $0, of: type, in: registry) }
        self.after = after.map { AttributeSelection.default.applied(to: $0, of: type, in: registry) }
    }
}

/// Members that joined and left one group.
private struct Members {
    private var all: [(key: ResourceKey, isAdded: Bool)] = []

    var isEmpty: Bool { all.isEmpty }

    mutating func append(_ key: ResourceKey, isAdded: Bool) { all.append((key, isAdded)) }

    /// The paths for a notice: `members`, and each member by its id while they are few.
    var paths: [String] {
        guard !all.isEmpty else { return [] }
        guard all.count <= SecurityEventDerivation.memberLimit else { return ["members"] }
        return ["members"] + all.map { $0.key.memberPath }
    }

    /// The operations of one PATCH or, where there are many, of several.
    func operations(_ registry: SchemaRegistry) -> [[AttributeValue]] {
        stride(from: 0, to: all.count, by: SecurityEventDerivation.memberLimit).map { start in
            let part = all[start..<min(start + SecurityEventDerivation.memberLimit, all.count)]
            let added = part.filter(\.isAdded).map { member -> AttributeValue in
                [
                    "value": .string(member.key.id), "type": .string(member.key.type),
                    "$ref": .string(registry.path(of: member.key)),
                ]
            }
            let removed = part.filter { !$0.isAdded }.map { member -> AttributeValue in
                ["op": "remove", "path": .string(member.key.memberPath)]
            }
            return (added.isEmpty ? [] : [["op": "add", "path": "members", "value": .array(added)]]) + removed
        }
    }
}

extension ResourceKey {
    /// The path to it among a group's members (RFC 7644 §3.5.2).
    fileprivate var memberPath: String { "members[value eq \(AttributeValue.string(id).jsonText)]" }
}

extension SchemaRegistry {
    /// The path of a resource below the base URL.
    fileprivate func path(of key: ResourceKey) -> String {
        (resourceType(named: key.type)?.endpoint ?? "/" + key.type) + "/" + key.id
    }
}

extension AttributeChange {
    /// The PATCH operation that makes it (RFC 7644 §3.5.2).
    fileprivate var operation: AttributeValue {
        guard let to else { return ["op": "remove", "path": .string(path)] }
        return ["op": from == nil ? "add" : "replace", "path": .string(path), "value": to]
    }
}

extension LifecycleEvent.Kind {
    /// For membership whether the member joined; nil for all else.
    fileprivate var isMemberAdded: Bool? {
        switch self {
        case .memberAdded: true
        case .memberRemoved: false
        default: nil
        }
    }
}

extension SecurityEventURI {
    /// The event that tells of an operation; of a deletion there is but one.
    fileprivate init(_ operation: ResourceChange.Operation, _ mode: SecurityEventMode) {
        switch (operation, mode) {
        case (.create, .notice): self = .createNotice
        case (.create, .full): self = .createFull
        case (.replace, .notice): self = .putNotice
        case (.replace, .full): self = .putFull
        case (.patch, .notice): self = .patchNotice
        case (.patch, .full): self = .patchFull
        case (.delete, _): self = .delete
        }
    }
}
