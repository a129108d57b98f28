import ArgumentParser
import Foundation
import Logging
import Muster
import MusterCore
import MusterProvisioner
import SCIM

/// Where a server keeps its data, and whose targets are meant.
struct ProvisionerOptions: ParsableArguments {
    @OptionGroup var data: DataOptions
    @OptionGroup var configuration: ConfigurationOptions
    @Option(
        help: ArgumentHelp("The folder with one folder for each plugin.", discussion: "Its mapOutbound hooks shape what is planned here."))
    var plugins = "Plugins"
    @Option(name: .customLong("tenant"), help: "The tenant.") var tenantName = Tenant.default.name

    var tenant: Tenant { Tenant(name: tenantName) }

    /// Who acts, for the audit: the console, and the machine's user.
    var actor: String { "console:\(NSUserName())" }

    /// Runs `body` with a provisioner on the store, beside a running server or without one.
    func run<Value: Sendable>(_ body: (Provisioner) async throws -> Value) async throws -> Value {
        let store = try data.openStore()
        guard try await store.read({ [tenant] in try $0.hasTenant(tenant) }) else {
            throw CommandFailure("there is no tenant '\(tenantName)'; see 'muster tenant list'")
        }
        let settings = try configuration.load(data: data.data)
        return try await Provisioner.standalone(
            store: store, plugins: pluginsFolderIfAny(plugins), pins: data.folder.pins(settings), configuration: settings,
            logger: Logger(label: "muster.provisioner", factory: { _ in SwiftLogNoOpLogHandler() }), note: { Output.note($0) }, body)
    }

    /// Says what a batch of work comes to.
    func show(_ batch: ProvisioningBatch) {
        guard batch.people > 0 else { return Output.line("\(batch.target): nothing to do for anybody") }
        Output.line("\(batch.target): work for \(batch.people) people, batch \(batch.id)")
        guard batch.isParked else { return }
        Output.line(
            "\(batch.target): the delete guard holds all of it, for \(batch.removals) of \(batch.active) active accounts would be deactivated "
                + "or deleted")
        Output.line("  look:     muster approval list --batch \(batch.id)")
        Output.line("  allow it: muster approval approve --batch \(batch.id)")
        Output.line("  or not:   muster approval reject --batch \(batch.id)")
    }
}

extension Output {
    /// Prints findings, a line each, on standard error.
    static func findings(_ findings: [Finding]) {
        for finding in findings { note(finding.description) }
    }
}

/// A file with one JSON value.
struct JSONFile: ExpressibleByArgument {
    let path: String
    init?(argument: String) { path = argument }

    func read() throws -> AttributeValue {
        let data = path == "-" ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: path)
        guard let data else { throw CommandFailure("\(path): the file cannot be read") }
        do throws(JSONError) { return try AttributeValue(json: Array(data)) } catch { throw CommandFailure("\(path): \(error)") }
    }
}
