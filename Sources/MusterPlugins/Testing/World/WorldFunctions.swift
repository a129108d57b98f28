import MusterCore
import MusterLua
import SCIM

/// The functions behind `test.world`, as world.lua calls them.
///
/// Those that act answer `{value = …}`, `{refusal = {status, scimType, detail, request}}` or `{failure = "FILE:LINE: …"}`.
extension SpecAPI {
    mutating func addWorlds() {
        addOpening()
        addActing()
        addLooking()
    }

    private mutating func addOpening() {
        let (world, worlds) = (world, worlds)
        api.async("world_open") { _, arguments in
            .integer(Int64(try await worlds.open(SpecWorldEngine.Options(arguments.object(0), world: world))))
        }
        api.async("world_client") { _, arguments in
            let name = try arguments.string(1, "world.client: the name")
            let client = ClientOptions(name: name, settings: AttributeMap(arguments.object(2)))
            return .integer(Int64(try await worlds.engine(arguments).add(client)))
        }
        api.sync("world_names") { _, _ in .array(ClientOptions.names.map { .string($0) }) }
    }

    private mutating func addActing() {
        let (world, worlds) = (world, worlds)
        @Sendable func attempt(_ body: () async throws -> LuaValue?) async throws -> LuaValue {
            world.forgetFailures()
            var answer: LuaObject = [:]
            do {
                if let value = try await body() { answer["value"] = value }
            } catch let refusal as WireRefusal {
                answer["refusal"] = refusal.luaValue
            } catch let failed as PluginFailed {
                answer["failure"] = .string(failed.failure.text)
            }
            if let failure = world.takeFailures().first { answer["failure"] = .string(failure.text) }
            return .object(answer)
        }
        api.async("world_do") { _, arguments in
            let engine = try worlds.engine(arguments)
            let client = Int(try arguments.number(1, "world: the client"))
            let operation = try ClientOperation(try arguments.string(2, "world: the operation"), arguments, from: 3)
            return try await attempt { try await engine.perform(operation, by: client).map { LuaValue($0) } }
        }
        api.async("world_request") { _, arguments in
            let engine = try worlds.engine(arguments)
            let request = try WireRequest(arguments.object(2), client: try arguments.string(1, "world.request: the client"))
            return .object(try await engine.exchange(request).luaObject)
        }
        api.async("world_settle") { _, arguments in
            let engine = try worlds.engine(arguments)
            let tolerates = arguments[1]?.boolean ?? false
            return try await attempt {
                let settlement = try await engine.settle(toleratesFailures: tolerates)
                if tolerates { world.forgetFailures() }
                return [
                    "delivered": .integer(Int64(settlement.delivered)), "set_aside": .integer(Int64(settlement.setAside)),
                    "seconds": .number(settlement.seconds),
                ]
            }
        }
        api.async("world_advance") { _, arguments in
            let engine = try worlds.engine(arguments)
            let seconds = try arguments.number(1, "world.advance: the number of seconds")
            guard (0...Double(SpecWorldEngine.longestSettling.components.seconds * 12)).contains(seconds) else {
                throw HostCallError("world.advance: from 0 seconds to 360 days")
            }
            let tolerates = arguments[2]?.boolean ?? false
            return try await attempt {
                try await engine.advance(by: .milliseconds(Int64(seconds * 1000)), toleratesFailures: tolerates)
                if tolerates { world.forgetFailures() }
                return nil
            }
        }
        api.async("world_crash") { _, arguments in
            let calls = arguments[1]?.integer
            guard arguments[1] == nil || calls ?? 0 >= 1 else {
                throw HostCallError("world.crash: after_calls is a whole number, at least 1")
            }
            try await worlds.engine(arguments).crash(afterCalls: calls.map { Int(clamping: $0) })
            return nil
        }
    }

    private mutating func addLooking() {
        let worlds = worlds
        api.async("world_user") { _, arguments in
            try await worlds.engine(arguments).resource("/Users", try arguments.string(1, "world.user: the id")).map { LuaValue($0) }
        }
        api.async("world_users") { _, arguments in
            let filter = try arguments.optionalString(1, "world.users: the filter")
            return .array(try await worlds.engine(arguments).resources("/Users", filter).map { LuaValue($0) })
        }
        api.async("world_group") { _, arguments in
            try await worlds.engine(arguments).group(try arguments.string(1, "world.group: the name")).map { LuaValue($0) }
        }
        api.async("world_members") { _, arguments in
            let names = try await worlds.engine(arguments).memberNames(of: try arguments.string(1, "world.members: the group"))
            return .array(names.map { .string($0) })
        }
        api.async("world_deliveries") { _, arguments in
            .array(try await worlds.engine(arguments).deliveries().map(\.luaValue))
        }
        api.async("world_events") { _, arguments in
            .array(try await worlds.engine(arguments).changes().flatMap { change in change.events.map(\.luaValue) })
        }
        api.async("world_requests") { _, arguments in
            .array(await (try worlds.engine(arguments)).exchanges.map(\.luaValue))
        }
    }
}

extension SpecWorlds {
    /// The world whose number is the first argument.
    fileprivate func engine(_ arguments: Arguments) throws(HostCallError) -> SpecWorldEngine {
        try engine(Int(try arguments.number(0, "world: the number")))
    }
}
