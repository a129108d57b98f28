import ArgumentParser
import Foundation
import Muster
import SCIM

/// `muster rehearse`
struct Rehearse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a set of plugins over the whole directory and show what would differ; nothing is changed or sent.",
        discussion: """
            Works on a copy of the database, beside a running server. Each user is put
            through the map and check hooks as an update that changes nothing; what they
            make of it, and what the hooks after the commit would do then, is shown.
            Requests are taken down, not sent, and answered with 200 and {}. Whoever stays
            as it is is not listed; calls made for it are counted.

              muster rehearse --data var --plugins NewPlugins
              muster rehearse --data var --plugins NewPlugins --users 'title eq "Engineer"'
              muster rehearse --data var --plugins NewPlugins --threshold 1% --json
              muster rehearse --data var --plugins Plugins --apply

            With --apply the same is done to the database itself, as the actor 'console',
            and requests of map and check hooks are sent; the hooks after the commit get
            their events from the server, which should have the same plugins by then.

            Exit codes: 0 all is well, 1 it failed, 2 more differ than the threshold.
            """)

    @OptionGroup var data: DataOptions
    @OptionGroup var configuration: ConfigurationOptions
    @Option(help: "The folder with one folder for each plugin.") var plugins = "Plugins"
    @Option(help: "The tenant whose directory is gone over.") var tenant = Tenant.default.name
    @Option(help: "Only users that fulfil this SCIM filter.") var users: String?
    @Flag(help: "Go over the groups too.") var groups = false
    @Option(help: "End with 2 when more than this many resources differ: a number, or a share such as 5%.") var threshold: Threshold?
    @Option(help: "Show this many resources at most; all are counted.") var limit: Int?
    @Flag(help: "Print one JSON object.") var json = false
    @Flag(help: "Write the differences to the database.") var apply = false

    func run() async throws {
        var options = Rehearsal.Options()
        options.tenant = Tenant(name: tenant)
        options.users = try users.map { text in
            do throws(SCIMError) { return try Filter(parsing: text) } catch { throw ValidationError("--users: \(error.detail)") }
        }
        options.includesGroups = groups
        let folder = try pluginsFolder(plugins)
        let settings = try configuration.load(data: data.data)
        let summary: RehearsalSummary
        if apply {
            let rehearsal = try await Rehearsal(
                applyingTo: data.openStore(), plugins: folder, configuration: settings, options: options)
            summary = try await show(rehearsal)
        } else {
            summary = try await data.withCopy { [options] store in
                try await show(Rehearsal(onCopy: store, plugins: folder, configuration: settings, options: options))
            }
        }
        if let threshold, threshold.isPassed(by: summary.differing, of: summary.checked) { throw ExitCode(2) }
    }

    private func show(_ rehearsal: Rehearsal) async throws -> RehearsalSummary {
        for note in rehearsal.notes { Output.note(note) }
        let list = DifferenceList(title: apply ? "apply" : "rehearse", json: json, limit: limit)
        let summary = try await rehearsal.run(
            progress: { list.bar.show($0, of: $1) }, report: { list.show($0.lines, $0.document) })
        list.end(summary.lines, summary.document)
        return summary
    }
}

/// How much may differ: a number of resources, or a share of those that were looked at.
struct Threshold: ExpressibleByArgument, Hashable {
    private let count: Int?
    private let percent: Double?

    init?(argument: String) {
        if argument.hasSuffix("%") {
            guard let percent = Double(argument.dropLast()), percent >= 0, percent <= 100 else { return nil }
            (count, self.percent) = (nil, percent)
        } else {
            guard let count = Int(argument), count >= 0 else { return nil }
            (self.count, percent) = (count, nil)
        }
    }

    /// Whether more differ than may.
    func isPassed(by differing: Int, of checked: Int) -> Bool {
        if let count { return differing > count }
        return Double(differing) * 100 > (percent ?? 100) * Double(checked)
    }
}
