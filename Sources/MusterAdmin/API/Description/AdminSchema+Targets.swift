import MusterCore
import MusterProvisioner
import SCIM

extension AdminSchema {
    /// The schemas of answers about targets.
    var ofTargets: AttributeValue {
        switch self {
        case .targetSummary: .object("How a target stands", Self.targetMembers, required: ["name", "state"])
        case .target:
            .object(
                "A target", Self.targetMembers + [("definition", Self.definition.reference)], required: ["name", "state", "definition"])
        case .savedTarget:
            .object(
                "A target, and what came of the change",
                Self.targetMembers + [
                    ("definition", Self.definition.reference), ("findings", .list(Self.finding.reference, "Warnings")),
                    ("batch", Self.batch.reference),
                ], required: ["name", "state", "definition"])
        case .connectionTest:
            .object(
                "What came back", [("good", .flag("Whether no step failed")), ("steps", .list(Self.step.reference))],
                required: ["good", "steps"])
        case .connection:
            .object(
                "A connection that is on", [("steps", .list(Self.step.reference)), ("batch", Self.batch.reference)],
                required: ["steps", "batch"])
        case .resumption: .object("What is tried again", [("resumed", .number("How many people"))], required: ["resumed"])
        case .reconcileReport:
            .object(
                "In what a target differed",
                [
                    ("mode", .oneOf(ReconcileMode.allCases.map(\.rawValue))), ("accounts", .number("How many accounts were read")),
                    ("counts", .anything("How many differences there are of each kind")),
                    (
                        "differences",
                        .list(
                            .object(
                                "One difference",
                                [
                                    ("kind", .oneOf(ReconcileDifference.Kind.allCases.map(\.rawValue))), ("name", .text("The userName")),
                                    ("person", .text("Id of the person whom it concerns")), ("lines", .list(.text(), "What differs")),
                                ], required: ["kind", "name", "lines"]))
                    ),
                    ("enqueued", .number("For how many people there is work")), ("batch", Self.batch.reference),
                    ("notes", .list(.text(), "What somebody should know about the target")),
                ], required: ["mode", "accounts", "differences"])
        case .reconciliation:
            .object(
                "A reconciliation",
                [
                    ("state", .oneOf(["running", "done", "failed"])), ("mode", .oneOf(ReconcileMode.allCases.map(\.rawValue))),
                    ("planOnly", .flag()), ("by", .text("Who asked for it")), ("started", .moment("When it began")),
                    ("ended", .moment("When it ended")),
                    ("progress", .object("How far it is", [("phase", .text()), ("done", .number()), ("all", .number())])),
                    ("report", Self.reconcileReport.reference), ("error", .text("Why it failed")),
                ], required: ["state", "mode", "planOnly", "by", "started"])
        case .group:
            .object("A group at a target", [("id", .text("Its id there")), ("displayName", .text())], required: ["id", "displayName"])
        case .explanation:
            .object(
                "How a person came to a target",
                [
                    ("good", .flag("Whether nothing is broken")),
                    (
                        "steps",
                        .list(.object("One step", [("name", .text()), ("lines", .list(.text()))], required: ["name", "lines"]))
                    ),
                ], required: ["good", "steps"])
        case .step:
            .object(
                "One step of trying a connection",
                [
                    ("name", .text()), ("request", .text("Method and path")), ("outcome", .text("Such as ok, warning or failed")),
                    ("detail", .text("What came back")),
                ], required: ["name", "request", "outcome", "detail"])
        default:
            .object(
                "Work that was made for many people at once",
                [
                    ("id", .text("Names it in approvals")), ("target", .text()),
                    ("people", .number("For how many there is something to do")),
                    ("removals", .number("How many accounts are to be deactivated or deleted")),
                    ("active", .number("How many accounts were active")),
                    ("parked", .flag("Whether the delete guard holds all of it until somebody approves it")),
                ], required: ["id", "target", "people", "removals", "active", "parked"])
        }
    }

    private static var targetMembers: [(name: String, schema: AttributeValue)] {
        [
            ("name", .text()), ("preset", .oneOf(TargetPreset.allCases.map(\.rawValue))), ("baseURL", .text()),
            ("state", .oneOf(ProvisioningTarget.State.allCases.map(\.rawValue))), ("reason", .text("Why it is quarantined")),
            ("resumesAt", .moment("When a quarantined target is tried again")),
            ("accounts", .number("How many accounts Muster manages there")), ("activeAccounts", .number("How many of them are active")),
            ("tasks", .anything("How many people there is open work for, by state")), ("created", .moment("When it was made")),
            ("modified", .moment("When it was written last")),
        ]
    }
}
