import ArgumentParser
import Foundation
import Muster
import SCIM

/// `muster replay`
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run recorded events through a plugin under development and compare what it does; nothing is sent.",
        discussion: """
            The server keeps what hooks call, and the answers, as long as their deliveries
            (delivery.recordCalls and delivery.retentionDays). Each event of the time runs
            through the plugin again on a copy of the database; the plugin gets the answers
            of then, and calls and outcomes that differ from those of then are shown.

              muster replay --data var --since 24h --plugin Work/welcome-mail
              muster replay --data var --since 2026-01-31T08:00:00Z --plugin Work/welcome-mail --json

            The folder bears the plugin's name, as in the server's plugins folder.

            Exit codes: 0 nothing differs, 1 it failed, 2 something differs.
            """)

    @OptionGroup var data: DataOptions
    @OptionGroup var configuration: ConfigurationOptions
    @Option(help: "From when on: a time such as 2026-01-31T08:00:00Z, or how long ago, such as 24h.") var since: PointInTime
    @Option(help: "Until when, in the same forms. (default: now)") var until: PointInTime?
    @Option(help: "The folder of the plugin under development.") var plugin: String
    @Option(help: "The tenant whose events are replayed.") var tenant = Tenant.default.name
    @Option(help: "Only events about the user or group with this id.") var subject: String?
    @Flag(help: "Print one JSON object.") var json = false

    func run() async throws {
        let now = WallClock.system.now()
        var options = Replay.Options(since: since.time(at: now))
        options.tenant = Tenant(name: tenant)
        options.until = until?.time(at: now)
        options.subject = subject
        let folder = try pluginsFolder(plugin, option: "--plugin")
        let settings = try configuration.load(data: data.data)
        let summary = try await data.withCopy { [options] store in
            try await show(Replay(onCopy: store, plugin: folder, configuration: settings, options: options))
        }
        if summary.differing > 0 { throw ExitCode(2) }
    }

    private func show(_ replay: Replay) async throws -> ReplaySummary {
        for note in replay.notes { Output.note(note) }
        let list = DifferenceList(title: "replay", json: json)
        let summary = try await replay.run(
            progress: { list.bar.show($0, of: $1) }, report: { list.show($0.lines, $0.document) })
        list.end(summary.lines, summary.document)
        return summary
    }
}

/// A moment: a time of day with its date, or how long ago it was.
enum PointInTime: ExpressibleByArgument {
    case at(Timestamp)
    case ago(TimeSpan)

    init?(argument: String) {
        if let span = TimeSpan(argument: argument) {
            self = .ago(span)
        } else if let time = Timestamp(dateTime: argument) {
            self = .at(time)
        } else {
            return nil
        }
    }

    func time(at now: Timestamp) -> Timestamp {
        switch self {
        case .at(let time): time
        case .ago(let span): now + (.zero - span.duration)
        }
    }
}
