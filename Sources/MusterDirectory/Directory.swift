package import MusterCore
package import SCIM

/// The inbound engine: one SCIM request is one change in one transaction, with its events.
package struct Directory: Sendable {
    package let store: any Store
    package let registry: SchemaRegistry
    package let index: AttributeIndex
    package let settings: DirectorySettings
    let interceptors: [ChangeInterceptor]
    let subscribers: @Sendable (LifecycleEvent.Kind) -> [String]
    let clock: WallClock
    let makeID: @Sendable () -> String

    /// Creates an engine.
    /// - Parameters:
    ///   - interceptors: Asked before each commit, in this order: all maps, then, after validation, all checks.
    ///   - subscribers: Who hears of an event of this kind; each gets a delivery in the change's own transaction.
    package init(
        store: any Store, registry: SchemaRegistry, index: AttributeIndex, settings: DirectorySettings = .init(),
        interceptors: [ChangeInterceptor] = [],
        subscribers: @escaping @Sendable (LifecycleEvent.Kind) -> [String] = { _ in [] },
        clock: WallClock = .system, makeID: @escaping @Sendable () -> String
    ) {
        self.store = store
        self.registry = registry
        self.index = index
        self.settings = settings
        self.interceptors = interceptors
        self.subscribers = subscribers
        self.clock = clock
        self.makeID = makeID
    }

    /// Brings the index in step with ``index`` when the set of indexed attributes has changed. Called once at start.
    package func prepare() async throws {}

    /// The resource (RFC 7644 §3.4.1).
    /// - Throws: `SCIMError` 404.
    package func get(_ type: ResourceType, id: String, in tenant: Tenant, _ options: AnswerOptions) async throws -> ResourceAnswer {
        throw SCIMError(status: 501, detail: "not there yet")
    }

    /// One page of a search as a ListResponse (RFC 7644 §3.4.2).
    package func search(_ type: ResourceType, _ request: SearchRequest, in tenant: Tenant, baseURL: String) async throws -> [UInt8] {
        throw SCIMError(status: 501, detail: "not there yet")
    }

    /// Creates a resource from a client's body (RFC 7644 §3.3).
    package func create(_ type: ResourceType, _ body: AttributeValue, _ context: RequestContext, _ options: AnswerOptions) async throws
        -> ResourceAnswer
    {
        throw SCIMError(status: 501, detail: "not there yet")
    }

    /// Replaces a resource by a client's body (RFC 7644 §3.5.1).
    package func replace(_ type: ResourceType, id: String, _ body: AttributeValue, _ context: RequestContext, _ options: AnswerOptions)
        async throws -> ResourceAnswer
    {
        throw SCIMError(status: 501, detail: "not there yet")
    }

    /// Changes a resource by a PATCH message (RFC 7644 §3.5.2). The answer has no body for a large group, see
    /// ``DirectorySettings/patchBodyMemberLimit``.
    package func patch(_ type: ResourceType, id: String, _ body: AttributeValue, _ context: RequestContext, _ options: AnswerOptions)
        async throws -> ResourceAnswer
    {
        throw SCIMError(status: 501, detail: "not there yet")
    }

    /// Deletes a resource (RFC 7644 §3.6).
    package func delete(_ type: ResourceType, id: String, _ context: RequestContext) async throws {
        throw SCIMError(status: 501, detail: "not there yet")
    }
}
