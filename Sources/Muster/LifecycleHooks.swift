public import MusterCore
public import SCIM

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
    /// Shapes a resource of any other type before the commit.
    public var mapResource: (@Sendable (ResourceChange) async throws -> ResourceChange)?
    /// Agrees to a resource of any other type before the commit, or throws a `SCIMError`.
    public var checkResource: (@Sendable (ResourceChange) async throws -> Void)?
    /// Proposes another value where a change could not have one, such as a free `userName`; nil leaves the refusal as it is.
    /// Asked at most ten times for a change, which is then validated and checked, not mapped again.
    public var onConflict: (@Sendable (ResourceChange, UniquenessConflict) async throws -> ResourceChange?)?
    /// Shapes what a client sees of a resource of the type; what is stored stays. Must answer the same for the same resource.
    public var onRead: (@Sendable (Resource, _ resourceType: String, RequestOrigin) async throws -> Resource)?
    /// Repairs a request of an authenticated client before it is understood.
    public var onRequest: (@Sendable (RawRequest, RequestOrigin) async throws -> RawRequest)?
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
        let hooks = self
        return ChangeInterceptor(
            concerns: { hooks.map(of: $0) != nil || hooks.check(of: $0) != nil },
            map: { change in try await hooks.map(of: change.key.type)?(change) ?? change },
            check: { change in try await hooks.check(of: change.key.type)?(change) },
            resolve: { change, conflict in try await hooks.onConflict?(change, conflict) })
    }

    /// What shapes answers; nil where nothing does.
    var answerInterceptor: AnswerInterceptor? {
        onRead.map { shape in
            AnswerInterceptor { resources, resourceType, request in
                var shaped: [Resource] = []
                for resource in resources { shaped.append(try await shape(resource, resourceType, request)) }
                return shaped
            }
        }
    }

    /// What repairs requests; nil where nothing does.
    var requestInterceptor: RequestInterceptor? { onRequest.map { RequestInterceptor(rewrite: $0) } }

    private func map(of resourceType: String) -> (@Sendable (ResourceChange) async throws -> ResourceChange)? {
        switch resourceType {
        case ResourceType.user.name: mapUser
        case ResourceType.group.name: mapGroup
        default: mapResource
        }
    }

    private func check(of resourceType: String) -> (@Sendable (ResourceChange) async throws -> Void)? {
        switch resourceType {
        case ResourceType.user.name: checkUser
        case ResourceType.group.name: checkGroup
        default: checkResource
        }
    }
}
