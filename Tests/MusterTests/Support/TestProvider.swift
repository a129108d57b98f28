import Hummingbird
import HummingbirdTesting
import Logging
import Muster

/// A provider on a store of its own, below a router of its own.
struct TestProvider: Sendable {
    let store: SQLiteStore
    let provider: ServiceProvider
    let token: String

    init(store: SQLiteStore, provider: ServiceProvider) async throws {
        self.store = store
        self.provider = provider
        token = try await provider.createToken(name: "tests")
    }

    init(
        plugins: String? = nil, configuration: Configuration = Configuration(), hooks: [LifecycleHooks] = [], isStrict: Bool = false,
        environment: [String: String] = [:]
    ) async throws {
        let store = try SQLiteStore.inMemory()
        let provider = try await ServiceProvider(
            store: store, plugins: plugins, configuration: configuration, hooks: hooks, isStrict: isStrict, environment: environment,
            logger: .quiet)
        try await self.init(store: store, provider: provider)
    }

    /// Runs `body` with a client of the router, and ends the provider.
    @discardableResult
    func run<Value: Sendable>(_ body: @Sendable (Client) async throws -> Value) async throws -> Value {
        let router = Router()
        router.get("/") { _, _ in "the application" }
        provider.addRoutes(to: router.group("scim/v2"))
        provider.addRoutes(to: router.group("tenants/:tenant/scim/v2"))
        provider.addHealthRoutes(to: router)
        do {
            let value = try await Application(router: router, logger: .quiet).test(.router) {
                try await body(Client(router: $0, token: token))
            }
            await provider.shutdown()
            return value
        } catch {
            await provider.shutdown()
            throw error
        }
    }
}

extension Logger {
    /// Says nothing.
    static let quiet = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
}
