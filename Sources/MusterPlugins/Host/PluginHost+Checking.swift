package import Foundation
import Logging
import MusterCore

extension PluginHost {
    /// Looks for mistakes in the plugins of a folder, without a server: `muster plugin check`.
    ///
    /// Code is read and loaded in any case, also where a plugin is switched off or lacks a setting.
    /// - Parameters:
    ///   - settings: What the site says about its plugins.
    ///   - pins: Whether plugins must be as they were pinned; nil for never.
    /// - Returns: How each would stand, with every finding.
    /// - Throws: When the folder cannot be read.
    package static func check(directory: URL, settings: PluginSettings = PluginSettings(), pins: PinPolicy? = nil) async throws
        -> [PluginReport]
    {
        let host = PluginHost(
            directory: directory, store: NoStore(), world: PluginWorld(store: NoStore(), transport: NoTransport()), settings: settings,
            pins: pins, logger: Logger(label: "muster.check", factory: { _ in SwiftLogNoOpLogHandler() }))
        let folders = try PluginFolder.all(in: directory)
        return try await host.loadAll(.checking).map { result in
            var report = result.report
            guard let folder = folders.first(where: { $0.name == report.name }) else { return report }
            let told = report.diagnostics
            report.diagnostics += lint(folder).filter { finding in !told.contains { $0.tellsOf(finding) } }
            return report
        }
    }

    /// What reading the code finds; nothing where files cannot be read, which loading has told.
    private static func lint(_ folder: PluginFolder) -> [Diagnostic] {
        guard let bytes = try? folder.manifest(), let source = try? PluginSource(folder), let specs = try? folder.specs() else { return [] }
        let reading = PluginManifest.read(bytes, folder: folder.name)
        guard reading.findings.isEmpty else { return [] }
        let text = String(decoding: bytes, as: UTF8.self)
        return PluginLinter(manifest: reading.manifest, manifestText: text, source: source, specs: specs).findings()
    }
}

extension Diagnostic {
    /// Whether this finding of the loader says what a finding of the linter says again.
    fileprivate func tellsOf(_ finding: Diagnostic) -> Bool {
        severity == .error && finding.severity == .error && file == finding.file && (line == finding.line || summary == finding.summary)
    }
}

/// What a plugin finds that is only looked at.
private struct NoStore: Store {
    func read<T: Sendable>(_ extent: ReadExtent, _ body: @escaping @Sendable (any ReadTransaction) throws -> T) async throws -> T {
        throw StoreError(.unavailable, "there is no store while plugins are checked")
    }
    func write<T: Sendable>(_ body: @escaping @Sendable (any WriteTransaction) throws -> T) async throws -> T {
        throw StoreError(.unavailable, "there is no store while plugins are checked")
    }
}

private struct NoTransport: HTTPTransport {
    func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        throw TransportError(.connectionFailed, "there is no network while plugins are checked")
    }
}
