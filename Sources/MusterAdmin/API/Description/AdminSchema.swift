import MusterCore
import MusterProvisioner
import SCIM

/// The JSON Schemas (2020-12) of what is sent and answered.
enum AdminSchema: String, Sendable, CaseIterable {
    // What is sent.
    case definition, reconcileRequest, provisionRequest, assignmentRequest, adoption, mappingsRequest, mappingTest, approval, rejection
    // What is answered.
    case targetSummary, target, savedTarget, targetList, connectionTest, connection, resumption, reconcileReport, reconciliation, group
    case groupList, explanation, assignment, assignmentList, adoptedAccount, mappings, savedMappings, mappingTrace, batches, planSummary
    case plan, planList, approved, rejected, record, recordList, auditEntry, auditList, preset, presetList, macro, macroList, description
    // What others are made of.
    case step, batch, finding, error, rule

    /// The name among the components. The dot keeps it apart from those of resource types.
    var name: String { "Admin." + rawValue.prefix(1).uppercased() + rawValue.dropFirst() }

    /// A reference to the schema.
    var reference: AttributeValue { ["$ref": .string("#/components/schemas/\(name)")] }

    /// What plans do.
    static var actions: AttributeValue { .oneOf(ProvisioningPlan.Action.allCases.map(\.rawValue)) }

    /// The schema.
    var document: AttributeValue {
        switch self {
        case .definition, .reconcileRequest, .provisionRequest, .assignmentRequest, .adoption, .mappingsRequest, .mappingTest, .approval,
            .rejection:
            request
        case .targetSummary, .target, .savedTarget, .connectionTest, .connection, .resumption, .reconcileReport, .reconciliation, .group,
            .explanation, .step, .batch:
            ofTargets
        case .targetList: Self.list(of: .targetSummary)
        case .groupList: Self.list(of: .group)
        case .assignmentList: Self.list(of: .assignment)
        case .planList: Self.list(of: .planSummary)
        case .recordList: Self.list(of: .record)
        case .auditList: Self.list(of: .auditEntry)
        case .presetList: Self.list(of: .preset)
        case .macroList: Self.list(of: .macro)
        default: other
        }
    }

    private static func list(of item: AdminSchema) -> AttributeValue {
        .object(
            "One page", [("items", .list(item.reference)), ("next", .text("What the next page is asked for with, as after or before"))],
            required: ["items"])
    }
}

extension AttributeValue {
    /// The schema of a text.
    static func text(_ meaning: String? = nil) -> AttributeValue { typed("string", meaning) }

    /// The schema of an integer.
    static func number(_ meaning: String? = nil) -> AttributeValue { typed("integer", meaning) }

    /// The schema of a flag.
    static func flag(_ meaning: String? = nil) -> AttributeValue { typed("boolean", meaning) }

    /// The schema of a time.
    static func moment(_ meaning: String) -> AttributeValue {
        ["type": "string", "format": "date-time", "description": .string(meaning)]
    }

    /// The schema of any object.
    static func anything(_ meaning: String) -> AttributeValue { typed("object", meaning) }

    /// The schema of one of some texts.
    static func oneOf(_ values: [String]) -> AttributeValue { ["type": "string", "enum": .array(values.map { .string($0) })] }

    /// The schema of a list.
    static func list(_ item: AttributeValue, _ meaning: String? = nil) -> AttributeValue {
        var map: AttributeMap = ["type": "array", "items": item]
        if let meaning { map.append("description", .string(meaning)) }
        return .complex(map)
    }

    /// The schema of an object.
    /// - Parameter isClosed: Whether it may have no other members.
    static func object(
        _ meaning: String, _ members: [(name: String, schema: AttributeValue)], required: [String] = [], isClosed: Bool = false
    ) -> AttributeValue {
        var map: AttributeMap = [
            "type": "object", "description": .string(meaning),
            "properties": .complex(AttributeMap(members.map { .init(name: $0.name, value: $0.schema) })),
        ]
        if !required.isEmpty { map.append("required", .array(required.map { .string($0) })) }
        if isClosed { map.append("additionalProperties", false) }
        return .complex(map)
    }

    private static func typed(_ type: String, _ meaning: String?) -> AttributeValue {
        var map: AttributeMap = ["type": .string(type)]
        if let meaning { map.append("description", .string(meaning)) }
        return .complex(map)
    }
}
