package import MusterCore
package import SCIM

/// A person of the directory, with what templates, rules and plans ask about.
package struct Person: Sendable, Hashable {
    /// A group that a person belongs to.
    package struct Group: Sendable, Hashable {
        /// Its id, of ours.
        package var id: String
        /// Its displayName.
        package var name: String

        package init(id: String, name: String) {
            self.id = id
            self.name = name
        }
    }

    /// The person whom another one reports to.
    package struct Manager: Sendable, Hashable {
        /// The manager as stored, with `id`.
        package var user: Resource
        /// The id of the manager's account at the target; nil where there is none.
        package var remoteID: String?

        package init(user: Resource, remoteID: String?) {
            self.user = user
            self.remoteID = remoteID
        }
    }

    /// Tenant, type and id.
    package var key: ResourceKey
    /// The user as stored, with `id`.
    package var user: Resource
    /// The groups that they belong to, directly or through others.
    package var groups: [Group]
    /// Their manager; nil where there is none, or none that is in the directory.
    package var manager: Manager?

    package init(key: ResourceKey, user: Resource, groups: [Group] = [], manager: Manager? = nil) {
        self.key = key
        self.user = user
        self.groups = groups
        self.manager = manager
    }

    /// Whether they may sign in: only an explicit `true` says so.
    package var isActive: Bool { user.isActive }
}
