import Logging
import Muster

/// An application that takes accounts over SCIM: a Muster in this process that listens on loopback and keeps each request.
struct ListeningApplication: Sendable {
    /// A request that came.
    struct Request: Hashable, CustomStringConvertible {
        let method: String
        /// The path below the base URL, with its query.
        let path: String
        /// The body; nil for none.
        let body: AttributeValue?

        init(_ method: String, _ path: String, _ body: AttributeValue? = nil) {
            (self.method, self.path, self.body) = (method, path, body)
        }

        var description: String { "\(method) \(path) \(body?.jsonText ?? "")" }
    }

    let provider: ServiceProvider
    let baseURL: String
    /// Its bearer token.
    let token: String
    /// What came, in order; what ``client`` sent is not among it.
    let requests: Record<Request>
    /// Speaks to it as its own administrator does.
    let client: Client

    /// Listens for as long as `body` runs.
    static func run<Value: Sendable>(
        _ configuration: Configuration, _ body: @escaping @Sendable (ListeningApplication) async throws -> Value
    ) async throws -> Value {
        let (requests, ports) = (Record<Request>(), Record<Int>())
        var hooks = LifecycleHooks(name: "recorder")
        hooks.onRequest = { request, origin in
            if origin.client == "onelogin" {
                requests.append(
                    Request(
                        request.method, request.path + (request.query.map { "?" + $0 } ?? ""),
                        request.body.isEmpty ? nil : try? AttributeValue(json: request.body)))
            }
            return request
        }
        var configuration = configuration
        configuration.server.port = 0
        let provider = try await ServiceProvider(
            store: try SQLiteStore.inMemory(), configuration: configuration, hooks: [hooks], environment: [:], logger: .quiet)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await provider.run(onListening: { ports.append($0) })
                return nil
            }
            group.addTask {
                let baseURL = "http://127.0.0.1:\(await ports.wait { !$0.isEmpty }[0])/scim/v2"
                return try await body(
                    ListeningApplication(
                        provider: provider, baseURL: baseURL, token: try await provider.createToken(name: "onelogin"), requests: requests,
                        client: Client(baseURL: baseURL, token: try await provider.createToken(name: "owner"))))
            }
            while let value = try await group.next() { if let value { return value } }
            throw CancellationError()
        }
    }
}
