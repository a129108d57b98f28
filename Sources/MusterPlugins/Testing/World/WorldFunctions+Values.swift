import MusterCore
import MusterLua
import SCIM

extension SpecWorldEngine.Options {
    /// Reads what `test.world` was given; what is none of a world's own options is the client's.
    init(_ object: LuaObject, world: SpecWorld) throws(HostCallError) {
        var settings: AttributeMap = [:]
        var (name, config): (String, AttributeValue?) = (RFCClient.name, nil)
        var others: [String: PluginSettings.Entry] = [:]
        var (secrets, dialect): ([String: String], String?) = ([:], nil)
        for member in object.members {
            switch member.key {
            case "client":
                guard let text = member.value.string else { throw HostCallError("test.world: 'client' is a name") }
                name = text
            case "config": config = .complex(AttributeMap(member.value.object ?? LuaObject()))
            case "plugins": others = try Self.plugins(member.value)
            case "secrets": for secret in member.value.object?.members ?? [] { secrets[secret.key] = secret.value.string }
            case "dialect":
                guard let text = member.value.string, ClientDialect(named: text) != nil else {
                    throw HostCallError("test.world: 'dialect' names a client dialect, such as \"auto\" or \"rfc\"")
                }
                dialect = text
            default: settings.append(member.key, member.value.attributeValue)
            }
        }
        others[world.manifest.name] = PluginSettings.Entry(isEnabled: true, config: config ?? world.config ?? .complex([:]))
        self.init(client: ClientOptions(name: name, settings: settings), plugins: others, secrets: secrets, dialect: dialect)
    }

    /// `{"department-groups"}`, or `{["department-groups"] = {groups = …}}` with settings.
    private static func plugins(_ value: LuaValue) throws(HostCallError) -> [String: PluginSettings.Entry] {
        var entries: [String: PluginSettings.Entry] = [:]
        for name in value.array ?? [] {
            guard let name = name.string else { throw HostCallError("test.world: 'plugins' is a list of names, or names with settings") }
            entries[name] = PluginSettings.Entry(isEnabled: true)
        }
        for member in value.object?.members ?? [] {
            entries[member.key] = PluginSettings.Entry(isEnabled: true, config: .complex(AttributeMap(member.value.object ?? LuaObject())))
        }
        return entries
    }
}

extension WireRequest {
    /// Reads what `world.request` was given.
    init(_ object: LuaObject, client: String) throws(HostCallError) {
        let known = ["method", "path", "headers", "body", "json"]
        for member in object.members where !known.contains(member.key) {
            throw HostCallError("world.request has no field '\(member.key)'; \(NearestName.hint(member.key, among: known))")
        }
        guard let path = object["path"]?.string, path.hasPrefix("/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw HostCallError("world.request: 'path' begins with / and is encoded as on the wire, such as /Users?count=1")
        }
        let json = object["json"].map { $0.attributeValue.jsonBytes }
        var headers = object["headers"]?.object?.members.map { HTTPHeader($0.key.lowercased(), $0.value.string ?? "") } ?? []
        if json != nil, !headers.contains(where: { $0.name == "content-type" }) {
            headers.append(HTTPHeader("content-type", "application/scim+json"))
        }
        self.init(
            client: client, method: object["method"]?.string?.uppercased() ?? "GET", target: path, headers: headers,
            body: json ?? Array((object["body"]?.string ?? "").utf8))
    }
}

extension WireRefusal {
    var luaValue: LuaValue {
        var refusal: LuaObject = ["status": .integer(Int64(status)), "detail": .string(detail), "text": .string(text)]
        refusal["request"] = .string("\(request.method) \(request.target)")
        if let scimType { refusal["scimType"] = .string(scimType) }
        return .object(refusal)
    }
}

extension OutboundResponse {
    /// An answer as specs see it; `json` where the body is JSON.
    var luaObject: LuaObject {
        var answer: LuaObject = [
            "status": .integer(Int64(status)), "body": .string(String(decoding: body, as: UTF8.self)),
            "headers": .object(LuaObject(headers.map { .init(key: $0.name.lowercased(), value: .string($0.value)) })),
        ]
        if let json = try? AttributeValue(json: body) { answer["json"] = LuaValue(json) }
        return answer
    }
}

extension WireExchange {
    var luaValue: LuaValue {
        var entry: LuaObject = [
            "client": .string(request.client), "method": .string(request.method), "path": .string(request.target),
            "body": .string(String(decoding: request.body, as: UTF8.self)), "status": .integer(Int64(response.status)),
            "headers": .object(LuaObject(request.headers.map { .init(key: $0.name, value: .string($0.value)) })),
            "answer": .object(response.luaObject),
        ]
        if let json = try? AttributeValue(json: request.body) { entry["json"] = LuaValue(exactly: json) }
        return .object(entry)
    }
}

extension Delivery {
    var luaValue: LuaValue {
        var delivery: LuaObject = [
            "id": .integer(id), "subscriber": .string(subscriber), "state": .string(state.rawValue), "hook": .string(event.kind.rawValue),
            "attempts": .integer(Int64(attempts)), "event": .string(event.id),
            "subject": ["type": .string(event.subject.type), "id": .string(event.subject.id)],
        ]
        if subscriber.hasPrefix("plugin:") { delivery["plugin"] = .string(String(subscriber.dropFirst("plugin:".count))) }
        if let lastError { delivery["error"] = .string(lastError) }
        return .object(delivery)
    }
}

extension LifecycleEvent {
    var luaValue: LuaValue {
        var entry: LuaObject = [
            "id": .string(id), "hook": .string(kind.rawValue), "client": .string(change.actor), "depth": .integer(Int64(change.depth)),
            "subject": ["type": .string(subject.type), "id": .string(subject.id)], "changes": LuaValue(change.changes),
        ]
        if let group { entry["group"] = .string(group.id) }
        if kind == .managerChanged {
            var manager: LuaObject = [:]
            if let oldManager { manager["old"] = .string(oldManager) }
            if let newManager { manager["new"] = .string(newManager) }
            entry["manager"] = .object(manager)
        }
        return .object(entry)
    }
}
