import MusterCore
package import SCIM

extension TargetStatus {
    /// How the target stands, in short, as JSON.
    package var summary: AttributeValue { .complex(brief) }

    /// How the target stands, with what was decided about it, as JSON. Secrets stand there by their names only.
    package var json: AttributeValue {
        var map = brief
        map.append("definition", target.document)
        return .complex(map)
    }

    private var brief: AttributeMap {
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
}

extension KnownTarget {
    /// What was decided, as it was written: saved again, it changes nothing.
    package var document: AttributeValue { (try? AttributeValue(json: row.definition)) ?? .null }
}
