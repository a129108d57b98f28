import Foundation
import Muster
import MusterProvisioner
import SCIM

/// A directory with people, a second server of ours that stands for an application, and the commands between them.
struct ProvisioningBench {
    let folder: TemporaryFolder
    /// The application: a SCIM server on loopback.
    let application: ServerProcess
    private let environment: [String: String]
    private var data: String { folder.path("data") }

    /// - Parameter people: A table of people.
    init(
        people: String = "userName,email,lastName,groups\nada,ada@x.com,Lovelace,Eng\nbob,bob@x.com,Babbage,Eng\ncarl,carl@x.com,Carlson,\n"
    ) async throws {
        folder = try TemporaryFolder()
        application = try await ServerProcess(data: folder.path("application"), plugins: folder.folder("NoPlugins"))
        environment = ["MUSTER_SECRET_APP": application.client.token]
        try folder.write("people.csv", people)
        _ = try await load()
    }

    /// Imports the table anew.
    func load() async throws -> MusterCommand.Result { try await run("import", "people.csv", "--create-groups") }

    /// Runs a command on the directory.
    func run(_ arguments: String...) async throws -> MusterCommand.Result {
        try await MusterCommand.run(arguments + ["--data", data], environment: environment, in: folder.path)
    }

    /// Runs a command that needs no data folder.
    func plain(_ arguments: String...) async throws -> MusterCommand.Result { try await MusterCommand.run(arguments, in: folder.path) }

    /// Adds the application as the target `app`.
    func add(_ arguments: String...) async throws -> MusterCommand.Result {
        let all =
            [
                "target", "add", "app", "--preset", "rfc", "--url", application.baseURL, "--token-secret", "APP", "--allow-private-address",
                "--data", data,
            ] + arguments
        return try await MusterCommand.run(all, environment: environment, in: folder.path)
    }

    /// Does what a server would: works until nothing is due.
    func work(plugins: String? = nil) async throws {
        let store = try SQLiteStore(path: DataFolder(path: data).databasePath)
        let provider = try await ServiceProvider(store: store, plugins: plugins, environment: environment, logger: .quiet)
        try await provider.drainProvisioning()
        await provider.shutdown()
        try store.close()
    }

    /// The accounts at the application, by userName.
    func accounts() async throws -> [String: AttributeValue] {
        let found = try await application.client.send("GET", "/Users?count=1000")["Resources"]?.array ?? []
        return Dictionary(uniqueKeysWithValues: found.map { ($0["userName"]?.string ?? "", $0) })
    }

    /// What a command prints as JSON.
    func json(_ arguments: String...) async throws -> AttributeValue {
        let result = try await MusterCommand.run(arguments + ["--json", "--data", data], environment: environment, in: folder.path)
        return try AttributeValue(json: result.output)
    }
}
