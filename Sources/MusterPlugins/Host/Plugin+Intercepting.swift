import Logging
import MusterCore
import MusterLua
import SCIM

extension Plugin {
    /// Runs a map hook.
    /// - Returns: The change as the plugin left it.
    /// - Throws: `SCIMError` when the plugin rejects the change, or fails and its manifest says `refuse`.
    func map(_ hook: HookName, _ change: ResourceChange) async throws -> ResourceChange {
        let input = HookInput(hook, change, config: config)
        guard let result = try await agreed(input) else { return change }
        do { return try mapped(change, result, input.data) } catch let failure as PluginFailure {
            logger.error("plugin '\(name)' failed: \(failure.description)", metadata: metadata(input.context))
            try refuse(failure.summary, input.context)
            return change
        }
    }

    /// Asks for another value in place of one that is taken.
    /// - Returns: The change with the proposal, or nil when the plugin has none.
    /// - Throws: `SCIMError` when the plugin rejects the change, or fails and its manifest says `refuse`.
    func resolve(_ change: ResourceChange, _ conflict: UniquenessConflict) async throws -> ResourceChange? {
        let input = HookInput(.onConflict, change, conflict, config: config)
        guard let result = try await agreed(input) else { return nil }
        do {
            let proposed = try mapped(change, result, input.data)
            return proposed.after == change.after ? nil : proposed
        } catch let failure as PluginFailure {
            logger.error("plugin '\(name)' failed: \(failure.description)", metadata: metadata(input.context))
            try refuse(failure.summary, input.context)
            return nil
        }
    }

    /// Runs a check hook.
    /// - Throws: `SCIMError` when the plugin rejects the change, or fails and its manifest says `refuse`.
    func check(_ hook: HookName, _ change: ResourceChange) async throws {
        let input = HookInput(hook, change, config: config)
        guard let result = try await agreed(input) else { return }
        if input.isChanged(by: result) {
            logger.warning(
                "plugin '\(name)' changed its copy of the resource in \(hook.rawValue), which has no effect; change it in a map hook",
                metadata: metadata(input.context))
        }
    }

    /// Runs a hook before the commit.
    /// - Returns: What it returned; nil when it had nothing to do or is passed over.
    func agreed(_ input: HookInput) async throws -> LuaValue? {
        if isPaused {
            try refuse("it is paused, since it was stopped too often", input.context)
            return nil
        }
        do {
            switch try await run(input) {
            case .done(let value): return value
            case .reject(let error, let reason):
                var metadata = metadata(input.context)
                metadata["scim.status"] = .stringConvertible(error.status)
                if let reason { metadata["plugin.reason"] = .string(mask.masked(reason).cut(to: 1024)) }
                logger.info("plugin '\(name)' rejected a change", metadata: metadata)
                throw SCIMError(
                    status: error.status, scimType: error.scimType.map { mask.masked($0).cut(to: 64) },
                    detail: mask.masked(error.detail).cut(to: 1024))
            case .skip, .retry, .fail: return nil
            }
        } catch let failure as PluginFailure {
            try refuse(failure.summary, input.context)
            return nil
        }
    }

    /// Answers for a plugin that failed, as its manifest says: with 503, or not at all.
    func refuse(_ summary: String, _ context: RunContext) throws {
        guard manifest.onFailure == .refuse else {
            logger.warning("plugin '\(name)' is passed over: \(summary)", metadata: metadata(context))
            return
        }
        throw SCIMError.unavailable(
            "plugin '\(name)' failed: \(summary) (see the server's log, request \(context.requestID))", retryAfter: 30)
    }

    /// Puts what a map hook left into the change.
    private func mapped(_ change: ResourceChange, _ result: LuaValue, _ data: LuaObject) throws -> ResourceChange {
        var change = change
        let field = ContextField(change.key.type).rawValue
        if change.after != nil {
            guard let after = result[field].flatMap({ Resource(hookResult: $0) }) else {
                throw PluginFailure(kind: "wrong result", message: "ctx.\(field) is no table any more")
            }
            // Where nothing changed, the order of attributes stays too.
            if after != change.after { change.after = after }
        }
        if let effects = result["groups"]?.array {
            change.groupEffects += effects.compactMap { effect in
                guard let kind = effect["op"]?.string.flatMap({ ResourceChange.MembershipEffect.Kind(rawValue: $0) }),
                    let group = effect["group"]?.string
                else { return nil }
                return .init(kind, group: group, actor: actor)
            }
        }
        return change
    }
}

extension HookInput {
    /// Whether the resource that a hook returned differs from what it was given.
    func isChanged(by result: LuaValue) -> Bool {
        ContextField.allCases.map(\.rawValue).contains { field in
            data[field].flatMap { Resource(hookResult: $0) } != result[field].flatMap { Resource(hookResult: $0) }
        }
    }
}
