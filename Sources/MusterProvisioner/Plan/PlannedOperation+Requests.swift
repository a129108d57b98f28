package import SCIM

/// The exact requests of each kind of operation, in a target's dialect.
extension PlannedOperation {
    private static let patchSchema: AttributeValue = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
    private static let oldSchema: AttributeValue = "urn:scim:schemas:core:1.0"

    /// Makes an account.
    package static func createUser(_ document: AttributeValue) -> PlannedOperation {
        PlannedOperation(kind: .createUser, method: "POST", path: "/Users", body: document)
    }

    /// Changes an account.
    /// - Parameter previous: What the target took last: what is no longer in the document is removed by PATCH.
    package static func updateUser(
        id: String, document: AttributeValue, previous: AttributeValue?, dialect: TargetDialect
    ) -> PlannedOperation {
        let isPatch = dialect.update == .patch && dialect.patch
        return PlannedOperation(
            kind: .updateUser, remoteID: id, method: isPatch ? "PATCH" : "PUT", path: "/Users/\(id.pathSegment)",
            body: isPatch ? patchBody(document, previous: previous, dialect: dialect) : document)
    }

    /// Switches an account off.
    /// - Parameter document: The whole account, no longer active; nil where it is not known: then it is planned as a PATCH, which
    ///   the client merges into what is there where the target knows none.
    package static func deactivateUser(id: String, document: AttributeValue?, dialect: TargetDialect) -> PlannedOperation {
        let isPatch = document == nil || dialect.patch && dialect.update == .patch
        let off: AttributeValue = ["active": false]
        return PlannedOperation(
            kind: .deactivateUser, remoteID: id, method: isPatch ? "PATCH" : "PUT", path: "/Users/\(id.pathSegment)",
            body: isPatch ? patchBody(off, previous: nil, dialect: dialect) : document ?? off)
    }

    /// Removes an account.
    package static func deleteUser(id: String) -> PlannedOperation {
        PlannedOperation(kind: .deleteUser, remoteID: id, method: "DELETE", path: "/Users/\(id.pathSegment)")
    }

    /// Puts an account into a group, as OneLogin does it.
    package static func addToGroup(_ group: TargetGroup, userID: String, dialect: TargetDialect) -> PlannedOperation {
        changing(.addToGroup, group, userID, dialect)
    }

    /// Takes an account out of a group.
    package static func removeFromGroup(_ group: TargetGroup, userID: String, dialect: TargetDialect) -> PlannedOperation {
        changing(.removeFromGroup, group, userID, dialect)
    }

    /// Makes a group.
    package static func createGroup(name: String, dialect: TargetDialect) -> PlannedOperation {
        let schema: AttributeValue = dialect.version == .one ? oldSchema : .string(Schema.group.id)
        return PlannedOperation(
            kind: .createGroup, group: name, method: "POST", path: "/Groups",
            body: ["schemas": [schema], "displayName": .string(name)])
    }

    private static func changing(_ kind: Kind, _ group: TargetGroup, _ userID: String, _ dialect: TargetDialect) -> PlannedOperation {
        // The place that a group's id will take is no id to be encoded.
        let path = "/Groups/" + (group.id == newGroupID ? newGroupID : group.id.pathSegment)
        return PlannedOperation(
            kind: kind, group: group.name, remoteID: userID, method: dialect.patch ? "PATCH" : "PUT", path: path,
            body: membership(kind, userID, dialect.memberRemoval, dialect))
    }

    private static func membership(
        _ kind: Kind, _ userID: String, _ style: TargetDialect.MemberRemoval, _ dialect: TargetDialect
    ) -> AttributeValue {
        let member: AttributeValue = ["value": .string(userID)]
        guard dialect.version == .two else {
            let entry: AttributeValue = kind == .addToGroup ? member : ["value": .string(userID), "operation": "delete"]
            return ["schemas": [oldSchema], "members": [entry]]
        }
        let operation: AttributeValue =
            if kind == .addToGroup {
                ["op": "add", "path": "members", "value": [member]]
            } else if style == .value {
                ["op": "remove", "path": "members", "value": [member]]
            } else {
                ["op": "remove", "path": .string("members[value eq \(AttributeValue.string(userID).jsonText)]")]
            }
        return ["schemas": [patchSchema], "Operations": [operation]]
    }

    /// The member whom the operation adds or removes.
    var member: String? { kind == .addToGroup || kind == .removeFromGroup ? remoteID : nil }

    /// The operation with the member removed in one of the two ways.
    func removing(by style: TargetDialect.MemberRemoval, _ dialect: TargetDialect) -> PlannedOperation {
        guard let member else { return self }
        var operation = self
        operation.body = Self.membership(kind, member, style, dialect)
        return operation
    }

    // MARK: PATCH of accounts

    /// One operation for each attribute that differs; everything where nothing is known of what was there.
    static func patchBody(_ document: AttributeValue, previous: AttributeValue?, dialect: TargetDialect) -> AttributeValue {
        let members = document.complex?.members.filter { !["schemas", "id", "meta"].contains($0.name) } ?? []
        guard dialect.version == .two else {
            return .complex(AttributeMap([.init(name: "schemas", value: document["schemas"] ?? [oldSchema])] + members))
        }
        var operations: [AttributeValue] = []
        for member in members where previous?[member.name] != member.value {
            operations += changes(member.value, previous?[member.name], at: member.name)
        }
        for member in previous?.complex?.members ?? [] where document[member.name] == nil {
            guard !["schemas", "id", "meta"].contains(member.name) else { continue }
            operations.append(["op": "remove", "path": .string(member.name)])
        }
        return ["schemas": [patchSchema], "Operations": .array(operations)]
    }

    /// The operations for one attribute; extensions and complex attributes are changed part by part.
    private static func changes(_ value: AttributeValue, _ previous: AttributeValue?, at path: String) -> [AttributeValue] {
        guard case .complex(let map) = value, path.hasPrefix("urn:") || path == "name" else {
            return [["op": "replace", "path": .string(path), "value": value]]
        }
        let separator = path.hasPrefix("urn:") ? ":" : "."
        let set = map.members.filter { previous?[$0.name] != $0.value }.map { member -> AttributeValue in
            ["op": "replace", "path": .string(path + separator + member.name), "value": member.value]
        }
        let gone = (previous?.complex?.members ?? []).filter { map[$0.name] == nil }.map { member -> AttributeValue in
            ["op": "remove", "path": .string(path + separator + member.name)]
        }
        return set + gone
    }
}

extension AttributeValue {
    /// A document with what a PATCH changes changed in it, as far as we write PATCHes: replace and remove by plain paths.
    func applying(_ patch: AttributeValue) -> AttributeValue {
        guard case .complex(var map) = self else { return self }
        guard let operations = patch["Operations"]?.array else {
            // SCIM 1.1: what is given is replaced.
            for member in patch.complex?.members ?? [] where member.name != "schemas" { map[member.name] = member.value }
            return .complex(map)
        }
        for operation in operations {
            guard let path = operation["path"]?.string else { continue }
            map.set(operation["op"]?.string == "remove" ? nil : operation["value"], at: path)
        }
        return .complex(map)
    }
}

extension AttributeMap {
    /// Sets or, with nil, removes what a path such as `title`, `name.givenName` or `urn:…:User:department` names.
    mutating func set(_ value: AttributeValue?, at path: String) {
        let cut = path.hasPrefix("urn:") ? path.lastIndex(of: ":") : path.firstIndex(of: ".")
        guard self[path] == nil, let cut else {
            self[path] = value
            return
        }
        let (holder, rest) = (String(path[..<cut]), String(path[path.index(after: cut)...]))
        // A URN alone ends in a name with no attribute behind it.
        if path.hasPrefix("urn:"), self[holder] == nil, value?.complex != nil {
            self[path] = value
            return
        }
        var part = self[holder]?.complex ?? [:]
        part.set(value, at: rest)
        // In a ternary, nil would be a value's null.
        if part.isEmpty { self[holder] = nil } else { self[holder] = .complex(part) }
    }
}
