import MusterCore
import MusterLua
import SCIM

/// What a hook is given: the fields of `ctx`, those that are made on touch apart.
struct HookInput: Sendable {
    /// The hook.
    var hook: HookName
    /// The fields that are always made.
    var data: LuaObject
    /// The run, with the other fields.
    var context: RunContext
    /// The fields of each of several calls that are one run; nil for a run of one call.
    var batch: [LuaValue]?
}

extension HookInput {
    /// The input of a hook that proposes another value.
    init(_ hook: HookName, _ change: ResourceChange, _ conflict: UniquenessConflict, config: LuaValue) {
        self.init(hook, change, config: config)
        data["resourceType"] = .string(change.key.type)
        var fields: LuaObject = ["path": .string(conflict.path), "attempt": .integer(Int64(conflict.attempt))]
        if let value = conflict.value { fields["value"] = LuaValue(value) }
        data["conflict"] = .object(fields)
    }

    /// The input of a map or check hook.
    ///
    /// On delete, `ctx.user`, `ctx.group` or `ctx.resource` is what is about to go.
    init(_ hook: HookName, _ change: ResourceChange, config: LuaValue) {
        self.hook = hook
        let resource = change.after ?? change.before ?? Resource()
        let request = change.request
        data = [
            ContextField(change.key.type).rawValue: resource.luaValue,
            "operation": .string(change.operation.rawValue),
            "request": .object(LuaObject(request)),
        ]
        var lazy: [String: @Sendable () -> LuaValue?] = [
            "before": { change.before?.luaValue }, "changes": { LuaValue(change.changes) }, "config": { config },
        ]
        if change.key.type == ResourceType.group.name {
            lazy["members"] = {
                func list(_ ids: [String]) -> LuaValue { .array(ids.map { .string($0) }) }
                return ["added": list(change.membersAdded), "removed": list(change.membersRemoved)]
            }
        }
        if ContextField(change.key.type) == .resource { data["resourceType"] = .string(change.key.type) }
        context = RunContext(hook: hook, tenant: change.key.tenant, requestID: request.id, depth: request.depth, lazy: lazy)
    }

    /// The input of a hook after the commit.
    /// - Parameters:
    ///   - subject: The document of the user or group that the event is about.
    ///   - group: For membership: the group's document.
    ///   - tape: What an earlier run of the same event was told, where this one shall go the same way.
    init(
        _ hook: HookName, _ delivery: Delivery, of plugin: String, subject: AttributeMap, group: AttributeMap?, config: LuaValue,
        tape: RunTape? = nil
    ) {
        self.hook = hook
        let (event, change) = (delivery.event, delivery.event.change)
        data = [
            "event": [
                "id": .string(event.id), "idempotencyKey": .string(RunContext.idempotencyKey(of: event.id, for: plugin)),
                "type": .string(event.kind.rawValue), "time": .string(change.time.dateTime),
                "attempt": .integer(Int64(delivery.attempts)), "key": .string("\(event.subject.type)/\(event.subject.id)"),
            ],
            "request": [
                "id": .string(change.requestID), "client": .string(change.actor), "tenant": .string(event.subject.tenant.name),
            ],
            event.subject.type == ResourceType.group.name && group == nil ? "group" : "user": .object(LuaObject(subject)),
        ]
        if let group {
            data["group"] = .object(LuaObject(group))
            data["member"] = Self.member(event.subject, subject)
            if event.subject.type == ResourceType.group.name { data["user"] = nil }
        }
        if event.kind == .managerChanged {
            var manager = LuaObject()
            if let id = event.oldManager { manager["old"] = .string(id) }
            if let id = event.newManager { manager["new"] = .string(id) }
            data["manager"] = .object(manager)
        }
        context = RunContext(
            hook: hook, tenant: event.subject.tenant, requestID: change.requestID, eventID: event.id, depth: change.depth,
            lazy: [
                "before": { change.before.flatMap { try? AttributeValue(json: $0) }.map { LuaValue($0) } },
                "changes": { LuaValue(change.changes) }, "config": { config },
            ], tape: tape)
    }

    /// The member as it stands in a group's `members`.
    private static func member(_ key: ResourceKey, _ document: AttributeMap) -> LuaValue {
        var member: LuaObject = ["value": .string(key.id), "type": .string(key.type)]
        if let display = (document["displayName"] ?? document["userName"])?.string { member["display"] = .string(display) }
        return .object(member)
    }
}

extension LuaValue {
    /// `ctx.changes`: `{path = {from, to}}`.
    init(_ changes: [AttributeChange]) {
        self = .object(
            LuaObject(
                changes.map { change in
                    var sides = LuaObject()
                    if let from = change.from { sides["from"] = LuaValue(from) }
                    if let to = change.to { sides["to"] = LuaValue(to) }
                    return .init(key: change.path, value: .object(sides))
                }))
    }
}
