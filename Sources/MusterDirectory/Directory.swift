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
    let didCommit: @Sendable (_ hasDeliveries: Bool) -> Void
    let hashSecret: (@Sendable (String) async throws -> [UInt8])?
    let clock: WallClock
    let makeID: @Sendable () -> String

    /// Creates an engine.
    /// - Parameters:
    ///   - interceptors: Asked before each commit, in this order: all maps, then, after validation, all checks.
    ///   - subscribers: Who hears of an event of this kind; each gets a delivery in the change's own transaction.
    ///   - didCommit: Called after a commit, and told whether it wrote deliveries, so that a worker or a reader of the changes
    ///     need not wait for its next look.
    ///   - hashSecret: Makes what is kept of a `password`; nil to drop passwords. Called only for changes that all
    ///     interceptors agreed to.
    ///   - makeID: Makes the ids of resources and changes; each must be new.
    package init(
        store: any Store, registry: SchemaRegistry, index: AttributeIndex, settings: DirectorySettings = .init(),
        interceptors: [ChangeInterceptor] = [],
        subscribers: @escaping @Sendable (LifecycleEvent.Kind) -> [String] = { _ in [] },
        didCommit: @escaping @Sendable (_ hasDeliveries: Bool) -> Void = { _ in },
        hashSecret: (@Sendable (String) async throws -> [UInt8])? = nil,
        clock: WallClock = .system, makeID: @escaping @Sendable () -> String
    ) {
        self.store = store
        self.registry = registry
        self.index = index
        self.settings = settings
        self.interceptors = interceptors
        self.subscribers = subscribers
        self.didCommit = didCommit
        self.hashSecret = hashSecret
        self.clock = clock
        self.makeID = makeID
    }

    /// Whether passwords are kept, as hashes, rather than dropped.
    package var keepsSecrets: Bool { hashSecret != nil }
}
