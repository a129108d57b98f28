import Foundation
import MusterPlugins
import Testing

@Suite struct BundledPluginsTests {
    static let directory = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "Plugins")

    @Test(
        "every spec of the bundled plugins passes",
        arguments: ["welcome-mail", "department-groups", "revoke-access", "manager-notice"])
    func specs(_ name: String) async throws {
        let report = try await PluginTestRunner(directory: Self.directory).run(plugins: [name])
        #expect(report.isSuccess, "\(report.results.filter { $0.outcome == .failed }.map(\.text)) \(report.diagnostics)")
        #expect(report.count(.passed) >= 4)
        #expect(report.pluginsWithoutSpecs.isEmpty)
    }
}
