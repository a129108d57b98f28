public import MusterCore
public import SCIM

/// Small resources and events for tests of stores and of what stands on them.
public enum Samples {
    /// 2026-01-01T00:00:00Z.
    public static let time = Timestamp(milliseconds: 1_767_225_600_000)

    /// The attributes that ``index`` has, by resource type.
    public static let indexedNames = [
        "User": [
            "userName", "externalId", "displayName", "active", "emails.value",
            Schema.enterpriseUser.id + ":department", Schema.enterpriseUser.id + ":manager.value",
        ],
        "Group": ["displayName", "externalId"],
    ]

    /// An index of the attributes that are searched for most.
    public static var index: AttributeIndex { index(of: indexedNames) }

    /// An index of attributes of the standard schemas, by resource type.
    /// - Precondition: Each name is one of them.
    public static func index(of names: [String: [String]]) -> AttributeIndex {
        guard let index = try? AttributeIndex(names: names, registry: .standard) else {
            preconditionFailure("an attribute to be indexed is unknown")
        }
        return index
    }

    /// A resource as the store keeps it, in version 1.
    public static func stored(
        _ type: String, _ id: String, _ attributes: AttributeMap = [:], tenant: Tenant = .default,
        created: Timestamp = time
    ) -> StoredResource {
        var all: AttributeMap = ["id": .string(id)]
        for member in attributes.members { all.append(member.name, member.value) }
        return StoredResource(
            key: ResourceKey(tenant: tenant, type: type, id: id), document: AttributeValue.complex(all).jsonBytes,
            meta: Meta(resourceType: type, created: created, lastModified: created, version: 1), documentVersion: 1,
            display: (all["displayName"] ?? all["userName"])?.string)
    }

    /// An event of a change of its own.
    public static func event(
        _ kind: LifecycleEvent.Kind = .userUpdated, of subject: String, change: String, time: Timestamp = time,
        tenant: Tenant = .default
    ) -> LifecycleEvent {
        let key = ResourceKey(tenant: tenant, type: "User", id: subject)
        let record = ChangeRecord(
            id: change, time: time, resource: key, operation: .patch, actor: "test", requestID: "request-\(change)", depth: 0,
            before: Array("{\"id\":\"\(subject)\"}".utf8), after: Array("{\"id\":\"\(subject)\",\"title\":\"x\"}".utf8),
            changes: [AttributeChange(path: "title", from: nil, to: "x")])
        return LifecycleEvent(id: "\(change)-1", kind: kind, subject: key, change: record)
    }
}

extension WriteTransaction {
    /// Adds a resource with the entries that `index` has for it.
    public func insert(_ resource: StoredResource, index: AttributeIndex = Samples.index) throws {
        try insert(resource, index: index.entries(of: Resource(json: resource.document), type: resource.key.type))
    }

    /// Writes the change of one event with a delivery for each subscriber.
    public func append(_ event: LifecycleEvent, to subscribers: String...) throws {
        try append(event.change, [(event: event, subscribers: subscribers)])
    }
}

extension Resource {
    /// The resource that a stored document holds.
    init(json: [UInt8]) throws { self.init(attributes: try AttributeValue(json: json).complex ?? [:]) }
}
