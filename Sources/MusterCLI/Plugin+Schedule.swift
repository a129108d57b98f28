import ArgumentParser
import Foundation
import Muster
import MusterPlugins
import SCIM

extension Plugin {
    struct Schedule: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the plugins' schedules: their next times, and the last run of each tenant.",
            discussion: """
                Works beside a running server. A schedule is 'schedule' in plugin.json, in UTC
                where there is no 'scheduleZone'; times are shown in UTC. Whether a plugin runs
                at all is said by 'muster plugin list'.

                  muster plugin schedule --data var
                """)
        @Option(help: "The folder with one folder for each plugin.") var plugins = "Plugins"
        @OptionGroup var data: DataOptions
        @Flag(help: "Print a JSON array.") var json = false

        func run() async throws {
            let reports = try await ScheduleReport.all(in: pluginsFolder(plugins), store: data.openStore())
            if json { return Output.json(reports.map(\.document)) }
            Output.table(
                ["NAME", "SCHEDULE", "NEXT", "TENANT", "LAST", "STATE"], reports.flatMap { Self.rows(of: $0) },
                empty: "No plugin in \(plugins) has a schedule.")
        }

        private static func rows(of report: ScheduleReport) -> [[String]] {
            let schedule = report.schedule + (report.zone == TimeZone.gmt.identifier ? "" : " \(report.zone)")
            let start = [report.plugin, schedule, report.next?.dateTime ?? "never"]
            guard !report.tenants.isEmpty else { return [start + ["-", "-", "no server has seen it yet"]] }
            return report.tenants.map { start + [$0.tenant.name, $0.last?.dateTime ?? "-", $0.text] }
        }
    }
}
