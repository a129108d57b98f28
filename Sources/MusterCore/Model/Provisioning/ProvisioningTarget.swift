public import SCIM

/// An application that people are provisioned into, as the store keeps it.
public struct ProvisioningTarget: Sendable, Hashable {
    /// Whether anything is sent to it.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// An administrator switched the connection off, or never on: what happens meanwhile waits.
        case off
        /// It is provisioned.
        case on
        /// It failed too often: it is tried again at ``ProvisioningTarget/resumesAt``, or when an administrator says so.
        case quarantined
    }

    /// Whose people go there.
    public var tenant: Tenant
    /// The name, unique in its tenant; see ``isValid(name:)``.
    public var name: String
    /// What the administrator decided about it, as JSON.
    public var definition: [UInt8]
    /// Whether anything is sent to it.
    public var state: State
    /// The groups that the target had when the connection was switched on, as JSON; empty before.
    public var groups: [UInt8]
    /// Why it is quarantined; nil where it is not.
    public var reason: String?
    /// When a quarantined target is tried again.
    public var resumesAt: Timestamp?
    /// How many times in a row it was quarantined, which makes the intervals rise.
    public var quarantines: Int
    /// Grows with every write.
    public var version: Int64
    /// When it was made.
    public var created: Timestamp
    /// When it was written last.
    public var modified: Timestamp

    /// Creates a target that is switched off.
    public init(tenant: Tenant = .default, name: String, definition: [UInt8], created: Timestamp) {
        self.tenant = tenant
        self.name = name
        self.definition = definition
        state = .off
        groups = []
        quarantines = 0
        version = 1
        self.created = created
        modified = created
    }

    /// Whether a target can have this name: it stands in URLs, commands and logs, as a tenant's does.
    public static func isValid(name: String) -> Bool { Tenant.isValid(name: name) }
}
