import ArgumentParser
import MusterCore
import MusterProvisioner
import SCIM

/// `muster approval`
struct Approval: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "See what is about to be done at targets, and approve or reject it; the server carries out what is approved.",
        discussion: """
              muster approval list --data var
              muster approval show --data var 42
              muster approval approve --data var 42 43
              muster approval approve --data var --target clarizen --action create
              muster approval reject --data var --batch guard-5d2e --reason "wrong file"

            What the delete guard holds is listed first. It is approved by its batch, or
            plan by plan, never along with everything else of a target.
            """,
        subcommands: [List.self, Show.self, Approve.self, Reject.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List plans, oldest first; those that the delete guard holds before all.")
        @OptionGroup var options: ProvisionerOptions
        @Option(help: "Only this target.") var target: String?
        @Option(
            help: "Only these states: due, pending, parked, approved, failed or rejected. Several with commas. (default: pending,parked)")
        var state: String?
        @Option(help: "Only this batch.") var batch: String?
        @Option(help: "Only this action: create, update, reactivate, deactivate or delete.") var action: PlanAction?
        @Option(help: "How many at most.") var limit = 100
        @Flag(help: "Print a JSON array.") var json = false

        func run() async throws {
            let states = try state.map(Self.states) ?? [.parked, .pending]
            var query = ProvisioningTaskQuery(tenant: options.tenant, target: target, states: [], limit: limit)
            query.batch = batch
            query.action = action?.rawValue
            let found = try await options.run { [query] provisioner in
                if let target { _ = try await provisioner.target(target, in: options.tenant) }
                var found: [PlanDetail] = []
                for states in [states.filter { $0 == .parked }, states.filter { $0 != .parked }] where !states.isEmpty {
                    var query = query
                    query.states = states
                    query.limit = limit - found.count
                    if query.limit > 0 { found += try await provisioner.plans(query) }
                }
                return found
            }
            if json { return Output.json(found.map(\.json)) }
            announceHeld(found)
            Output.table(
                ["NUMBER", "STATE", "TARGET", "ACTION", "USER", "BATCH", "NOTE"],
                found.map { detail in
                    [
                        String(detail.task.number), detail.task.state.rawValue, detail.task.target,
                        detail.task.action.isEmpty ? "-" : detail.task.action, detail.name, detail.task.batch ?? "-", detail.note,
                    ]
                }, empty: "Nothing waits.")
        }

        /// Tells of the batches that the delete guard holds.
        private func announceHeld(_ found: [PlanDetail]) {
            var batches: [(name: String, target: String)] = []
            for task in found.map(\.task) where task.state == .parked {
                if let name = task.batch, !batches.contains(where: { $0.name == name }) { batches.append((name, task.target)) }
            }
            for batch in batches {
                Output.line(
                    "The delete guard holds batch \(batch.name) at \(batch.target), which takes many accounts away. If that is meant: muster "
                        + "approval approve --batch \(batch.name)")
            }
        }

        private static func states(_ text: String) throws -> [ProvisioningTask.State] {
            try text.split(separator: ",").map { name in
                guard let state = ProvisioningTask.State.allCases.first(where: { $0.rawValue == name.lowercased() }) else {
                    throw ValidationError(
                        "there is no state '\(name)'; known are: \(ProvisioningTask.State.allCases.map(\.rawValue).joined(separator: ", "))"
                    )
                }
                return state
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one plan: each request as it will be sent, but for passwords, and what becomes of the account's document.")
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The plan's number.") var number: Int64
        @Flag(help: "Print one JSON object.") var json = false

        func run() async throws {
            let query = {
                var query = ProvisioningTaskQuery(tenant: options.tenant)
                query.number = number
                return query
            }()
            guard let detail = try await options.run({ try await $0.plans(query) }).first else {
                throw CommandFailure("there is no plan \(number); a newer change may have replaced it, see 'muster approval list'")
            }
            if json { return Output.line(detail.json.jsonText) }
            let task = detail.task
            Output.line(
                Output.harmless(
                    "\(task.action.isEmpty ? "not planned yet" : task.action) \(detail.name) at \(task.target): \(task.state.rawValue)"))
            if let batch = task.batch { Output.line("batch \(batch)") }
            for approval in task.approvals { Output.line(Output.harmless("approved by \(approval.by) at \(approval.time.dateTime)")) }
            if let error = task.lastError { Output.line(Output.harmless("last error: \(error)")) }
            guard let plan = detail.plan else { return }
            for note in plan.notes { Output.line(Output.harmless("note: \(note)")) }
            Output.line("requests:")
            for operation in plan.operations {
                Output.line(Output.harmless("  \(operation.method) \(operation.path)"))
                if let body = operation.body { Output.line("    " + Output.harmless(body.masked.jsonText)) }
            }
            Output.line("document:")
            let changes = DocumentChange.lines(from: detail.before?.masked, to: plan.document?.masked)
            for line in changes.isEmpty ? ["is sent again as it was"] : changes { Output.line("  " + Output.harmless(line)) }
        }
    }

    /// Which plans a command is about.
    struct Selection: ParsableArguments {
        @Argument(help: "Numbers of plans.") var numbers: [Int64] = []
        @Option(help: "All of this batch.") var batch: String?
        @Option(help: "All that wait at this target, without those that the delete guard holds.") var target: String?
        @Option(help: "With --target: only this action.") var action: PlanAction?

        func validate() throws {
            guard [!numbers.isEmpty, batch != nil, target != nil].count(where: { $0 }) == 1 else {
                throw ValidationError("name plans by their numbers, or a --batch, or a --target")
            }
            guard action == nil || target != nil else { throw ValidationError("--action goes with --target") }
        }

        var plans: PlanSelection {
            if let batch { return .batch(batch) }
            if let target { return .target(target, action: action?.rawValue) }
            return .numbers(numbers)
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Approve plans that wait, or that the delete guard holds.")
        @OptionGroup var options: ProvisionerOptions
        @OptionGroup var selection: Selection

        func run() async throws {
            let (approved, ready) = try await options.run {
                try await $0.approve(selection.plans, in: options.tenant, by: options.actor)
            }
            guard approved > 0 else {
                throw CommandFailure("none of these waits for your approval; see 'muster approval list'")
            }
            Output.line(
                "\(approved) approved" + (ready < approved ? ", of which \(approved - ready) wait for another administrator too" : ""))
        }
    }

    struct Reject: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reject plans: the accounts stay as they are until a newer change makes another plan.")
        @OptionGroup var options: ProvisionerOptions
        @OptionGroup var selection: Selection
        @Option(help: "Why; kept with the plan and in the audit.") var reason: String?

        func run() async throws {
            let rejected = try await options.run {
                try await $0.reject(selection.plans, reason: reason, in: options.tenant, by: options.actor)
            }
            guard rejected > 0 else { throw CommandFailure("none of these waits; see 'muster approval list'") }
            Output.line("\(rejected) rejected")
        }
    }
}

/// What a plan does.
enum PlanAction: String, ExpressibleByArgument, CaseIterable {
    case create, update, reactivate, deactivate, delete
}

extension PlanDetail {
    /// What is to be known at a glance.
    fileprivate var note: String {
        if let error = task.lastError { return error }
        if missingApprovals > 1 { return "\(missingApprovals) more approvals wanted" }
        return plan?.notes.first ?? ""
    }
}
