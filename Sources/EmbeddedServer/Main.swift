import Foundation
import Hummingbird
import Muster

/// An application of its own that people are provisioned into: its routes, and SCIM beside them.
///
///     swift run embedded-server 8081
@main
struct EmbeddedServer {
    static func main() async throws {
        var hooks = LifecycleHooks(name: "example")
        hooks.checkUser = { change in
            guard change.after?["userName"]?.string != "root" else {
                throw SCIMError(status: 400, scimType: "reservedName", detail: "root is reserved")
            }
        }
        hooks.on([.userDeactivated]) { delivery in
            say("signed out \(delivery.event.subject.id)")
        }

        let store = try SQLiteStore(path: FileManager.default.temporaryDirectory.path + "/people-\(UUID().uuidString).sqlite")
        let provider = try await ServiceProvider(store: store, hooks: [hooks])
        let token = try await provider.createToken(name: "identity provider")

        let router = Router()
        router.get("/") { _, _ in "The application itself." }
        provider.addRoutes(to: router.group("scim/v2"))

        let port = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 8081
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)), services: [provider.deliveries],
            onServerRunning: { channel in say("http://127.0.0.1:\(channel.localAddress?.port ?? port)/scim/v2 \(token)") })
        try await application.runService()
    }

    /// Writes a line at once, also where standard output is a pipe.
    private static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
