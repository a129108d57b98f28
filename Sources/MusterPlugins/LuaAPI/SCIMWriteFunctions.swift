import MusterCore
import MusterLua
import SCIM

extension HostAPI {
    static let writeLimitBytes = 1 << 20

    /// `scim_create(type, resource)`, `scim_patch(type, id, changes)` and `scim_delete(type, id)`, and `group_effect(kind)`, which
    /// says whether `ctx.groups` may be used.
    ///
    /// The change goes the way of a client's, as `plugin:NAME` and one deeper than what caused the run; hooks whose changes call
    /// each other come to an end at `RequestOrigin.maximumDepth`.
    mutating func addSCIMWrites() {
        let environment = environment
        @Sendable func carryOut(_ write: ScimWrite, _ run: RunContext) async throws -> LuaValue? {
            let function = "scim.\(write.operation.rawValue)"
            let origin = RequestOrigin(
                id: run.requestID, client: PluginEnvironment.actor(environment.name), tenant: run.tenant, depth: run.depth + 1)
            guard origin.depth <= RequestOrigin.maximumDepth else {
                let message =
                    "\(function) of \(write.target) is refused: hooks have caused each other's changes "
                    + "\(RequestOrigin.maximumDepth) times in a row, which looks like a loop; leave the hook early where "
                    + "ctx.request.client begins with 'plugin:', or where nothing is left to change"
                environment.log(PluginLogEntry(level: .error, message: message, fields: [("depth", String(origin.depth))], run: run))
                throw HostCallError(message)
            }
            guard write.operation == .delete || write.body.jsonBytes.count <= Self.writeLimitBytes else {
                throw HostCallError("\(function): the change is larger than 1 MiB as JSON")
            }
            return try await Self.asked(function) { try await environment.world.scim.write(write, origin) }.map { LuaValue($0) }
        }
        sync("group_effect") { _, arguments in
            let kind = try arguments.string(0, "the change")
            guard environment.permissions.scim.contains("groups:write") else {
                throw HostCallError("ctx.groups.\(kind) is not permitted; add \"groups:write\" to permissions.scim in plugin.json")
            }
            return nil
        }
        async("scim_create") { run, arguments in
            let (run, type) = try environment.opened(run, arguments, "scim.create", "write")
            guard let resource = arguments[1]?.assignedValue, resource.complex != nil else {
                throw HostCallError("scim.create: the resource must be a table of attributes")
            }
            return try await carryOut(ScimWrite(.create, type: type, body: resource), run)
        }
        async("scim_patch") { run, arguments in
            let (run, type) = try environment.opened(run, arguments, "scim.patch", "write")
            let id = try arguments.string(1, "scim.patch: the id")
            let message = try Self.patchMessage(arguments[2])
            return try await carryOut(ScimWrite(.patch, type: type, id: id, body: message), run)
        }
        async("scim_delete") { run, arguments in
            let (run, type) = try environment.opened(run, arguments, "scim.delete", "write")
            let id = try arguments.string(1, "scim.delete: the id")
            return try await carryOut(ScimWrite(.delete, type: type, id: id), run)
        }
    }

    /// The PATCH message (RFC 7644 §3.5.2) of a list of operations, or of a table of attributes: null takes one away.
    private static func patchMessage(_ value: LuaValue?) throws(HostCallError) -> AttributeValue {
        var operations: [AttributeValue] = []
        switch value {
        case .array(let given):
            for (number, operation) in given.enumerated() {
                guard operation["op"]?.string != nil else {
                    throw HostCallError("scim.patch: operation \(number + 1) has no 'op', which is \"add\", \"replace\" or \"remove\"")
                }
                operations.append(operation.attributeValue)
            }
        case .object(let attributes):
            if attributes["op"] != nil { throw HostCallError("scim.patch: put the operation into a list, as { { op = ... } }") }
            let set = attributes.members.filter { $0.value != .null }
            if !set.isEmpty {
                let map = AttributeMap(set.map { .init(name: $0.key, value: $0.value.attributeValue) })
                operations.append(["op": "replace", "value": .complex(map)])
            }
            for member in attributes.members where member.value == .null {
                operations.append(["op": "remove", "path": .string(member.key)])
            }
        default: break
        }
        guard !operations.isEmpty else {
            throw HostCallError("scim.patch: the third argument is a list of operations or a table of attributes, and not empty")
        }
        return ["schemas": [.string(MessageSchema.patchOp)], "Operations": .array(operations)]
    }
}
