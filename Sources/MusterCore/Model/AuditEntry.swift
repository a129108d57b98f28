public import SCIM

/// One act of an administrator.
public struct AuditEntry: Sendable, Hashable {
    /// Grows with time; 0 before it is written.
    public var number: Int64
    /// When.
    public var time: Timestamp
    /// Whose directory it concerns.
    public var tenant: Tenant
    /// Who: the name of the token, or `console` and the name of the machine's user.
    public var actor: String
    /// What was done, such as `target.connect` or `approval.approve`.
    public var act: String
    /// To what, such as a target's name or a plan's number.
    public var object: String
    /// What else is to be known, as JSON without secrets; empty for nothing.
    public var detail: [UInt8]

    /// Creates an entry.
    public init(time: Timestamp, tenant: Tenant, actor: String, act: String, object: String, detail: [UInt8] = []) {
        number = 0
        self.time = time
        self.tenant = tenant
        self.actor = actor
        self.act = act
        self.object = object
        self.detail = detail
    }
}
