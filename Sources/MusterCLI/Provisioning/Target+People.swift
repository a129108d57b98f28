import ArgumentParser
import MusterCore
import MusterProvisioner
import SCIM

extension Target {
    /// A user or a group.
    struct Subject: ParsableArguments {
        @Option(help: "A user: an id or a userName.") var user: String?
        @Option(help: "A group of ours, whose members are meant: an id or a displayName.") var group: String?

        func validate() throws {
            guard (user == nil) != (group == nil) else { throw ValidationError("name one: --user or --group") }
        }

        func key(_ provisioner: Provisioner, in tenant: Tenant) async throws -> ResourceKey {
            if let group { return try await provisioner.group(group, in: tenant) }
            return try await provisioner.person(user ?? "", in: tenant)
        }

        /// The key, of those too who have left the directory and are still known at a target.
        func key(_ provisioner: Provisioner, knownAt target: String, in tenant: Tenant) async throws -> ResourceKey {
            let type = group == nil ? ResourceType.user : .group
            return try await provisioner.subject(group ?? user ?? "", ofType: type.name, knownAt: target, in: tenant)
        }
    }

    struct Assign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Send a user, or all members of a group, to a target.")
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The target.") var name: String
        @OptionGroup var subject: Subject
        @Option(help: "A group of the target that they go into there, by its name. Repeatable.") var targetGroup: [String] = []

        func run() async throws {
            let key = try await options.run { provisioner in
                let key = try await subject.key(provisioner, in: options.tenant)
                try await provisioner.assign(key, to: name, groups: targetGroup.isEmpty ? nil : targetGroup, by: options.actor)
                return key
            }
            Output.line("\(key.type) \(key.id) is assigned to \(name)")
        }
    }

    struct Unassign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take an assignment back.")
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The target.") var name: String
        @OptionGroup var subject: Subject

        func run() async throws {
            let key = try await options.run { provisioner in
                let key = try await subject.key(provisioner, knownAt: name, in: options.tenant)
                try await provisioner.unassign(key, from: name, by: options.actor)
                return key
            }
            Output.line("\(key.type) \(key.id) is no longer assigned to \(name)")
        }
    }

    struct Assignments: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List who is assigned to a target.")
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The target.") var name: String
        @Flag(help: "Print a JSON array.") var json = false

        func run() async throws {
            let (assignments, names) = try await options.run { provisioner in
                var found: [TargetAssignment] = []
                while true {
                    let page = try await provisioner.assignments(to: name, in: options.tenant, after: found.last?.subject, limit: 500)
                    guard !page.isEmpty else { return (found, try await provisioner.names(of: found.map(\.subject))) }
                    found += page
                }
            }
            if json {
                return Output.json(
                    assignments.map { assignment in
                        [
                            "type": .string(assignment.subject.type), "id": .string(assignment.subject.id),
                            "groups": .array(assignment.groups.map { .string($0) }),
                        ]
                    })
            }
            Output.table(
                ["TYPE", "NAME", "ID", "GROUPS THERE"],
                assignments.map { assignment in
                    [
                        assignment.subject.type, names[assignment.subject] ?? "-", assignment.subject.id,
                        assignment.groups.isEmpty ? "-" : assignment.groups.joined(separator: ", "),
                    ]
                }, empty: "Nobody is assigned.")
        }
    }

    struct Adopt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say that an account that is there belongs to a user, who is then provisioned into it.")
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The target.") var name: String
        @Option(help: "The user: an id or a userName.") var user: String
        @Option(help: "The id of the account at the target.") var id: String

        func run() async throws {
            try await options.run { provisioner in
                let key = try await provisioner.person(user, in: options.tenant)
                try await provisioner.adopt(id, for: key, at: name, by: options.actor)
            }
            Output.line("the account \(id) at \(name) is that of \(user)")
        }
    }

    struct Provision: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Provision one user now, and with --explain tell each step: scope, match, mapping, plan, requests.")
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The target.") var name: String
        @Option(help: "The user: an id or a userName.") var user: String
        @Flag(help: "Tell each step.") var explain = false
        @Flag(help: "Make, send and write nothing; end with the plan.") var planOnly = false
        @Flag(help: "Print one JSON object.") var json = false

        func run() async throws {
            let told = try await options.run { provisioner in
                try await provisioner.provision(user, at: name, in: options.tenant, planOnly: planOnly, by: options.actor)
            }
            if json {
                Output.line(told.json.jsonText)
            } else {
                for step in explain ? told.steps : told.steps.suffix(1) {
                    if explain { Output.line(step.name) }
                    for line in step.lines { Output.line((explain ? "  " : "") + Output.harmless(line)) }
                }
            }
            if !told.isGood { throw ExitCode.failure }
        }
    }
}
