package import Logging
package import MusterCore
import SCIM
import Synchronization

/// The outbound engine: plans what each person becomes at each target, waits for approval where that is wanted, and carries it
/// out.
///
/// One task in the store is the open work for one person at one target. Whoever changes something only makes tasks; the worker
/// (``run()``) plans each from the state of that moment, so that many changes in a row make one plan, and a plan that a newer
/// change overtakes is replaced.
package final class Provisioner: Sendable {
    let store: any Store
    let transport: any HTTPTransport
    let secret: @Sendable (String) -> String?
    let hooks: ProvisioningHooks
    let settings: ProvisionerSettings
    let clock: WallClock
    let sleep: @Sendable (Duration) async throws -> Void
    let random: @Sendable () -> Double
    let makeID: @Sendable () -> String
    let logger: Logger
    let clients = Mutex<[ClientKey: SCIMClient]>([:])
    let known = Mutex<[TargetKey: KnownTarget]>([:])
    /// What wakes each loop that is at work.
    let signals = Mutex<[ObjectIdentifier: Signal]>([:])
    /// How many attempts in a row failed at each target.
    let failures = Mutex<[TargetKey: Int]>([:])
    /// What is under way, whichever loop began it.
    let slots = WorkSlots()
    let metrics = ProvisioningMetrics()

    /// Names a target.
    struct TargetKey: Sendable, Hashable {
        var tenant: Tenant
        var name: String
    }

    /// Names what a client was made for.
    struct ClientKey: Sendable, Hashable {
        var target: TargetKey
        var definition: [UInt8]
    }

    /// Creates a provisioner that does nothing yet.
    /// - Parameters:
    ///   - secret: The value of a secret by its name; nil where there is none.
    ///   - sleep: Waits, and ends early when its task is cancelled.
    ///   - random: Numbers in 0..<1 that spread retries.
    ///   - makeID: Makes names that are not used twice.
    package init(
        store: any Store, transport: any HTTPTransport, secret: @escaping @Sendable (String) -> String?,
        hooks: ProvisioningHooks = ProvisioningHooks(), settings: ProvisionerSettings = ProvisionerSettings(),
        clock: WallClock = .system, sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }, makeID: @escaping @Sendable () -> String,
        logger: Logger = Logger(label: "muster.provisioner")
    ) {
        self.store = store
        self.transport = transport
        self.secret = secret
        self.hooks = hooks
        self.settings = settings
        self.clock = clock
        self.sleep = sleep
        self.random = random
        self.makeID = makeID
        self.logger = logger
    }

    /// Says that there may be new work. Cheap; may be called from anywhere.
    package func wake() {
        for signal in signals.withLock({ Array($0.values) }) { signal.notify() }
    }

    /// The target of a name, read.
    /// - Throws: ``ProvisionerError`` `notFound`, `invalid`.
    func known(_ name: String, in tenant: Tenant) async throws -> KnownTarget {
        guard let row = try await store.read({ try $0.provisioningTarget(name, in: tenant) }) else { throw ProvisionerError.noTarget(name) }
        return try known(row)
    }

    /// A row, read; rows that did not change are read once.
    func known(_ row: ProvisioningTarget) throws -> KnownTarget {
        let key = TargetKey(tenant: row.tenant, name: row.name)
        if let found = known.withLock({ $0[key] }), found.row.definition == row.definition {
            var target = found
            let hasOtherGroups = target.row.groups != row.groups
            target.row = row
            if hasOtherGroups {
                target.groups = TargetGroup.list(row.groups)
                known.withLock { [target] in $0[key] = target }
            }
            return target
        }
        let target = try KnownTarget(row)
        known.withLock { $0[key] = target }
        return target
    }

    /// The client of a target, which lives as long as its definition, so that what it learnt is kept.
    func client(of target: KnownTarget) -> SCIMClient {
        let name = TargetKey(tenant: target.row.tenant, name: target.row.name)
        let key = ClientKey(target: name, definition: target.row.definition)
        return clients.withLock { clients in
            if let client = clients[key] { return client }
            for old in clients.keys where old.target == name { clients[old] = nil }
            let client = SCIMClient(
                definition: target.definition, transport: transport, secret: secret, clock: clock, sleep: sleep, logger: logger)
            clients[key] = client
            return client
        }
    }
}

extension ProvisionerError {
    /// There is no target of this name.
    static func noTarget(_ name: String) -> ProvisionerError {
        ProvisionerError(.notFound, "there is no target called '\(name)'; see 'muster target list'")
    }
}
