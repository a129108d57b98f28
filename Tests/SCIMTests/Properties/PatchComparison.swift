import SCIM

/// The engine beside the reference.
enum PatchComparison {
    /// What the engine leaves after the requests where that differs from the reference; nil when it does not.
    static func difference(_ user: [String: ReferenceValue], _ requests: [[PatchStep]]) throws -> String? {
        let validator = ResourceValidator(registry: .standard, type: .user)
        var resource = try validator.resource(from: AttributeValue(json: ReferenceValue.object(user).text), replacing: nil)
        resource.id = "7"
        var reference = PatchReference(user: user)
        for steps in requests {
            let expected = Result { () throws(PatchReference.Refusal) in try reference.apply(steps) }
            let message = try AttributeValue(json: PatchStep.message(steps).text)
            do throws(SCIMError) {
                let changed = try PatchRequest(message: message).expanded(for: .user, in: .standard, resourceID: "7")
                    .applied(to: resource, of: .user, in: .standard)
                resource = try validator.validated(changed, replacing: resource)
                if case .failure(let refusal) = expected { return "done, where the reference refuses: \(refusal.scimType)" }
            } catch {
                guard case .failure(let refusal) = expected else { return "refused, where the reference does it: \(error)" }
                // Which of several faults is named is not compared.
                if steps.count == 1, error.scimType != refusal.scimType {
                    return "refused with \(error), where the reference has \(refusal.scimType)"
                }
            }
            var left = try ReferenceValue(text: AttributeValue.complex(resource.attributes).jsonText).object ?? [:]
            left["id"] = nil
            let schemas = left.removeValue(forKey: "schemas")
            if left != reference.user {
                return "left: \(ReferenceValue.object(left).text)\nreference: \(ReferenceValue.object(reference.user).text)"
            }
            if schemas != .array(reference.schemas) { return "schemas: \(schemas?.text ?? "none")" }
        }
        return nil
    }
}
