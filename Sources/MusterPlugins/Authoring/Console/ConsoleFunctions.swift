import MusterCore
import MusterLua
import SCIM

/// The functions that console.lua calls beside those of a plugin.
struct ConsoleFunctions {
    private(set) var api: HostAPI

    init(environment: PluginEnvironment, registry: RunRegistry, inputs: ConsoleInputs, print: @escaping @Sendable (String) -> Void) {
        api = HostAPI(environment: environment, runs: MachineRuns(registry))
        api.sync("console_print") { _, arguments in
            print(environment.mask().masked(try arguments.string(0, "print: the text")))
            return nil
        }
        api.async("console_resource") { _, arguments in
            let type = try arguments.string(0, "the resource type")
            return try await inputs.document(type, try arguments.string(1, "the id")).map { .object(LuaObject($0)) }
        }
        api.async("console_find") { _, arguments in
            let type = try arguments.string(0, "the resource type")
            let filter = try arguments.optionalString(1, "the filter")
            let count = arguments[2]?.integer ?? 20
            guard 0...HostAPI.findLimit ~= count else { throw HostCallError("the count is from 0 to \(HostAPI.findLimit)") }
            do {
                let list = try await environment.world.scim.find(type, filter, 1, Int(count), inputs.tenant)
                return LuaValue(list["Resources"] ?? [])
            } catch let error as SCIMError { throw HostCallError(error.detail) }
        }
        api.async("console_admit") { _, arguments in
            let name = try arguments.string(0, "run: the hook")
            guard let hook = HookName(rawValue: name) else {
                throw HostCallError("'\(name)' is no hook; " + NearestName.hint(name, among: HookName.allCases.map(\.rawValue)))
            }
            let input = try await inputs.input(hook, of: environment.name, try arguments.string(1, "run: the id"), arguments.object(2))
            return ["token": .integer(registry.admit(input.context)), "data": .object(input.data)]
        }
        api.sync("console_release") { _, arguments in
            if let token = arguments[0]?.integer { registry.release(token) }
            return nil
        }
    }
}

/// Makes what hooks are given of the resources of a store, as the server does.
struct ConsoleInputs: Sendable {
    let store: any Store
    let tenant: Tenant
    let config: LuaValue
    let clock: WallClock

    /// The stored document of a resource, or nil.
    func document(_ type: String, _ id: String) async throws -> AttributeMap? {
        let key = ResourceKey(tenant: tenant, type: type, id: id)
        let document = try await store.read { try $0.resource(key)?.document }
        return try document.flatMap { try AttributeValue(json: $0).complex }
    }

    /// The input of a hook on a stored resource.
    /// - Parameter changes: Attributes that the change is to set; for hooks of membership `member`, the id of a user.
    func input(_ hook: HookName, of plugin: String, _ id: String, _ changes: LuaObject) async throws -> HookInput {
        let isMembership = [.onGroupAdd, .onGroupRemove].contains(hook)
        let type = hook.rawValue.contains("Group") ? ResourceType.group.name : ResourceType.user.name
        guard let stored = try await document(type, id) else { throw HostCallError("there is no \(type.lowercased()) '\(id)' in the copy") }
        let origin = RequestOrigin(id: "console-\(hook.rawValue)", client: "console", tenant: tenant)
        let key = ResourceKey(tenant: tenant, type: type, id: id)
        let after = isMembership ? stored : stored.merging(changes)
        let fitsType = hook.rawValue.hasSuffix(ContextField(type).hookSuffix)
        switch hook.phase {
        case .map where fitsType, .check where fitsType:
            let change = ResourceChange(
                operation: .patch, key: key, before: Resource(attributes: stored), after: Resource(attributes: after), request: origin)
            return HookInput(hook, change, config: config)
        case .on:
            guard let kind = LifecycleEvent.Kind(rawValue: hook.rawValue) else { break }
            var record = record(hook, key, before: stored, after: after, origin)
            guard isMembership else {
                if hook == .onDelete || hook == .onGroupDelete { record.after = nil }
                let event = event(kind, key, record, before: stored, after: after)
                return HookInput(hook, delivery(event), of: plugin, subject: after, group: nil, config: config)
            }
            guard let member = changes["member"]?.string, let subject = try await document(ResourceType.user.name, member) else {
                throw HostCallError("run(\"\(hook.rawValue)\", GROUP, { member = USER }): the ids of a group and of a user")
            }
            let user = ResourceKey(tenant: tenant, type: ResourceType.user.name, id: member)
            let event = LifecycleEvent(id: record.id + "-1", kind: kind, subject: user, group: key, change: record)
            return HookInput(hook, delivery(event), of: plugin, subject: subject, group: stored, config: config)
        default: break
        }
        throw HostCallError("run cannot make the ctx of \(hook.rawValue); call plugin.\(hook.rawValue) with a table of your own")
    }

    private func record(_ hook: HookName, _ key: ResourceKey, before: AttributeMap, after: AttributeMap, _ origin: RequestOrigin)
        -> ChangeRecord
    {
        let isNew = hook == .onCreate || hook == .onGroupCreate
        let old = isNew ? nil : Resource(attributes: before)
        return ChangeRecord(
            id: "console", time: clock.now(), resource: key, operation: isNew ? .create : .patch, actor: origin.client,
            requestID: origin.id,
            depth: 0, before: isNew ? nil : AttributeValue.complex(before).jsonBytes, after: AttributeValue.complex(after).jsonBytes,
            changes: AttributeChange.between(old, Resource(attributes: after)))
    }

    private func event(
        _ kind: LifecycleEvent.Kind, _ key: ResourceKey, _ record: ChangeRecord, before: AttributeMap, after: AttributeMap
    ) -> LifecycleEvent {
        func manager(_ document: AttributeMap) -> String? { document[Schema.enterpriseUser.id]?["manager"]?["value"]?.string }
        let isManager = kind == .managerChanged
        return LifecycleEvent(
            id: record.id + "-1", kind: kind, subject: key, oldManager: isManager ? manager(before) : nil,
            newManager: isManager ? manager(after) : nil, change: record)
    }

    private func delivery(_ event: LifecycleEvent) -> Delivery {
        Delivery(
            id: 0, subscriber: "console", event: event, state: .leased, attempts: 1, due: event.change.time, leasedUntil: nil, lease: 0,
            lastError: nil)
    }
}

extension AttributeMap {
    /// The attributes with some set anew; null takes one away.
    fileprivate func merging(_ changes: LuaObject) -> AttributeMap {
        var members = members.filter { changes[$0.name] == nil }
        members += changes.members.compactMap { change in
            change.value.assignedValue.map { AttributeMap.Member(name: change.key, value: $0) }
        }
        return AttributeMap(members)
    }
}
