package import MusterCore
package import SCIM

extension ProvisioningRecord {
    /// The record as JSON: its requests have method, path and status.
    package var json: AttributeValue {
        var map: AttributeMap = [
            "number": .integer(number), "time": .string(time.dateTime), "target": .string(target),
            "subject": ["type": .string(subject.type), "id": .string(subject.id)], "action": .string(action),
        ]
        if let requests = try? AttributeValue(json: detail) { map.append("requests", requests.masked) }
        if let error { map.append("error", .string(error)) }
        return .complex(map)
    }
}

extension AuditEntry {
    /// The entry as JSON.
    package var json: AttributeValue {
        var map: AttributeMap = [
            "number": .integer(number), "time": .string(time.dateTime), "tenant": .string(tenant.name), "actor": .string(actor),
            "act": .string(act), "object": .string(object),
        ]
        if let more = try? AttributeValue(json: detail) { map.append("detail", more) }
        return .complex(map)
    }
}
