import ArgumentParser
import MusterCore
import MusterProvisioner
import SCIM

/// `muster audit`
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List what administrators did about targets, rules and approvals, newest first.")
    @OptionGroup var options: ProvisionerOptions
    @Flag(help: "Those of all tenants.") var allTenants = false
    @Option(help: "Only what is older than the entry with this number.") var before: Int64 = 0
    @Option(help: "How many at most.") var limit = 100
    @Flag(help: "Print a JSON array.") var json = false

    func run() async throws {
        let entries = try await options.run {
            try await $0.audit(before: before, limit: limit, in: allTenants ? nil : options.tenant)
        }
        if json { return Output.json(entries.map(\.json)) }
        Output.table(
            ["NUMBER", "TIME", "TENANT", "ACTOR", "ACT", "OBJECT", "DETAIL"],
            entries.map { entry in
                [
                    String(entry.number), entry.time.dateTime, entry.tenant.name, entry.actor, entry.act, entry.object,
                    String(decoding: entry.detail, as: UTF8.self),
                ]
            }, empty: "Nothing was done yet.")
    }
}
