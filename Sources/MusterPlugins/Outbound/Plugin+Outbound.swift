import Logging
import MusterCore
import MusterLua
import SCIM

extension Plugin {
    /// Runs `mapOutbound`.
    /// - Throws: ``OutboundFailure`` when the plugin fails and its manifest says `refuse`; `CancellationError`.
    func map(_ outbound: OutboundInput) async throws -> OutboundDecision {
        let input = HookInput(outbound, config: config)
        do {
            guard !isPaused else { throw PluginFailure(kind: "pause", message: "it was stopped too often") }
            switch try await run(input) {
            case .done(let result): return .document(try document(result, of: outbound, input))
            case .skip(let reason): return .skip(named(reason ?? "no reason is given"))
            case .reject(let error, let reason): return .reject(named(reason ?? error.detail))
            case .retry, .fail: return .document(outbound.document)
            }
        } catch let failure as PluginFailure {
            guard manifest.onFailure == .refuse else {
                logger.warning("plugin '\(name)' is passed over: \(failure.summary)", metadata: metadata(input.context))
                return .document(outbound.document)
            }
            throw OutboundFailure(
                description: "plugin '\(name)' failed in mapOutbound: \(failure.summary) (see the server's log)")
        }
    }

    /// The document as the hook left it.
    private func document(_ result: LuaValue, of outbound: OutboundInput, _ input: HookInput) throws -> AttributeValue {
        if input.isChanged(by: result) {
            logger.warning(
                "plugin '\(name)' changed its copy of the user in mapOutbound, which has no effect; change ctx.document",
                metadata: metadata(input.context))
        }
        let left = result["document"] ?? .null
        // Where nothing changed, the order of attributes stays too.
        guard left != input.data["document"] else { return outbound.document }
        guard left.object != nil || left == .empty else {
            let failure = PluginFailure(kind: "wrong result", message: "ctx.document is no table any more")
            logger.error("plugin '\(name)' failed: \(failure.description)", metadata: metadata(input.context))
            throw failure
        }
        return left.assignedValue?.ordered(like: outbound.document) ?? .complex([:])
    }

    /// A reason as the operator is told it.
    private func named(_ reason: String) -> String { "\(name): " + mask.masked(reason).cut(to: 1024) }

    // MARK: Hearing of ends

    /// Runs `onProvisioned` or `onProvisionFailed`; what fails or asks for it is tried again a few times, and then logged.
    func hear(_ hook: HookName, _ ending: OutboundEnding, in world: PluginWorld, _ retry: OutboundRetry) async {
        let end = ContinuousClock.now + retry.limit
        var pause = retry.base
        for attempt in 1...max(1, retry.attempts) {
            let input = HookInput(hook, ending, of: name, attempt: attempt, time: world.clock.now(), config: config)
            guard let problem = await problem(of: input, within: end - .now) else { return }
            let wait = problem.wait ?? pause
            pause *= 2
            guard attempt < retry.attempts, !problem.isFinal, .now + wait < end else {
                var metadata = metadata(input.context)
                metadata["target.name"] = .string(ending.target)
                metadata["error"] = .string(mask.masked(problem.reason).cut(to: 1024))
                return logger.error("plugin '\(name)': \(hook.rawValue) failed, given up after \(attempt) attempts", metadata: metadata)
            }
            do { try await world.sleep(wait) } catch { return }
        }
    }

    /// What keeps a run from being over and done with.
    private struct Problem {
        var reason: String
        var wait: Duration?
        var isFinal = false
    }

    private func problem(of input: HookInput, within limit: Duration) async -> Problem? {
        guard !isPaused else { return Problem(reason: "it is paused, since it was stopped too often", isFinal: true) }
        do {
            switch try await run(input, within: limit) {
            case .done, .skip, .reject: return nil
            case .retry(let after, let reason): return Problem(reason: reason, wait: after)
            case .fail(let reason): return Problem(reason: reason, isFinal: true)
            }
        } catch let heldBack as HeldBack {
            return Problem(reason: heldBack.description, wait: heldBack.wait)
        } catch let failure as PluginFailure {
            return Problem(reason: failure.description)
        } catch {
            return Problem(reason: "\(error)", isFinal: true)
        }
    }
}

extension AttributeValue {
    /// The same with its members in the order of another value, and those that it has beside them by name: a table in Lua knows
    /// no order, and one and the same document shall always look the same.
    fileprivate func ordered(like other: AttributeValue?) -> AttributeValue {
        switch self {
        case .array(let elements):
            let others = other?.array ?? []
            return .array(elements.enumerated().map { $1.ordered(like: others.indices.contains($0) ? others[$0] : others.first) })
        case .complex(let map):
            let places = other?.complex
            func place(_ member: AttributeMap.Member) -> Int { places?.index(of: member.name) ?? .max }
            let members = map.members.map { AttributeMap.Member(name: $0.name, value: $0.value.ordered(like: other?[$0.name])) }
            return .complex(AttributeMap(members.sorted { (place($0), $0.name) < (place($1), $1.name) }))
        default: return self
        }
    }
}
