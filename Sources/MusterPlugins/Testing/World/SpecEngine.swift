package import Foundation
package import Logging
package import MusterCore
package import SCIM

/// A real engine on a throw-away store, for one spec: directory, authentication, routes, plugins and queue, without a
/// socket. What it reaches outside of itself is the spec's made-up world.
package struct SpecEngine: Sendable {
    /// The plugins, loaded.
    package var host: PluginHost
    /// Answers a request below the base URL as the server does, whoever's token it bears.
    package var send: @Sendable (WireRequest) async throws -> OutboundResponse
    /// Hands out deliveries until none is due at the time of the world's clock.
    /// - Throws: What the store throws.
    package var drain: @Sendable () async throws -> Void
    /// Runs the plugins' schedules that are due at the time of the world's clock; gives the time of the next one.
    package var runSchedules: @Sendable () async throws -> Timestamp?

    package init(
        host: PluginHost, send: @escaping @Sendable (WireRequest) async throws -> OutboundResponse,
        drain: @escaping @Sendable () async throws -> Void, runSchedules: @escaping @Sendable () async throws -> Timestamp?
    ) {
        self.host = host
        self.send = send
        self.drain = drain
        self.runSchedules = runSchedules
    }
}

/// What an engine is opened with.
package struct SpecEngineOpening: Sendable {
    /// The folder with one folder for each plugin.
    package var plugins: URL
    /// What is said about them; those that a spec does not name are switched off.
    package var settings: PluginSettings
    /// Where everything is kept; opened before by the same factory.
    package var store: any Store
    /// What the plugins can reach beside the directory, which the engine adds.
    package var world: PluginWorld
    /// Makes the ids of resources and changes.
    package var makeID: @Sendable () -> String
    /// How clients' messages are read; nil for the usual way.
    package var dialect: String?
    /// Whether the plugins' lines are counted.
    package var recordsCoverage: Bool
    /// Takes what the engine and its plugins log.
    package var logger: Logger
}

/// Opens engines. The rooms that make one up know nothing of plugins' specs, so the roof hands this to the test runner.
package struct SpecEngineFactory: Sendable {
    /// Makes an empty store that knows the tokens of all clients.
    package var makeStore: @Sendable () async throws -> any Store
    /// Opens an engine on a store; what an earlier engine on it had in hand becomes free again.
    package var open: @Sendable (SpecEngineOpening) async throws -> SpecEngine
    /// Removes what engines of one process share on disk; nothing is opened after it.
    package var close: @Sendable () -> Void

    package init(
        makeStore: @escaping @Sendable () async throws -> any Store,
        open: @escaping @Sendable (SpecEngineOpening) async throws -> SpecEngine, close: @escaping @Sendable () -> Void
    ) {
        self.makeStore = makeStore
        self.open = open
        self.close = close
    }
}
