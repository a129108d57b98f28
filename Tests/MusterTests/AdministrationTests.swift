import Hummingbird
import HummingbirdTesting
import Logging
import Muster
import SCIM
import Testing

@Suite("Administration of a server", .timeLimit(.minutes(10)))
struct AdministrationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("A token that the command makes for an administrator opens administration alone, and the printed one the directory alone")
    func tokens() async throws {
        let server = try await ServerProcess(data: folder.path("data"), plugins: folder.folder("Plugins"))
        let made = try await MusterCommand.run("token", "create", "--data", folder.path("data"), "--name", "anna", "--scope", "admin")
        #expect(made.status == 0)
        let printed = server.client
        var admin = printed
        admin.token = String(made.output.dropLast())
        for path in ["/admin/api/targets", "/tenants/default/admin/api/targets"] {
            #expect(try await admin.sendToRoot("GET", path).status == 200)
            #expect(try await printed.sendToRoot("GET", path).status == 403)
        }
        #expect(try await admin.send("GET", "/Users").status == 403)
        #expect(try await printed.send("GET", "/Users").status == 200)
        #expect(try await printed.sendToRoot("GET", "/openapi.json")["paths"]?["/admin/api/targets"] != nil)
        #expect(try await printed.send("GET", "/openapi.json")["paths"]?["/admin/api/targets"] == nil)
        #expect(await server.stop() == 0)
    }

    @Test("An application adds administration to a router of its own")
    func embedded() async throws {
        let test = try await TestProvider()
        let router = Router()
        test.provider.addAdminRoutes(to: router.group("people/admin"))
        try await Application(router: router, logger: .quiet).test(.router) { client in
            let answer = try await Client(router: client, token: test.token).sendToRoot("GET", "/people/admin/targets")
            #expect(answer.status == 403 && answer["detail"]?.string?.contains("admin:read") == true)
        }
        await test.provider.shutdown()
    }
}
