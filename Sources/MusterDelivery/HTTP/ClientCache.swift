import AsyncHTTPClient
import MusterCore
import NIOCore
import NIOPosix
import Synchronization

/// One HTTP client for each pair of host and address, since a client can be told only once where a host is to be found.
///
/// Bounded: beyond ``capacity`` the ones that were not used for longest are closed, as soon as nothing is under way.
final class ClientCache: Sendable {
    /// A host and the address that was checked for it.
    struct Key: Sendable, Hashable {
        var host: String
        var address: IPAddress
        /// What proves who is asking; nil for nothing.
        var identity: ClientIdentity?
    }

    private struct Entry {
        let client: HTTPClient
        var users = 0
        var lastUse: UInt64
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var uses: UInt64 = 0
        var isShutDown = false
    }

    private let capacity: Int
    private let configuration: HTTPClient.Configuration
    private let authorities: TrustedAuthorities
    private let state = Mutex(State())

    init(capacity: Int, configuration: HTTPClient.Configuration, authorities: TrustedAuthorities = .system) {
        self.capacity = capacity
        self.authorities = authorities
        self.configuration = configuration
    }

    deinit {
        let clients = state.withLock { $0.entries.values.map(\.client) }
        guard !clients.isEmpty else { return }
        Task { for client in clients { try? await client.shutdown() } }
    }

    /// Hands out the client that connects to `key.address` when asked for `key.host`, and keeps it for the call.
    /// - Throws: ``TransportError`` `cancelled` after ``shutdown()``.
    func withClient<Result: Sendable>(
        for key: Key, _ body: (HTTPClient) async throws -> Result
    ) async throws -> Result {
        guard let client = try take(key) else { throw TransportError(.cancelled, "the transport is shut down") }
        do {
            let result = try await body(client)
            giveBack(key)
            return result
        } catch {
            giveBack(key)
            throw error
        }
    }

    /// Closes all connections; requests under way fail.
    func shutdown() async {
        let clients = state.withLock { state in
            defer { state.entries = [:] }
            state.isShutDown = true
            return state.entries.values.map(\.client)
        }
        for client in clients { try? await client.shutdown() }
    }

    private func take(_ key: Key) throws -> HTTPClient? {
        try state.withLock { state in
            guard !state.isShutDown else { return nil }
            state.uses += 1
            var entry = try state.entries[key] ?? Entry(client: makeClient(key), lastUse: 0)
            entry.users += 1
            entry.lastUse = state.uses
            state.entries[key] = entry
            return entry.client
        }
    }

    private func giveBack(_ key: Key) {
        let closed = state.withLock { state -> [HTTPClient] in
            state.entries[key]?.users -= 1
            let excess = state.entries.count - capacity
            guard excess > 0 else { return [] }
            let idle = state.entries.filter { $0.value.users == 0 }.sorted { $0.value.lastUse < $1.value.lastUse }
            return idle.prefix(excess).compactMap { state.entries.removeValue(forKey: $0.key)?.client }
        }
        guard !closed.isEmpty else { return }
        Task { for client in closed { try? await client.shutdown() } }
    }

    private func makeClient(_ key: Key) throws -> HTTPClient {
        var configuration = configuration
        configuration.tlsConfiguration = try key.identity?.configuration(trusting: authorities) ?? authorities.configuration
        let address = key.address.description
        if key.host != address { configuration.dnsOverride = [key.host: address] }
        return HTTPClient(eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: configuration)
    }
}
