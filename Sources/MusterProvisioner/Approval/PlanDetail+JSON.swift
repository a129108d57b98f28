import MusterCore
package import SCIM

extension PlanDetail {
    /// The plan in short, as JSON: whom it is for, where it stands, and the requests without their bodies.
    package var summary: AttributeValue { .complex(brief) }

    private var brief: AttributeMap {
        var map: AttributeMap = [
            "number": .integer(task.number), "target": .string(task.target), "state": .string(task.state.rawValue),
            "action": .string(task.action), "subject": ["type": .string(task.subject.type), "id": .string(task.subject.id)],
            "name": .string(name),
        ]
        if let batch = task.batch { map.append("batch", .string(batch)) }
        map.append(
            "operations",
            .array(
                (plan?.operations ?? []).map { operation in
                    var map: AttributeMap = ["kind": .string(operation.kind.rawValue)]
                    if let group = operation.group { map.append("group", .string(group)) }
                    map.append("request", .string("\(operation.method) \(operation.path)"))
                    return .complex(map)
                }))
        if let notes = plan?.notes, !notes.isEmpty { map.append("notes", .array(notes.map { .string($0) })) }
        map.append(
            "approvals", .array(task.approvals.map { ["by": .string($0.by), "time": .string($0.time.dateTime)] }))
        map.append("missingApprovals", .integer(Int64(missingApprovals)))
        map.append("attempts", .integer(Int64(task.attempts)))
        if let error = task.lastError { map.append("lastError", .string(error)) }
        map.append("created", .string(task.created.dateTime))
        map.append("due", .string(task.due.dateTime))
        return map
    }

    /// The plan as JSON, with its exact requests, the account's document before and after, and in what these differ. Passwords are
    /// masked.
    package var json: AttributeValue {
        var map = brief
        let (before, after) = (before?.masked, plan?.document?.masked)
        if let plan { map.append("plan", plan.json.masked) }
        if let before { map.append("before", before) }
        if let after { map.append("after", after) }
        let changes = AttributeChange.between(Self.resource(before), Self.resource(after))
        map.append(
            "changes",
            .array(
                changes.map { change in
                    var map: AttributeMap = ["path": .string(change.path)]
                    if let value = change.from { map.append("from", value) }
                    if let value = change.to { map.append("to", value) }
                    return .complex(map)
                }))
        return .complex(map)
    }

    private static func resource(_ document: AttributeValue?) -> Resource? { document?.complex.map { Resource(attributes: $0) } }
}
