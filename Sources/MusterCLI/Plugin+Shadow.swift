import ArgumentParser
import Muster
import MusterCore
import MusterPlugins
import SCIM

extension Plugin {
    struct Shadow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a version that runs beside the live one does otherwise; works beside a running server.",
            discussion: """
                A shadow is another version of a plugin, in a folder of its own, named in the
                configuration and taken up by 'muster plugin reload':

                  plugins:
                    welcome-mail:
                      shadow: ../next/welcome-mail

                It runs after the live version, with the same input and the same answers of the
                world, and nobody waits for it. Nothing that it does has any effect: requests
                are not sent, values not kept. Differences are listed by path, without values:
                '-' only the live version, '+' only the shadow, '~' both, but not alike.

                  muster plugin shadow --data var welcome-mail
                """)
        @Argument(help: "The plugin.") var name: String
        @OptionGroup var data: DataOptions
        @Option(help: "The tenant, where it has plugins of its own.") var tenant: String?
        @Flag(help: "Print a JSON object.") var json = false

        func run() async throws {
            let tenant = tenant.map { Tenant(name: $0) } ?? .default
            guard let report = try await ShadowReport.stored(in: data.openStore(), plugin: name, tenant: tenant) else {
                throw CommandFailure(
                    "no shadow of '\(name)' has run yet; name its folder as plugins.\(name).shadow in the configuration, "
                        + "then run 'muster plugin reload'")
            }
            if json { return Output.line(report.document.jsonText) }
            Output.line("\(name) \(report.liveVersion) live, \(report.shadowVersion) in its shadow, since \(report.since.dateTime)")
            Output.line(
                "\(report.runs) runs: \(report.agreements) agree, \(report.divergences) diverge; \(report.dropped) more were not followed")
            for divergence in report.list {
                let event = divergence.eventID.map { ", event \($0)" } ?? ""
                Output.line("")
                Output.line(
                    "\(divergence.time.dateTime)  \(divergence.hook)  \(divergence.subject)  (request \(divergence.requestID)\(event))")
                for line in divergence.lines { Output.line("  \(line)") }
            }
        }
    }
}
