public import MusterCore

/// Hooks in Swift, with the phases and guarantees of Lua's.
///
///     var hooks = LifecycleHooks(name: "licences")
///     hooks.checkUser = { change in
///         if full { throw SCIMError(status: 403, detail: "all licences are taken") }
///     }
///     hooks.on([.userDeactivated]) { delivery in await free(delivery.event.subject.id) }
public struct LifecycleHooks: Sendable {
    /// Names the subscriber in the queue, as `swift:NAME`: keep it, or deliveries on their way are orphaned.
    public var name: String
    /// Shapes a user before the commit. May run again for one request, so it must not act on the world.
    public var mapUser: (@Sendable (ResourceChange) async throws -> ResourceChange)?
    /// Agrees to a user before the commit, or throws a `SCIMError`. May run again for one request.
    public var checkUser: (@Sendable (ResourceChange) async throws -> Void)?
    /// Shapes a group before the commit.
    public var mapGroup: (@Sendable (ResourceChange) async throws -> ResourceChange)?
    /// Agrees to a group before the commit, or throws a `SCIMError`.
    public var checkGroup: (@Sendable (ResourceChange) async throws -> Void)?
    /// The events that are delivered, at least once, in order for each subject.
    public private(set) var kinds: Set<LifecycleEvent.Kind> = []
    /// Handles a delivery after the commit.
    public private(set) var handle: (@Sendable (Delivery) async -> DeliveryOutcome)?

    /// Creates hooks that do nothing yet.
    public init(name: String) { self.name = name }

    /// Subscribes to events.
    /// - Parameter handle: Handles one delivery; what it throws counts as a failed attempt and is retried with back-off.
    public mutating func on(_ kinds: Set<LifecycleEvent.Kind>, _ handle: @escaping @Sendable (Delivery) async throws -> Void) {
        on(
            kinds,
            outcome: { delivery in
                do {
                    try await handle(delivery)
                    return .delivered
                } catch { return .retry(after: nil, reason: "\(error)") }
            })
    }

    /// Subscribes to events and says itself how each ended.
    public mutating func on(_ kinds: Set<LifecycleEvent.Kind>, outcome handle: @escaping @Sendable (Delivery) async -> DeliveryOutcome) {
        self.kinds = kinds
        self.handle = handle
    }

    var subscriber: String { "swift:\(name)" }

    var interceptor: ChangeInterceptor {
        let (mapUser, checkUser, mapGroup, checkGroup) = (mapUser, checkUser, mapGroup, checkGroup)
        return ChangeInterceptor(
            concerns: { type in
                switch type {
                case "User": mapUser != nil || checkUser != nil
                case "Group": mapGroup != nil || checkGroup != nil
                default: false
                }
            },
            map: { change in
                let map = change.key.type == "User" ? mapUser : mapGroup
                return try await map?(change) ?? change
            },
            check: { change in
                let check = change.key.type == "User" ? checkUser : checkGroup
                try await check?(change)
            })
    }
}
