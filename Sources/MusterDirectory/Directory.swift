package import MusterCore
package import SCIM

/// The inbound engine: one SCIM request is one change in one transaction, with its events.
package struct Directory: Sendable {
    /// Who hears of an event of a kind; asked anew in each change's transaction.
    package typealias Subscribers =
        @Sendable (_ transaction: any ReadTransaction, _ tenant: Tenant) throws -> (LifecycleEvent.Kind) -> [String]

    package let store: any Store
    package let registry: SchemaRegistry
    package let index: AttributeIndex
    package let settings: DirectorySettings
    let interceptors: [ChangeInterceptor]
    let answerInterceptors: [AnswerInterceptor]
    /// What repairs requests before they are understood, in this order.
    package let requestInterceptors: [RequestInterceptor]
    let subscribers: Subscribers
    let didCommit: @Sendable (_ hasDeliveries: Bool) -> Void
    let hashSecret: (@Sendable (String) async throws -> [UInt8])?
    let clock: WallClock
    let makeID: @Sendable () -> String

    /// Creates an engine.
    /// - Parameters:
    ///   - interceptors: Asked before each commit, in this order: all maps, then, after validation, all checks.
    ///   - answerInterceptors: Asked before resources are answered, in this order.
    ///   - requestInterceptors: Asked by the door before a request is understood, in this order.
    ///   - subscribers: Who hears of an event of a kind; each gets a delivery in the change's own transaction.
    ///   - didCommit: Called after a commit, and told whether it wrote deliveries, so that a worker or a reader of the changes
    ///     need not wait for its next look.
    ///   - hashSecret: Makes what is kept of a `password`; nil to drop passwords. Called only for changes that all
    ///     interceptors agreed to.
    ///   - makeID: Makes the ids of resources and changes; each must be new.
    package init(
        store: any Store, registry: SchemaRegistry, index: AttributeIndex, settings: DirectorySettings = .init(),
        interceptors: [ChangeInterceptor] = [], answerInterceptors: [AnswerInterceptor] = [],
        requestInterceptors: [RequestInterceptor] = [],
        subscribers: @escaping Subscribers = { _, _ in { _ in [] } },
        didCommit: @escaping @Sendable (_ hasDeliveries: Bool) -> Void = { _ in },
        hashSecret: (@Sendable (String) async throws -> [UInt8])? = nil,
        clock: WallClock = .system, makeID: @escaping @Sendable () -> String
    ) {
        self.store = store
        self.registry = registry
        self.index = index
        self.settings = settings
        self.interceptors = interceptors
        self.answerInterceptors = answerInterceptors
        self.requestInterceptors = requestInterceptors
        self.subscribers = subscribers
        self.didCommit = didCommit
        self.hashSecret = hashSecret
        self.clock = clock
        self.makeID = makeID
    }

    /// Whether passwords are kept, as hashes, rather than dropped.
    package var keepsSecrets: Bool { hashSecret != nil }
}
