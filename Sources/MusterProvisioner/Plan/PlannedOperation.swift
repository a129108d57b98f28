package import SCIM

/// One thing that is to be done at a target, with the exact request.
package struct PlannedOperation: Sendable, Hashable {
    /// What is done.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case createUser, updateUser, deactivateUser, deleteUser
        case createGroup, addToGroup, removeFromGroup
    }

    /// What stands in ``path`` and ``body`` for the id of an account that an earlier operation of the plan makes.
    package static let newID = "{id}"

    /// What is done.
    package var kind: Kind
    /// For membership and groups: the group's displayName.
    package var group: String?
    /// The id of the account or group that the request names; nil for a creation, and where only a creation before it makes it.
    package var remoteID: String?
    /// The method.
    package var method: String
    /// The path below the base URL, such as `/Users/42`.
    package var path: String
    /// The body; nil for none.
    package var body: AttributeValue?

    package init(kind: Kind, group: String? = nil, remoteID: String? = nil, method: String, path: String, body: AttributeValue? = nil) {
        self.kind = kind
        self.group = group
        self.remoteID = remoteID
        self.method = method
        self.path = path
        self.body = body
    }
}

extension PlannedOperation {
    /// What stands in ``path`` for the id of a group that the operation before makes.
    package static let newGroupID = "{group}"

    /// Which decision of an administrator it waits for.
    package enum Approval: String, Sendable, Hashable, CaseIterable {
        case create, update, delete, groups
    }

    /// Which decision of an administrator it waits for.
    package var approval: Approval {
        switch kind {
        case .createUser: .create
        case .updateUser: .update
        case .deactivateUser, .deleteUser: .delete
        case .createGroup, .addToGroup, .removeFromGroup: .groups
        }
    }
}
