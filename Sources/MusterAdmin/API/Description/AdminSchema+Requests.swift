import MusterProvisioner
import SCIM

extension AdminSchema {
    /// The schemas of what is sent.
    var request: AttributeValue {
        switch self {
        case .definition: Self.targetDefinition
        case .reconcileRequest:
            .object(
                "How to reconcile",
                [
                    ("planOnly", .flag("Whether only the differences are wanted")),
                    ("mode", .oneOf(ReconcileMode.allCases.map(\.rawValue))),
                ], isClosed: true)
        case .provisionRequest:
            .object(
                "Whom to provision",
                [("user", .text("Id or userName")), ("planOnly", .flag("Whether nothing is made, sent or written"))], required: ["user"],
                isClosed: true)
        case .assignmentRequest:
            .object(
                "Where they go at the target",
                [("groups", .list(.text(), "The displayNames of the target's groups; without it, those of before stay"))], isClosed: true)
        case .adoption:
            .object("Which account", [("remoteID", .text("Its id at the target"))], required: ["remoteID"], isClosed: true)
        case .mappingsRequest:
            .object(
                "All rules, in order",
                [
                    ("rules", .list(Self.rule.reference)),
                    ("version", .number("The version that was changed: 409 where there is a newer one; without it, it is replaced")),
                ], required: ["rules"], isClosed: true)
        case .mappingTest:
            .object(
                "Whom to try the rules on",
                [
                    ("user", .text("Id or userName")),
                    ("rules", .list(Self.rule.reference, "Rules to try; without them, those that are saved")),
                ], required: ["user"], isClosed: true)
        case .approval: Self.decision("Which plans are approved", [])
        default: Self.decision("Which plans are rejected", [("reason", .text("Why, for those who ask"))])
        }
    }

    /// The schema of a decision: exactly one of `numbers`, `batch` and `target`.
    private static func decision(_ meaning: String, _ more: [(name: String, schema: AttributeValue)]) -> AttributeValue {
        let numbers: AttributeValue = [
            "type": "array", "items": .number(), "minItems": 1, "maxItems": .integer(Int64(AdminMessage.mostNumbers)), "uniqueItems": true,
            "description": "Those with these numbers; where one of them does not wait any more, nothing is decided",
        ]
        let schema: AttributeValue = .object(
            meaning,
            [
                ("numbers", numbers), ("batch", .text("All of a batch")),
                ("target", .text("All that wait at a target, except what the delete guard holds")),
                ("action", actions),
            ] + more, isClosed: true)
        var map = schema.complex ?? [:]
        map.append("oneOf", .array(["numbers", "batch", "target"].map { ["required": [.string($0)]] }))
        return .complex(map)
    }
}
