import ArgumentParser
import MusterCore
import MusterProvisioner
import SCIM

/// `muster target`
struct Target: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Provision people into applications: define targets, switch them on, see what happened.",
        discussion: """
            A target is an application that takes accounts over SCIM. Its secrets are
            named, not written down: NAME is the variable MUSTER_SECRET_NAME, or the file
            NAME in the secrets folder, for the server and for these commands.

              muster target add clarizen --preset clarizen --url https://api.clarizen.com/scim/v2 \\
                --token-secret CLARIZEN_TOKEN --group Engineering
              muster target test clarizen
              muster target connect clarizen
              muster target provision clarizen --user ada@example.com --explain --plan-only
              muster target reconcile clarizen --plan-only

            What is planned waits for 'muster approval' unless the target says otherwise;
            the server carries out what is approved. Works beside a running server.
            """,
        subcommands: [
            Add.self, Change.self, List.self, Show.self, Remove.self, Test.self, Connect.self, Disconnect.self, Resume.self, Groups.self,
            Wait.self, Assign.self, Unassign.self, Assignments.self, Adopt.self, Provision.self, Reconcile.self, History.self,
            Presets.self, Macros.self, Template.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the targets and how they stand.")
        @OptionGroup var options: ProvisionerOptions
        @Flag(help: "Print a JSON array.") var json = false

        func run() async throws {
            let targets = try await options.run { try await $0.targets(in: options.tenant) }
            if json { return Output.json(targets.map(\.json)) }
            Output.table(
                ["NAME", "PRESET", "STATE", "ACCOUNTS", "DUE", "WAITING", "HELD", "FAILED", "URL"],
                targets.map { status in
                    [
                        status.target.row.name, status.target.definition.preset.rawValue, status.target.row.state.rawValue,
                        "\(status.activeAccounts) of \(status.accounts)", status.count(.due, .approved), status.count(.pending),
                        status.count(.parked), status.count(.failed), status.target.definition.baseURL,
                    ]
                }, empty: "There are no targets.")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one target: how it stands, and what was decided about it.")
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The target.") var name: String
        @Flag(help: "Print one JSON object.") var json = false

        func run() async throws {
            let status = try await options.run { try await $0.target(name, in: options.tenant) }
            if json { return Output.line(status.json.jsonText) }
            let row = status.target.row
            Output.line("\(row.name): \(row.state.rawValue)")
            if let reason = row.reason { Output.line("  quarantined: " + Output.harmless(reason)) }
            if let time = row.resumesAt {
                Output.line("  tried again: \(time.dateTime), or at once with 'muster target resume \(row.name)'")
            }
            Output.line("  accounts: \(status.accounts), of which \(status.activeAccounts) are active")
            for state in ProvisioningTask.State.allCases {
                if let count = status.tasks[state], count > 0 { Output.line("  \(state.rawValue): \(count)") }
            }
            Output.line("  groups there: \(status.target.groups.count)")
            Output.line(status.target.document.indentedText)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a target with all that is known about its accounts; the accounts stay as they are.")
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The target.") var name: String
        @Flag(help: "Say that this is meant: what is known about the accounts cannot be had back.") var yes = false

        func run() async throws {
            try await options.run { provisioner in
                let status = try await provisioner.target(name, in: options.tenant)
                guard yes else {
                    throw CommandFailure(
                        "Muster manages \(status.accounts) accounts at '\(name)'; say --yes to forget them, which leaves them as they are")
                }
                try await provisioner.deleteTarget(name, in: options.tenant, by: options.actor)
            }
            Output.line("removed \(name)")
        }
    }

    struct Groups: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the groups that a target had when it was switched on, or reconciled last.")
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The target.") var name: String
        @Flag(help: "Print a JSON array.") var json = false

        func run() async throws {
            let groups = try await options.run { try await $0.target(name, in: options.tenant).target.groups }
            if json { return Output.json(groups.map { ["id": .string($0.id), "displayName": .string($0.name)] }) }
            Output.table(
                ["ID", "NAME"], groups.map { [$0.id, $0.name] },
                empty: "No groups are known; 'muster target connect \(name)' lists those that are there.")
        }
    }

    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List what was done at a target, newest first.")
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The target.") var name: String
        @Option(help: "Only this user: an id or a userName.") var user: String?
        @Option(help: "Only what is older than the entry with this number.") var before: Int64 = 0
        @Option(help: "How many at most.") var limit = 100
        @Flag(help: "Print a JSON array, with the requests.") var json = false

        func run() async throws {
            let (records, names) = try await options.run { provisioner in
                var subject: ResourceKey?
                if let user {
                    subject = try await provisioner.subject(user, ofType: ResourceType.user.name, knownAt: name, in: options.tenant)
                }
                let records = try await provisioner.records(
                    of: name, subject: subject, before: before, limit: limit, in: options.tenant)
                return (records, try await provisioner.names(of: records.map(\.subject)))
            }
            if json { return Output.json(records.map(\.json)) }
            Output.table(
                ["NUMBER", "TIME", "ACTION", "SUBJECT", "RESULT"],
                records.map { record in
                    [
                        String(record.number), record.time.dateTime, record.action,
                        record.subject.type + " " + (names[record.subject].map { "\($0) (\(record.subject.id))" } ?? record.subject.id),
                        record.error.map { "failed: \($0)" } ?? "done",
                    ]
                }, empty: "Nothing was done there yet.")
        }
    }
}

extension TargetStatus {
    /// How many tasks are in one of some states.
    func count(_ states: ProvisioningTask.State...) -> String { String(states.reduce(0) { $0 + (tasks[$1] ?? 0) }) }
}
