package import MusterCore
package import MusterPlugins
package import MusterProvisioner
import SCIM
import Synchronization

extension ProvisioningHooks {
    /// The hooks of Lua plugins: `mapOutbound`, `onProvisioned` and `onProvisionFailed`.
    /// - Parameters:
    ///   - plugins: The plugins of a tenant. Where that throws a ``ConfigurationError``, nobody is planned.
    ///   - untold: Takes why nobody could be told of an end.
    package init(
        plugins: @escaping @Sendable (Tenant) async throws -> PluginHost, untold: @escaping @Sendable (any Error) -> Void
    ) {
        self.init(
            map: { document, person, target in
                do {
                    let outbound = OutboundInput(document: document, user: person.user, key: person.key, target: target)
                    switch try await plugins(person.key.tenant).map(outbound) {
                    case .document(let document): return .document(document)
                    case .skip(let reason): return .skip(reason)
                    case .reject(let reason): return .reject(reason)
                    }
                } catch let failure as OutboundFailure {
                    throw ProvisionerError(.invalid, failure.description)
                } catch let error as ConfigurationError {
                    throw ProvisionerError(.invalid, "the plugins cannot be loaded: \(error)")
                }
            },
            ended: { ending in
                do {
                    let plan = ending.plan
                    try await plugins(ending.subject.tenant).tell(
                        OutboundEnding(
                            id: ending.key, target: ending.target, key: ending.subject, user: ending.person?.user,
                            action: plan.action.rawValue, document: plan.document, remoteID: ending.remoteID, error: ending.error))
                } catch { untold(error) }
            })
    }
}

/// The plugins for a command, loaded when the first person is planned: most commands need none.
final class CommandPlugins: Sendable {
    private let load: @Sendable (Tenant) async throws -> RehearsalEngine
    private let loading = Mutex<[Tenant: Task<RehearsalEngine, any Error>]>([:])

    init(load: @escaping @Sendable (Tenant) async throws -> RehearsalEngine) { self.load = load }

    /// The plugins of a tenant.
    func host(of tenant: Tenant) async throws -> PluginHost {
        let task = loading.withLock { loading in
            if let task = loading[tenant] { return task }
            let task = Task { [load] in try await load(tenant) }
            loading[tenant] = task
            return task
        }
        return try await task.value.host
    }
}
