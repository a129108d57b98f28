import MusterProvisioner
import SCIM

extension AdminSchema {
    /// The schema of what is decided about a target: the members that ``MusterProvisioner/TargetDefinition/read(_:)`` knows.
    static var targetDefinition: AttributeValue {
        .object(
            "What is decided about a target; secrets stand here by their names only. The article TargetsAndRules tells of every member",
            [
                ("name", .text("Stands in URLs and commands: lower-case letters, digits and dashes")),
                ("preset", .oneOf(TargetPreset.allCases.map(\.rawValue))), ("baseURL", .text("The SCIM base URL")),
                ("authentication", authentication), ("headers", .texts("Headers of each request")),
                ("allowPrivateAddress", .flag("Whether the URL may lead to a loopback or private address")),
                ("template", .anything("What a person becomes there: a document with macros")),
                ("parameters", .texts("What {$parameters.NAME} stands for in the template")),
                ("customFields", .texts("Fields that the application has besides, and the macro of each")),
                ("matching", .list(.text(), "By which attributes an account that is there is found, in this order; 5 at most")),
                ("scope", scope), ("leaving", leaving), ("groups", groups), ("approval", waiting),
                ("updates", .oneOf(TargetDefinition.Updates.allCases.map(\.rawValue))), ("guard", deleteGuard), ("dialect", dialect),
            ], required: ["baseURL", "authentication"], isClosed: true)
    }

    private static var authentication: AttributeValue {
        .object(
            "How requests prove who sends them",
            [
                ("type", .oneOf(["none", "bearer", "basic", "oauth", "certificate"])),
                ("token", .text("With bearer: the name of the secret with the token")), ("user", .text("With basic")),
                ("password", .text("With basic: the name of the secret with the password")),
                ("tokenURL", .text("With oauth: the token endpoint")), ("clientID", .text("With oauth")),
                ("clientSecret", .text("With oauth: the name of the secret of the client")),
                ("scope", .text("With oauth: the scope that is asked for")),
                ("certificate", .text("With certificate: the PEM file of the chain")),
                ("key", .text("With certificate: the PEM file of its key")),
            ], required: ["type"], isClosed: true)
    }

    private static var scope: AttributeValue {
        .object(
            "Who goes there, besides those who are assigned or whom a rule sends",
            [
                ("everyone", .flag("Whether everybody does")), ("groups", .list(.text(), "Groups of ours, by displayName or id")),
                ("filter", .text("A SCIM filter that all who go there must fulfil")),
            ], isClosed: true)
    }

    private static var leaving: AttributeValue {
        [
            "description": "What leaving the scope, or the directory, means for an account",
            "oneOf": [
                .oneOf(["deactivate", "delete", "nothing"]),
                .object(
                    "It is deactivated, and deleted so many days later", [("deleteAfterDays", .number(in: 1, 3650))],
                    required: ["deleteAfterDays"], isClosed: true),
            ],
        ]
    }

    private static var groups: AttributeValue {
        .object(
            "How groups there are dealt with",
            [
                ("mirror", .flag("Whether those are joined that are called like the person's own")),
                ("create", .flag("Whether those that the target lacks are made")),
            ], isClosed: true)
    }

    private static var waiting: AttributeValue {
        .object(
            "What waits for an administrator; all does where nothing is said",
            PlannedOperation.Approval.allCases.map { ($0.rawValue, .flag()) } + [
                ("approvers", .number(in: 1, 10, "How many administrators have to agree"))
            ], isClosed: true)
    }

    private static var deleteGuard: AttributeValue {
        .object(
            "Where more accounts are taken away than both say, nothing is until somebody approves it",
            [
                ("count", .number(in: 0, 1_000_000)), ("percent", .decimalNumber("Which share of the active accounts", 0, 100)),
                ("windowMinutes", .number(in: 1, 10_080, "Within how long removals that come one by one are counted together")),
            ], isClosed: true)
    }

    private static var dialect: AttributeValue {
        .object(
            "What the target can and cannot do, where that is not as the preset has it",
            [
                ("version", .oneOf(TargetDialect.Version.allCases.map(\.rawValue))),
                ("update", .oneOf(TargetDialect.Update.allCases.map(\.rawValue))), ("patch", .flag("Whether PATCH works")),
                ("put", .flag("Whether PUT works")), ("filter", .flag("Whether filters work")),
                ("paging", .flag("Whether startIndex and count work")), ("delete", .flag("Whether users can be deleted")),
                ("memberRemoval", .oneOf(TargetDialect.MemberRemoval.allCases.map(\.rawValue))), ("pageSize", .number(in: 1, 10_000)),
                ("mediaType", .oneOf(["application/scim+json", "application/json"])),
                ("notReturned", .list(.text("Path of an attribute"), "What the target takes and never gives back")),
                ("readsPerSecond", .decimalNumber("How many reads at most", 0.001, 100_000)),
                ("writesPerSecond", .decimalNumber("How many writes at most", 0.001, 100_000)),
                ("concurrency", .number(in: 1, 64, "How many people are worked on at the same time")),
                ("timeoutSeconds", .number(in: 1, 600, "How long one request may take")),
            ], isClosed: true)
    }

    // MARK: Rules

    /// The schema of a mapping rule: the members that ``MusterProvisioner/MappingRules/read(_:)`` knows.
    static var mappingRule: AttributeValue {
        .object(
            "If this, then that. The article TargetsAndRules tells of every member",
            [
                ("name", .text("What a person calls it")), ("match", .oneOf(MappingRule.Match.allCases.map(\.rawValue))),
                ("if", .list(condition, "The conditions; none holds for everybody")), ("then", .list(action, "What is done")),
                ("stop", .flag("Whether no later rule is looked at once it fired")),
            ], required: ["then"], isClosed: true)
    }

    private static var condition: AttributeValue {
        let scalar: AttributeValue = ["type": ["string", "number", "boolean"]]
        return .object(
            "A condition; texts compare without case",
            [
                ("source", .text("A macro's name without user., custom_fields.NAME, or a SCIM path")),
                ("operator", .oneOf(MappingRule.Comparison.allCases.map(\.rawValue))),
                (
                    "value",
                    [
                        "description": "With what; several for in, none for is_empty and is_present", "oneOf": [scalar, .list(scalar)],
                    ]
                ),
            ], required: ["source", "operator"], isClosed: true)
    }

    private static var action: AttributeValue {
        .object(
            "What is done",
            [
                ("action", .oneOf(["set", "set_groups", "add_groups", "assign"])), ("attribute", .text("With set: the SCIM path")),
                ("value", ["description": "With set: the value, which may hold macros; null unassigns the attribute"]),
                ("groups", .list(.text(), "With set_groups and add_groups: displayNames of groups at targets")),
                ("target", .text("With assign: where the person goes")),
            ], required: ["action"], isClosed: true)
    }
}

extension AttributeValue {
    /// The schema of an object whose members are texts.
    fileprivate static func texts(_ meaning: String) -> AttributeValue {
        ["type": "object", "description": .string(meaning), "additionalProperties": .text()]
    }

    /// The schema of an integer between two others.
    fileprivate static func number(in least: Int64, _ most: Int64, _ meaning: String? = nil) -> AttributeValue {
        var map = number(meaning).complex ?? [:]
        map.append("minimum", .integer(least))
        map.append("maximum", .integer(most))
        return .complex(map)
    }

    /// The schema of a number between two others.
    fileprivate static func decimalNumber(_ meaning: String, _ least: Double, _ most: Double) -> AttributeValue {
        ["type": "number", "description": .string(meaning), "minimum": .decimal(least), "maximum": .decimal(most)]
    }
}
