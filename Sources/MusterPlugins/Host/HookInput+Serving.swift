import MusterCore
import MusterLua
import SCIM

extension HookInput {
    /// The input of `onRead` for some resources of one answer.
    init(reading resources: [ResourceCopy], _ resourceType: String, _ request: RequestOrigin, config: LuaValue) {
        let field = ContextField(resourceType)
        self.init(
            hook: .onRead, data: ["request": .object(LuaObject(request)), "resourceType": .string(resourceType)],
            context: RunContext(hook: .onRead, tenant: request.tenant, requestID: request.id, lazy: ["config": { config }]))
        batch = resources.map { $0.luaValue(field) }
    }

    /// The input of `onRequest`.
    init(rewriting request: RawRequest, from origin: RequestOrigin, config: LuaValue) {
        var fields = request.luaValue
        for member in LuaObject(origin).members where fields[member.key] == nil { fields[member.key] = member.value }
        self.init(
            hook: .onRequest, data: ["request": .object(fields)],
            context: RunContext(hook: .onRequest, tenant: origin.tenant, requestID: origin.id, lazy: ["config": { config }]))
    }
}

extension LuaObject {
    /// `ctx.request`.
    init(_ request: RequestOrigin) {
        self = [
            "id": .string(request.id), "client": .string(request.client), "method": .string(request.method),
            "path": .string(request.path), "tenant": .string(request.tenant.name),
        ]
    }
}
