package import Foundation
package import MusterCore
import MusterDelivery
import MusterDirectory
package import MusterPlugins

extension ServiceProvider {
    /// Brings the people of a table into the directory of a tenant, through all hooks, as the actor `import`.
    /// - Parameters:
    ///   - progress: Is told how many rows of how many are done.
    ///   - report: Is told what happens to rows, in their order, problems of the file itself first.
    /// - Throws: ``ImportError`` when the table cannot be imported at all; `StoreError`.
    public func importPeople(
        _ table: CSVTable, options: ImportOptions = ImportOptions(), tenant: Tenant = .default,
        progress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in }, report: @escaping (ImportReport) -> Void = { _ in }
    ) async throws -> ImportSummary {
        guard let directory = try await directory(of: tenant) else { throw ImportError(["there is no tenant '\(tenant.name)'"]) }
        var run = try PeopleImport(table, into: directory, tenant: tenant, options: options, progress: progress, report: report)
        return try await run.run()
    }
}

/// An import beside a running server, or without one: on its store, with the plugins of a folder.
package struct ImportRun {
    /// The table.
    package var table: CSVTable
    /// How it is imported.
    package var options: ImportOptions
    /// Whose directory it goes into.
    package var tenant: Tenant
    /// The folder with one folder for each plugin; nil for none.
    package var plugins: URL?
    /// Whether plugins must be as they were pinned; nil for never.
    package var pins: PinPolicy?
    /// What the site decides.
    package var configuration: Configuration
    /// Where `MUSTER_SECRET_…` are looked for.
    package var environment = ProcessInfo.processInfo.environment

    package init(_ table: CSVTable, options: ImportOptions, tenant: Tenant, plugins: URL?, pins: PinPolicy?, configuration: Configuration) {
        self.table = table
        self.options = options
        self.tenant = tenant
        self.plugins = plugins
        self.pins = pins
        self.configuration = configuration
    }

    /// Imports into a store, which a server may have open too; its hooks after the commit then get the events.
    /// - Parameter notes: Is told what is to be known about the plugins.
    /// - Throws: ``ImportError``, ``ConfigurationError``, `StoreError`.
    package func run(
        on store: any Store, notes: ([String]) -> Void, progress: @escaping (_ done: Int, _ total: Int) -> Void,
        report: @escaping (ImportReport) -> Void
    ) async throws -> ImportSummary {
        let transport = try configuration.transport()
        do {
            let summary = try await run(on: store, .real(transport, pins: pins), notes, progress, report)
            await transport.shutdown()
            return summary
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    /// Tries it out on a copy of the store: hooks before the commit run too, and what they would send is only taken down.
    package func rehearse(
        onCopy store: any Store, notes: ([String]) -> Void, progress: @escaping (_ done: Int, _ total: Int) -> Void,
        report: @escaping (ImportReport) -> Void
    ) async throws -> ImportSummary {
        try await run(on: store, .recorded(answers: { _ in nil }), notes, progress, report)
    }

    private func run(
        on store: any Store, _ world: RehearsalEngine.World, _ notes: ([String]) -> Void,
        _ progress: @escaping (_ done: Int, _ total: Int) -> Void, _ report: @escaping (ImportReport) -> Void
    ) async throws -> ImportSummary {
        let engine = try await RehearsalEngine(
            store: store, plugins: plugins, configuration: configuration, tenant: tenant, world: world, environment: environment)
        notes(engine.notes)
        var run = try PeopleImport(
            table, into: engine.directory, tenant: tenant, options: options, progress: progress, report: report)
        return try await run.run()
    }
}
