import ArgumentParser
import Foundation
import Muster
import MusterCore

/// `muster import`
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Bring people into the directory from a CSV file; works beside a running server.",
        discussion: """
            The first row holds titles. Known are userName, email, firstName (givenName),
            lastName (familyName), displayName, title, department, manager (a userName),
            active, phone, mobile, employeeNumber, externalId, groups (display names with
            semicolons between them), and every SCIM path, such as name.honorificPrefix,
            urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter, or an
            attribute of a schema of yours.

              muster import people.csv --data var --dry-run
              muster import people.csv --map "Cost Centre=costCenter" --create-groups
              muster import people.csv --match externalId --deactivate-missing --yes

            People who are there get what the columns say; an empty cell takes a value
            away, and nobody leaves a group. Where nothing differs nothing is done. All
            changes go through the plugins, as the actor 'import'. A row that cannot be
            carried out is listed by its line and changes nothing; the others are carried
            out.

            Exit codes: 0 all is well, 1 it failed, or a row could not be carried out.
            """)

    @OptionGroup var data: DataOptions
    @OptionGroup var configuration: ConfigurationOptions
    @Argument(help: "The file; - for standard input.") var file: String
    @Option(name: .customLong("map"), help: "What a column means: a title, =, and a known title or a SCIM path. Repeatable.")
    var mappings: [NamedText] = []
    @Option(help: "What stands between cells: a character, or 'tab'. (default: found out)") var separator: CellSeparator?
    @Option(help: "By which attribute people who are there are found.") var match = MatchingAttribute.userName
    @Flag(help: "Leave out columns that mean nothing.") var ignoreUnknown = false
    @Flag(help: "Make groups that are not there.") var createGroups = false
    @Flag(help: "Deactivate active people who are not in the file; needs --yes.") var deactivateMissing = false
    @Flag(help: "Say that --deactivate-missing is meant.") var yes = false
    @Flag(help: "Deactivate even more than a tenth of the active people.") var force = false
    @Flag(help: "End at the first row that cannot be carried out; at one with a fault in it before anything is changed.")
    var stopOnError = false
    @Flag(help: "Change nothing; list what would be changed, on a copy of the database.") var dryRun = false
    @Option(help: "The folder with one folder for each plugin.") var plugins = "Plugins"
    @Option(help: "The tenant whose directory they go into.") var tenant = Tenant.default.name

    func validate() throws {
        guard !deactivateMissing || yes || dryRun else {
            throw ValidationError("--deactivate-missing takes people their access; say --yes too, or look first with --dry-run")
        }
        let titles = mappings.map(\.name)
        if let twice = titles.first(where: { title in titles.count { $0 == title } > 1 }) {
            throw ValidationError("--map: the column '\(twice)' is named twice")
        }
    }

    func run() async throws {
        var options = ImportOptions()
        options.match = match.match
        options.columns = Dictionary(uniqueKeysWithValues: mappings.map { ($0.name, $0.text) })
        options.ignoresUnknownColumns = ignoreUnknown
        options.createsGroups = createGroups
        options.deactivatesMissing = deactivateMissing
        if force { options.deactivationLimit = 100 }
        options.stopsAtFirstProblem = stopOnError
        let settings = try configuration.load(data: data.data)
        let run = ImportRun(
            try CSVTable(bytes(), separator: separator?.character), options: options, tenant: Tenant(name: tenant),
            plugins: try pluginsFolderIfAny(plugins), pins: data.folder.pins(settings), configuration: settings)
        let bar = ProgressBar("import")
        let report: (ImportReport) -> Void = { [dryRun] report in
            switch report {
            case .problem, .note: bar.line(Output.harmless(report.line))
            default: if dryRun { bar.line(Output.harmless(report.line)) }
            }
        }
        let (notes, progress) = ({ (notes: [String]) in for note in notes { Output.note(note) } }, { bar.show($0, of: $1) })
        let summary =
            dryRun
            ? try await data.withCopy(startsEmpty: true) {
                try await run.rehearse(onCopy: $0, notes: notes, progress: progress, report: report)
            }
            : try await run.run(on: store(), notes: notes, progress: progress, report: report)
        bar.end()
        Output.line(line(of: summary))
        if summary.failed > 0 { throw ExitCode.failure }
    }

    /// The store; made where there is none yet.
    private func store() throws -> SQLiteStore {
        try data.folder.create()
        return try SQLiteStore(path: data.folder.databasePath)
    }

    private func bytes() throws -> [UInt8] {
        guard file != "-" else { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
        guard let data = FileManager.default.contents(atPath: file) else { throw CommandFailure("\(file): the file cannot be read") }
        return Array(data)
    }

    private func line(of summary: ImportSummary) -> String {
        var parts = [
            "\(summary.rows) rows", "\(summary.created) created", "\(summary.updated) updated", "\(summary.unchanged) unchanged",
            "\(summary.failed) failed",
        ]
        if summary.groups > 0 { parts.append("\(summary.groups) groups made") }
        if summary.joined > 0 { parts.append("\(summary.joined) memberships added") }
        if deactivateMissing { parts.append("\(summary.deactivated) deactivated") }
        if summary.isStopped { parts.append("stopped at an error") }
        return parts.joined(separator: ", ") + (dryRun ? "; nothing was changed, for this was a dry run" : "")
    }
}

/// What stands between cells.
struct CellSeparator: ExpressibleByArgument {
    let character: Character

    init?(argument: String) {
        if argument == "tab" || argument == "\\t" {
            character = "\t"
        } else if let only = argument.first, argument.count == 1 {
            character = only
        } else {
            return nil
        }
    }
}

/// By which attribute people who are there are found.
enum MatchingAttribute: String, ExpressibleByArgument, CaseIterable {
    case userName, externalId

    var match: ImportOptions.Match { self == .userName ? .userName : .externalId }
}
