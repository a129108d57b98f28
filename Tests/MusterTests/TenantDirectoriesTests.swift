import Foundation
import Logging
import MusterCore
import MusterPlugins
import MusterSQLite
import Testing

@testable import Muster

@Suite("The engines of tenants")
struct TenantDirectoriesTests {
    @Test("a deleted tenant with plugins of its own has no schedules any more, and holds up nobody")
    func deletedTenant() async throws {
        let folder = try TemporaryFolder()
        try folder.write("muster.yaml", "tenants:\n  acme: { plugins: {} }\n  globex: { plugins: {} }\n")
        let store = try SQLiteStore.inMemory()
        let (acme, globex, initech) = (Tenant(name: "acme"), Tenant(name: "globex"), Tenant(name: "initech"))
        try await store.write { transaction in for tenant in [acme, globex, initech] { try transaction.createTenant(tenant) } }
        let directories = try TenantDirectories(
            TenantDirectories.Shared(
                store: store, configuration: try Configuration.load(file: folder.path("muster.yaml")), hooks: [],
                makeHost: { _, tenant, _ in
                    PluginHost(
                        directory: nil, store: store, world: PluginWorld(store: store, transport: NoTransport()),
                        settings: PluginSettings(), tenant: tenant, logger: .quiet)
                },
                pluginSettings: { _ in PluginSettings() }, didCommit: { _ in }, hashSecret: { Array($0.utf8) }, logger: .quiet))
        try await directories.start { _ in }
        func tenants() async throws -> [String] {
            try await directories.hostsWithTenants().map { host, tenants in
                "\(host.tenant?.name ?? "site"): " + tenants.map(\.name).sorted().joined(separator: " ")
            }.sorted()
        }
        #expect(try await tenants() == ["acme: acme", "globex: globex", "site: default initech"])
        try await store.write { try $0.deleteTenant(acme) }
        #expect(try await tenants() == ["globex: globex", "site: default initech"])
    }
}

/// Never asked.
private struct NoTransport: HTTPTransport {
    func send(_ request: OutboundRequest) async throws -> OutboundResponse { throw TransportError(.connectionFailed, "nothing is sent") }
}
