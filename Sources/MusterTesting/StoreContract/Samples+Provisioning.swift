package import MusterCore
package import SCIM

extension Samples {
    /// The instant so many seconds behind ``time``.
    package static func later(_ seconds: Int) -> Timestamp { time + .seconds(seconds) }

    /// The key of a user.
    package static func user(_ id: String, in tenant: Tenant = .default) -> ResourceKey {
        ResourceKey(tenant: tenant, type: "User", id: id)
    }

    /// A target that is switched off.
    package static func target(_ name: String = "slack", in tenant: Tenant = .default) -> ProvisioningTarget {
        ProvisioningTarget(tenant: tenant, name: name, definition: Array("{\"name\":\"\(name)\"}".utf8), created: time)
    }

    /// A link of a user whose account has the id that `remoteID` names.
    package static func link(
        _ id: String, _ remoteID: String?, to target: String = "slack", in tenant: Tenant = .default, isActive: Bool = true
    ) -> TargetLink {
        TargetLink(target: target, subject: user(id, in: tenant), remoteID: remoteID, origin: .created, isActive: isActive, updated: time)
    }

    /// A task for a user, due so many seconds behind ``time``.
    package static func task(
        _ id: String, at target: String = "slack", in tenant: Tenant = .default, state: ProvisioningTask.State = .due,
        due seconds: Int = 0, batch: String? = nil, isRemoval: Bool = false
    ) -> ProvisioningTask {
        var task = ProvisioningTask(target: target, subject: user(id, in: tenant), batch: batch, due: later(seconds), created: time)
        task.state = state
        task.isRemoval = isRemoval
        return task
    }

    /// A record of what was done for a user, so many seconds behind ``time``.
    package static func record(
        _ id: String, at target: String = "slack", in tenant: Tenant = .default, after seconds: Int = 0, isRemoval: Bool = false,
        isApproved: Bool = false
    ) -> ProvisioningRecord {
        ProvisioningRecord(
            time: later(seconds), target: target, subject: user(id, in: tenant), action: isRemoval ? "deactivate" : "update",
            isRemoval: isRemoval, isApproved: isApproved)
    }

    /// An act of an administrator.
    package static func audit(_ act: String, in tenant: Tenant = .default) -> AuditEntry {
        AuditEntry(time: time, tenant: tenant, actor: "console root", act: act, object: "slack", detail: Array("{}".utf8))
    }
}
