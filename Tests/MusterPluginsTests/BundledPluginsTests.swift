import Foundation
import MusterCore
import MusterPlugins
import SCIM
import Testing

@Suite struct BundledPluginsTests {
    static let directory = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "Plugins")

    @Test("without settings the bundled plugins are off and say what they need; department-groups is on and does nothing")
    func unset() async throws {
        let plugins = try TestPlugins()
        let host = PluginHost(
            directory: Self.directory, store: plugins.store,
            world: PluginWorld(store: plugins.store, transport: plugins.transport), settings: PluginSettings(),
            logger: plugins.log.logger)
        #expect(
            try await host.load().map(\.line) == [
                "department-groups 1.0.0: loaded (checkUser, mapUser)",
                "joiner-mover-leaver 1.0.0: off (the setting 'webhook' is missing, the secret 'JML_SIGNING_KEY' is missing)",
                "licence-groups 1.0.0: off (the setting 'service' is missing, the secret 'LICENCE_TOKEN' is missing)",
                "manager-notice 1.0.0: off (the setting 'hook' is missing)",
                "revoke-access 1.0.0: off (the setting 'base' is missing, the secret 'REVOKE_KEY' is missing)",
                "welcome-mail 1.0.0: off (the setting 'webhook' is missing, the secret 'MAIL_TOKEN' is missing)",
            ])
        let mapped = try await host.interceptor.map(.create(["userName": "ada"]))
        try await host.interceptor.check(mapped)
        #expect(mapped.groupEffects.isEmpty)
    }
}
