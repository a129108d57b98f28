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
            print("signed out \(delivery.event.subject.id)")
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
            onServerRunning: { channel in
                let url = "http://127.0.0.1:\(channel.localAddress?.port ?? port)/scim/v2"
                FileHandle.standardOutput.write(Data("\(url) \(token)\n".utf8))
            })
        try await application.runService()
    }
}
