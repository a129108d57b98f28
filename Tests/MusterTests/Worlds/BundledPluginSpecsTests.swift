import Foundation
import Muster
import MusterPlugins
import Testing

@Suite struct BundledPluginSpecsTests {
    static let directory = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Plugins")

    /// The folders below Plugins.
    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []).filter { !$0.hasPrefix(".") }.sorted()

    @Test("every spec of the bundled plugins passes, those in worlds too", arguments: names)
    func specs(_ name: String) async throws {
        let report = try await PluginTestRunner(directory: Self.directory, engines: .muster()).run(plugins: [name])
        #expect(report.isSuccess, "\(report.results.filter { $0.outcome == .failed }.map(\.text)) \(report.diagnostics)")
        #expect(report.count(.passed) >= 4)
        #expect(report.pluginsWithoutSpecs.isEmpty)
    }
}
