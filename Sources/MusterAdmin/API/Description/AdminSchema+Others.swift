import MusterCore
import MusterProvisioner
import SCIM

extension AdminSchema {
    /// The schemas of the other answers.
    var other: AttributeValue {
        switch self {
        case .assignment:
            .object(
                "Somebody's assignment to a target",
                [
                    ("kind", .oneOf(AssignedKind.allCases.map(\.rawValue))), ("id", .text("Id of the person or group")),
                    ("groups", .list(.text())),
                ],
                required: ["kind", "id", "groups"])
        case .adoptedAccount: .object("Whose account it is", [("user", .text()), ("remoteID", .text())], required: ["user", "remoteID"])
        case .mappings:
            .object("The mapping rules", [("version", .number()), ("rules", .list(Self.rule.reference))], required: ["version", "rules"])
        case .savedMappings:
            .object(
                "What came of saving rules", [("version", .number()), ("findings", .list(Self.finding.reference, "Warnings"))],
                required: ["version", "findings"])
        case .mappingTrace:
            .object(
                "What the rules do for a person, and why",
                [
                    ("rules", .list(.anything("Whether a rule fired, and what was found for each of its conditions"))),
                    ("settings", .list(.object("An attribute that is set", [("attribute", .text()), ("value", [:])]))),
                    (
                        "groups",
                        ["type": ["array", "null"], "items": .text(), "description": "Null where no rule says anything of groups"]
                    ),
                    ("targets", .list(.text())),
                ], required: ["rules", "settings", "groups", "targets"])
        case .batches: .object("Work at each target", [("batches", .list(Self.batch.reference))], required: ["batches"])
        case .planSummary: .object("A plan in short", Self.planMembers, required: Self.requiredOfPlans)
        case .plan:
            .object(
                "A plan",
                Self.planMembers + [
                    ("plan", .anything("The exact requests; passwords are masked")), ("before", .anything("What the target took last")),
                    ("after", .anything("What it is to be")),
                    ("changes", .list(.object("One difference", [("path", .text()), ("from", [:]), ("to", [:])], required: ["path"]))),
                ], required: Self.requiredOfPlans + ["changes"])
        case .approved:
            .object(
                "What came of it",
                [("approved", .number("How many got this approval")), ("ready", .number("How many of them are carried out now"))],
                required: ["approved", "ready"])
        case .rejected: .object("What came of it", [("rejected", .number())], required: ["rejected"])
        case .record:
            .object(
                "What was done",
                [
                    ("number", .number()), ("time", .moment("When")), ("target", .text()), ("subject", Self.subject), ("action", .text()),
                    (
                        "requests",
                        .list(.object("A request that was sent", [("method", .text()), ("path", .text()), ("status", .number())]))
                    ), ("error", .text("What went wrong")),
                ], required: ["number", "time", "target", "subject", "action"])
        case .auditEntry:
            .object(
                "An act of an administrator",
                [
                    ("number", .number()), ("time", .moment("When")), ("tenant", .text()),
                    ("actor", .text("Name of the token")), ("act", .text("Such as target.connect")), ("object", .text("To what")),
                    ("detail", .anything("What else is known")),
                ], required: ["number", "time", "tenant", "actor", "act", "object"])
        case .preset:
            .object(
                "A kind of application",
                [("name", .text()), ("description", .text()), ("template", .anything("What a person becomes there"))],
                required: ["name", "description", "template"])
        case .macro:
            .object(
                "A macro", [("name", .text()), ("macro", .text("As it is written")), ("description", .text("What it stands for"))],
                required: ["name", "macro", "description"])
        case .description: .anything("An OpenAPI document")
        case .rule: Self.mappingRule
        case .finding:
            .object(
                "What has to be repaired",
                [
                    ("severity", .oneOf([Finding.Severity.error, .warning].map(\.rawValue))), ("path", .text("Where")),
                    ("summary", .text("What is wrong")), ("detail", .text("What to do about it")),
                ], required: ["severity", "path", "summary", "detail"])
        default:
            .object(
                "What went wrong (RFC 7644 §3.12)",
                [
                    ("schemas", .list(.text())), ("status", .text("The HTTP status")), ("scimType", .text("Keyword of the error")),
                    ("detail", .text("What to do about it, for a person")),
                    ("findings", .list(Self.finding.reference, "All that has to be repaired")),
                    ("steps", .list(Self.step.reference, "The steps of a connection that could not be switched on")),
                ], required: ["schemas", "status", "detail"])
        }
    }

    private static var requiredOfPlans: [String] {
        ["number", "target", "state", "action", "subject", "name", "operations", "approvals", "missingApprovals", "created", "due"]
    }

    private static var subject: AttributeValue {
        .object("Whose account", [("type", .text()), ("id", .text())], required: ["type", "id"])
    }

    private static var planMembers: [(name: String, schema: AttributeValue)] {
        [
            ("number", .number("Names the plan; one that replaces it gets another")), ("target", .text()),
            ("state", .oneOf(ProvisioningTask.State.allCases.map(\.rawValue))),
            ("action", .text("Such as create; empty while nothing is planned")),
            ("subject", subject), ("name", .text("The person's userName")), ("batch", .text()),
            (
                "operations",
                .list(
                    .object(
                        "One request in short", [("kind", .text()), ("group", .text()), ("request", .text("Method and path"))],
                        required: ["kind", "request"]))
            ),
            ("notes", .list(.text(), "What whoever decides should know")),
            ("approvals", .list(.object("A yes", [("by", .text()), ("time", .moment("When"))], required: ["by", "time"]))),
            ("missingApprovals", .number("How many more administrators have to agree")), ("attempts", .number()),
            ("lastError", .text("What the last attempt said, or why it was rejected")), ("created", .moment("When the change happened")),
            ("due", .moment("The earliest time of the next attempt")),
        ]
    }
}
