import MusterCore
import MusterProvisioner
import SCIM

extension TargetStatus {
    /// How the target stands, in short.
    var summary: AttributeMap {
        let row = target.row
        var map: AttributeMap = [
            "name": .string(row.name), "preset": .string(target.definition.preset.rawValue), "baseURL": .string(target.definition.baseURL),
            "state": .string(row.state.rawValue),
        ]
        if let reason = row.reason { map.append("reason", .string(reason)) }
        if let time = row.resumesAt { map.append("resumesAt", .string(time.dateTime)) }
        map.append("accounts", .integer(Int64(accounts)))
        map.append("activeAccounts", .integer(Int64(activeAccounts)))
        map.append(
            "tasks",
            .complex(
                AttributeMap(
                    ProvisioningTask.State.allCases.map { .init(name: $0.rawValue, value: .integer(Int64(tasks[$0] ?? 0))) })))
        map.append("created", .string(row.created.dateTime))
        map.append("modified", .string(row.modified.dateTime))
        return map
    }

    /// How the target stands, with what was decided about it, as it was written: sent back, it changes nothing. Secrets stand
    /// there by their names only.
    var document: AttributeMap {
        var map = summary
        map.append("definition", (try? AttributeValue(json: target.row.definition)) ?? .null)
        return map
    }
}
