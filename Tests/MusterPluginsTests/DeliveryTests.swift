import Logging
import MusterCore
import SCIM
import Testing

@testable import MusterPlugins

@Suite struct DeliveryTests {
    @Test(
        "an outcome becomes what the queue does next",
        arguments: [
            ("", .delivered), (#"return ctx.skip("not mine")"#, .delivered),
            (#"ctx.retry { after = 30, reason = "busy" }"#, .retry(after: .seconds(30), reason: "busy")),
            (#"ctx.retry { reason = "busy" }"#, .retry(after: nil, reason: "busy")),
            ("ctx.retry()", .retry(after: nil, reason: "the plugin asked for another try")),
            ("ctx.retry { after = 1e9 }", .retry(after: .seconds(86_400), reason: "the plugin asked for another try")),
            ("ctx.retry { after = 1e21 }", .retry(after: .seconds(86_400), reason: "the plugin asked for another try")),
            ("error { outcome = 'retry', after = -1, reason = 'busy' }", .retry(after: nil, reason: "busy")),
            (#"ctx.fail { reason = "gone" }"#, .fail(reason: "gone")), (#"pcall(ctx.fail, "gone")"#, .fail(reason: "gone")),
            ("local x = nil + 1", .retry(after: nil, reason: "probe/init.lua:2: attempt to perform arithmetic on a nil value")),
            ("while true do end", .retry(after: nil, reason: "probe/init.lua:2: CPU time limit exceeded")),
            ("ctx.reject { detail = 'x' }", .retry(after: nil, reason: "probe/init.lua:2: attempt to call a nil value (field 'reject')")),
        ] as [(String, DeliveryOutcome)])
    func outcomes(_ body: String, _ expected: DeliveryOutcome) async throws {
        let plugins = try await plugin(.onCreate, body, manifest: #""limits": {"cpuMs": 60}"#)
        #expect(await plugins.handle("probe", .user(.userCreated)) == expected)
    }

    @Test("waiting holds no thread: many runs wait side by side on one plugin")
    func waiting() async throws {
        // One after the other they would take 200 seconds, and the last ones would be out of time.
        let plugins = try await plugin(.onCreate, "muster.time.sleep(2)", manifest: #""limits": {"wallMs": 100000}"#)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                let event = LifecycleEvent.user(.userCreated, after: ["id": .string("u\(number)"), "userName": "ada"])
                group.addTask { #expect(await plugins.handle("probe", event) == .delivered) }
            }
        }
    }

    /// Runs a hook that logs parts of its ctx, and returns what was logged.
    private func logged(_ hook: HookName, _ expression: String, _ event: LifecycleEvent, store: (FakeStore) -> Void = { _ in }) async throws
        -> String
    {
        let plugins = try await plugin(hook, "muster.log.info(muster.json.encode(\(expression)))")
        store(plugins.store)
        #expect(await plugins.handle("probe", event, attempt: 3) == .delivered)
        return try #require(plugins.log.lines.first { $0.level == .info }).message
    }

    @Test("ctx.event is the same on every attempt but for its number")
    func event() async throws {
        let text = try await logged(.onCreate, "{ ctx.event, ctx.request }", .user(.userCreated))
        let value = try AttributeValue(json: text)
        let expected: AttributeValue = [
            [
                "id": "change-1-1", "idempotencyKey": "change-1-1:probe", "type": "onCreate", "time": "2026-01-01T00:00:00.000Z",
                "attempt": 3,
                "key": "User/u1",
            ],
            ["id": "request-1", "client": "onelogin", "tenant": "default"],
        ]
        #expect(value == expected)
    }

    @Test("ctx.user is the user after the change, before it when it is deleted; before and changes go with it")
    func user() async throws {
        let old: AttributeValue = ["id": "u1", "userName": "ada", "title": "a"]
        let new: AttributeValue = ["id": "u1", "userName": "ada", "title": "b"]
        let expression = "{ ctx.user.title, ctx.before and ctx.before.title or '-', ctx.changes.title or '-' }"
        #expect(
            try AttributeValue(json: await logged(.onUpdate, expression, .user(.userUpdated, before: old, after: new))) == [
                "b", "a", ["from": "a", "to": "b"],
            ])
        #expect(
            try AttributeValue(json: await logged(.onDelete, expression, .user(.userDeleted, before: old, after: nil)))
                == ["a", "a", ["from": "a"]])
        #expect(try AttributeValue(json: await logged(.onCreate, expression, .user(.userCreated, after: new))) == ["b", "-", ["to": "b"]])
    }

    @Test("ctx.manager holds the ids of both managers")
    func manager() async throws {
        var event = LifecycleEvent.user(.managerChanged)
        event.newManager = "m2"
        #expect(try await logged(.onManagerChange, "ctx.manager", event) == #"{"new":"m2"}"#)
    }

    @Test("for membership the other side is loaded from the store; what is gone is named by its id")
    func membership() async throws {
        let group = ResourceKey(type: "Group", id: "g1")
        var event = LifecycleEvent.user(.memberAdded, after: ["id": "u1", "userName": "ada"])
        event.group = group
        let expression = "{ ctx.user, ctx.group, ctx.member }"
        let fromUser = try await logged(.onGroupAdd, expression, event) { $0.add("Group", "g1", ["id": "g1", "displayName": "Sales"]) }
        #expect(
            try AttributeValue(json: fromUser) == [
                ["id": "u1", "userName": "ada"], ["id": "g1", "displayName": "Sales"], ["value": "u1", "type": "User", "display": "ada"],
            ])

        event.change.resource = group
        event.change.after = AttributeValue.complex(["id": "g1", "displayName": "Sales"]).jsonBytes
        let fromGroup = try await logged(.onGroupAdd, expression, event)
        #expect(
            try AttributeValue(json: fromGroup) == [
                ["id": "u1"], ["id": "g1", "displayName": "Sales"], ["value": "u1", "type": "User"],
            ])

        event.subject = ResourceKey(type: "Group", id: "g2")
        let nested = try await logged(.onGroupAdd, "{ tostring(ctx.user), ctx.group.id, ctx.member.type }", event)
        #expect(nested == #"["nil","g1","Group"]"#)
    }

    @Test("a plugin that is gone or off lets its deliveries wait; one without the hook is done with them")
    func absent() async throws {
        let plugins = try await plugin(.onCreate, "")
        #expect(await plugins.handle("gone", .user(.userCreated)) == .postpone(.seconds(60)))
        #expect(await plugins.handle("probe", .user(.userDeleted)) == .delivered)
    }

    @Test("a plugin that is held back lets its deliveries wait")
    func paused() async throws {
        let plugins = try await plugin(.onCreate, "while true do end", manifest: #""limits": {"cpuMs": 20}"#)
        for _ in 1...5 { _ = await plugins.handle("probe", .user(.userCreated)) }
        #expect(await plugins.handle("probe", .user(.userCreated)) == .postpone(.seconds(60)))
        plugins.time.advance(by: .seconds(301))
        #expect(await plugins.handle("probe", .user(.userCreated)) != .postpone(.seconds(60)))
    }

    @Test("a delivery that the worker gives up is not counted")
    func cancelled() async throws {
        let plugins = try await plugin(.onCreate, "muster.log.info('waiting') muster.time.sleep(20)")
        let task = Task { await plugins.handle("probe", .user(.userCreated)) }
        while plugins.log.lines.isEmpty { await Task.yield() }
        task.cancel()
        #expect(await task.value == .postpone(.seconds(1)))
    }
}
