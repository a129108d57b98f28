import MusterCore
import SCIM

/// Puts a stored document, its meta and its membership rows together into what is answered.
struct ResourceRendering {
    let registry: SchemaRegistry
    let baseURL: String

    /// The rows that belong to a resource: a group's members or a user's groups.
    enum Rows: Sendable {
        case none
        case members([Membership])
        case groups(direct: [Membership], indirect: [Membership])
    }

    /// The absolute URL of a resource.
    func location(_ key: ResourceKey) -> String {
        baseURL + (registry.resourceType(named: key.type)?.endpoint ?? "/" + key.type) + "/" + key.id
    }

    /// The whole document as bytes; nothing is parsed.
    func bytes(_ stored: StoredResource, rows: Rows) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(stored.document.count + 320)
        out.append(contentsOf: stored.document.dropLast())
        switch rows {
        case .none: break
        // Names of members are returned when they are asked for, which needs a projection.
        case .members(let members): append(members, as: "members", to: &out) { value($0.member, display: nil, type: $0.member.type) }
        case .groups(let direct, let indirect):
            append(direct, as: "groups", to: &out, isFollowed: !indirect.isEmpty) { value($0.group, display: $0.display, type: "direct") }
            append(indirect, as: "groups", to: &out, isFollowing: !direct.isEmpty) {
                value($0.group, display: $0.display, type: "indirect")
            }
        }
        append(stored.meta, etag: rows.etag(of: stored.meta), of: stored.key, to: &out)
        return out
    }

    /// The document as a resource, with meta and rows, for projection.
    func resource(_ stored: StoredResource, rows: Rows) throws -> Resource {
        var resource = try Resource(stored: stored)
        switch rows {
        case .none: break
        case .members(let members):
            if !members.isEmpty {
                resource["members"] = .array(members.map { .complex(value($0.member, display: $0.display, type: $0.member.type)) })
            }
        case .groups(let direct, let indirect):
            let values =
                direct.map { value($0.group, display: $0.display, type: "direct") }
                + indirect.map { value($0.group, display: $0.display, type: "indirect") }
            if !values.isEmpty { resource["groups"] = .array(values.map { .complex($0) }) }
        }
        resource["meta"] = .complex(stored.meta.attributes(location: location(stored.key), etag: rows.etag(of: stored.meta)))
        return resource
    }

    /// The document as events carry it: with `meta`, without `location` and rows.
    static func eventDocument(_ stored: StoredResource) -> [UInt8] {
        var out = Array(stored.document.dropLast())
        out.append(contentsOf: ",\"meta\":".utf8)
        AttributeValue.complex(stored.meta.attributes(location: nil, etag: stored.meta.etag)).write(into: &out)
        out.append(UInt8(ascii: "}"))
        return out
    }

    private func value(_ key: ResourceKey, display: String?, type: String) -> AttributeMap {
        var value: AttributeMap = ["value": .string(key.id), "$ref": .string(location(key)), "type": .string(type)]
        if let display { value.append("display", .string(display)) }
        return value
    }

    /// Appends rows as a member of the document; of a list in two parts, the first is followed and the second following.
    private func append(
        _ rows: [Membership], as name: String, to out: inout [UInt8], isFollowed: Bool = false, isFollowing: Bool = false,
        _ value: (Membership) -> AttributeMap
    ) {
        guard !rows.isEmpty else { return }
        out.append(contentsOf: isFollowing ? ",".utf8 : ",\"\(name)\":[".utf8)
        for (number, row) in rows.enumerated() {
            if number > 0 { out.append(UInt8(ascii: ",")) }
            AttributeValue.complex(value(row)).write(into: &out)
        }
        if !isFollowed { out.append(UInt8(ascii: "]")) }
    }

    private func append(_ meta: Meta, etag: String, of key: ResourceKey, to out: inout [UInt8]) {
        out.append(contentsOf: ",\"meta\":".utf8)
        AttributeValue.complex(meta.attributes(location: location(key), etag: etag)).write(into: &out)
        out.append(UInt8(ascii: "}"))
    }
}

extension ResourceRendering.Rows {
    /// The weak entity tag of a resource that is shown with these rows.
    ///
    /// A user's version does not move when a group takes it in, but what a client sees of it does: the groups are part of
    /// the tag, so that nobody is told "not modified" about a person who has lost a group.
    func etag(of meta: Meta) -> String {
        guard case .groups(let direct, let indirect) = self, !direct.isEmpty || !indirect.isEmpty else { return meta.etag }
        let parts = direct.map { $0.group.id + "=" + ($0.display ?? "") } + ["/"] + indirect.map { $0.group.id + "=" + ($0.display ?? "") }
        return "W/\"\(meta.version)-\(SearchCursor.fingerprint(of: parts))\""
    }
}

extension Meta {
    /// The weak entity tag of the version.
    var etag: String { "W/\"\(version)\"" }

    /// The attribute `meta` (RFC 7643 §3.1); without `location` where nobody has asked through a URL.
    func attributes(location: String?, etag: String) -> AttributeMap {
        var map: AttributeMap = [
            "resourceType": .string(resourceType), "created": .string(created.dateTime),
            "lastModified": .string(lastModified.dateTime),
        ]
        if let location { map.append("location", .string(location)) }
        map.append("version", .string(etag))
        return map
    }
}

extension Resource {
    /// What members and groups show as `display`.
    var display: String? { self["displayName"]?.string ?? self["userName"]?.string }
}
