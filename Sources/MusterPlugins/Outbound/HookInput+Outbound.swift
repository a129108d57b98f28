import MusterCore
import MusterLua
import SCIM

extension HookInput {
    /// The input of `mapOutbound`.
    init(_ outbound: OutboundInput, config: LuaValue) {
        let (key, id) = (outbound.key, "outbound-\(outbound.target)-\(outbound.key.id)")
        self.init(
            hook: .mapOutbound,
            data: [
                "document": LuaValue(outbound.document), "user": outbound.user.luaValue, "target": .string(outbound.target),
                "request": Self.provisioner(id, key.tenant),
            ], context: RunContext(hook: .mapOutbound, tenant: key.tenant, requestID: id, lazy: ["config": { config }]))
    }

    /// The input of `onProvisioned` or `onProvisionFailed`.
    init(
        _ hook: HookName, _ ending: OutboundEnding, of plugin: String, attempt: Int, time: Timestamp, config: LuaValue
    ) {
        let (key, id) = (ending.key, "\(hook.rawValue)-\(ending.id)")
        var data: LuaObject = [
            "event": [
                "id": .string(id), "idempotencyKey": .string(RunContext.idempotencyKey(of: id, for: plugin)),
                "type": .string(hook.rawValue), "time": .string(time.dateTime), "attempt": .integer(Int64(attempt)),
                "key": .string("\(key.type)/\(key.id)"),
            ],
            "request": Self.provisioner(id, key.tenant), "target": .string(ending.target), "action": .string(ending.action),
        ]
        if let user = ending.user { data["user"] = user.luaValue }
        if let document = ending.document { data["document"] = LuaValue(document) }
        if let id = ending.remoteID { data["remoteId"] = .string(id) }
        if let error = ending.error { data["error"] = .string(error) }
        self.init(
            hook: hook, data: data,
            context: RunContext(hook: hook, tenant: key.tenant, requestID: id, eventID: id, lazy: ["config": { config }]))
    }

    private static func provisioner(_ id: String, _ tenant: Tenant) -> LuaValue {
        ["id": .string(id), "client": "provisioner", "tenant": .string(tenant.name)]
    }
}
