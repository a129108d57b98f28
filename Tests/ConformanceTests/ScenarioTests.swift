import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Muster
import NIOCore
import Testing

/// The traffic of real clients and the RFC's own cases, replayed against a whole server in this process.
@Suite struct ScenarioTests {
    @Test("the clients' scenarios are there")
    func count() throws {
        let scenarios = try Scenario.all()
        #expect(scenarios.count == 72)
        #expect(scenarios.count { $0.idp == "onelogin" } == 13)
    }

    @Test("the scenario passes", arguments: try Scenario.all())
    func replay(scenario: Scenario) async throws {
        var configuration = Configuration()
        // Entra ID wants what the RFC does not: see its scenario of duplicates.
        configuration.directory.uniqueGroupNames = scenario.idp == "entra"
        let provider = try await ServiceProvider(
            store: SQLiteStore.inMemory(), configuration: configuration, logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() })
        let token = try await provider.createToken(name: scenario.idp)
        let router = Router()
        provider.addRoutes(to: router.group("scim/v2"))
        try await Application(router: router).test(.router) { client in
            try await ScenarioRunner(token: token) { method, path, headers, body in
                var fields = HTTPFields()
                for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
                let response = try await client.executeRequest(
                    uri: "/scim/v2" + path, method: #require(HTTPRequest.Method(rawValue: method)), headers: fields,
                    body: body.map { ByteBuffer(bytes: $0) })
                return Reply(
                    status: response.status.code,
                    headers: Dictionary(response.headers.map { ($0.name.rawName.lowercased(), $0.value) }) { first, _ in first },
                    body: Array(response.body.readableBytesView))
            }.run(scenario)
        }
        await provider.shutdown()
    }
}
