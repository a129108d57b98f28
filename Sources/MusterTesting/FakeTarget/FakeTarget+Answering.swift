import MusterCore
import SCIM

extension FakeTarget.State {
    mutating func nextID() -> Int {
        lastID += 1
        return lastID
    }

    /// Answers a request as the quirks want it.
    mutating func answer(to method: String, _ path: String, _ body: AttributeValue) -> OutboundResponse {
        count += 1
        if quirks.contains(.unauthorized) { return error(401, "who are you?") }
        if quirks.contains(.bursts429), count.isMultiple(of: 3) {
            var answer = error(429, "not so fast")
            answer.headers.append(HTTPHeader("Retry-After", "1"))
            return answer
        }
        if method == "PATCH", quirks.contains(.noPatch) { return error(501, "no PATCH here") }
        if method == "PUT", quirks.contains(.noPut) || quirks.contains(.awsRules) && path.hasPrefix("/Users") {
            return error(405, "no PUT here")
        }
        if method == "DELETE", quirks.contains(.noDelete) { return error(405, "no DELETE here") }
        if method != "GET", quirks.contains(.failsOnce) {
            let name = method + path + body.jsonText
            let failures = failed[name] ?? 0
            failed[name] = failures + 1
            if failures == 0 {
                // A 500 does not say that nothing was done.
                if failed.count.isMultiple(of: 2) { _ = respond(method, path, body) }
                return error(500, "out of order for a moment")
            }
        }
        return respond(method, path, body)
    }

    private mutating func respond(_ method: String, _ path: String, _ body: AttributeValue) -> OutboundResponse {
        let (plain, query) = Self.split(path)
        let segments = plain.split(separator: "/").map { Self.decoded(String($0)) }
        switch (segments.first, segments.count) {
        case ("ServiceProviderConfig", 1), ("ServiceProviderConfigs", 1):
            if quirks.contains(.noDescription) { return error(404, "no such endpoint") }
            return json(
                200,
                [
                    "patch": ["supported": .boolean(!quirks.contains(.noPatch))],
                    "filter": ["supported": .boolean(!quirks.contains(.noFilter))],
                ])
        case ("Users", 1): return method == "POST" ? createUser(body) : list(users.map { Self.shown($0.id, $0.document) }, query)
        case ("Users", 2): return user(method, segments[1], body)
        case ("Groups", 1): return method == "POST" ? createGroup(body) : list(groups.map { Self.shown($0.id, $0.group) }, query)
        case ("Groups", 2): return group(method, segments[1], body)
        default: return error(404, "no such endpoint")
        }
    }

    // MARK: Users

    private mutating func createUser(_ body: AttributeValue) -> OutboundResponse {
        guard case .complex(var map) = body, let name = map["userName"]?.string, !name.isEmpty else {
            return error(400, "userName is missing", "invalidValue")
        }
        if let refusal = awsRefusal(map) { return refusal }
        guard !users.contains(where: { $0.document["userName"]?.string?.caseFolded == name.caseFolded }) else { return exists() }
        let id = "u\(nextID())"
        map["id"] = nil
        users.append((id, map))
        creations[name, default: 0] += 1
        return created(Self.shown(id, map), "Users/\(id)")
    }

    private mutating func user(_ method: String, _ id: String, _ body: AttributeValue) -> OutboundResponse {
        guard let index = users.firstIndex(where: { $0.id == id }) else { return error(404, "no such user") }
        switch method {
        case "PUT":
            guard case .complex(var map) = body else { return error(400, "no object", "invalidSyntax") }
            let name = map["userName"]?.string?.caseFolded
            if users.contains(where: { $0.id != id && $0.document["userName"]?.string?.caseFolded == name }) { return exists() }
            map["id"] = nil
            users[index].document = map
        case "PATCH":
            var map = users[index].document
            guard body["Operations"] != nil else {
                for member in body.complex?.members ?? [] where member.name != "schemas" { map[member.name] = member.value }
                users[index].document = map
                break
            }
            guard let request = try? PatchRequest(message: body),
                let patched = try? request.applied(to: Resource(attributes: map), of: .user, in: .standard)
            else { return error(400, "the operations cannot be applied", "invalidPath") }
            users[index].document = patched.attributes
        case "DELETE":
            users.remove(at: index)
            for index in groups.indices { groups[index].group.members.removeAll { $0 == id } }
            return OutboundResponse(status: 204)
        default: break
        }
        return json(200, Self.shown(id, users[index].document))
    }

    private func awsRefusal(_ map: AttributeMap) -> OutboundResponse? {
        guard quirks.contains(.awsRules) else { return nil }
        guard map["displayName"] != nil, map["name"]?["givenName"] != nil, map["name"]?["familyName"] != nil else {
            return error(400, "given, family and display name are required", "invalidValue")
        }
        return nil
    }

    // MARK: Groups

    private mutating func createGroup(_ body: AttributeValue) -> OutboundResponse {
        guard let name = body["displayName"]?.string else { return error(400, "displayName is missing", "invalidValue") }
        guard !groups.contains(where: { $0.group.name == name }) else { return exists() }
        let id = "g\(nextID())"
        groups.append((id, FakeTarget.Group(name: name, members: [])))
        return created(Self.shown(id, groups[groups.count - 1].group), "Groups/\(id)")
    }

    private mutating func group(_ method: String, _ id: String, _ body: AttributeValue) -> OutboundResponse {
        guard let index = groups.firstIndex(where: { $0.id == id }) else { return error(404, "no such group") }
        switch method {
        case "PUT":
            groups[index].group.members = body["members"]?.array?.compactMap { $0["value"]?.string } ?? []
        case "PATCH":
            if let refusal = patchMembers(of: index, body) { return refusal }
            return OutboundResponse(status: 204)
        case "DELETE":
            groups.remove(at: index)
            return OutboundResponse(status: 204)
        default: break
        }
        return json(200, Self.shown(id, groups[index].group))
    }

    private mutating func patchMembers(of index: Int, _ body: AttributeValue) -> OutboundResponse? {
        // SCIM 1.1: members alone, those to be deleted marked.
        for member in body["members"]?.array ?? [] { change(index, member["value"]?.string, isRemoval: member["operation"] == "delete") }
        for operation in body["Operations"]?.array ?? [] {
            let (op, path) = (operation["op"]?.string?.lowercased(), operation["path"]?.string ?? "")
            let values = operation["value"]?.array?.compactMap { $0["value"]?.string }
            if quirks.contains(.awsRules) {
                if op == "replace" || op == "remove" && values == nil { return error(400, "not supported", "invalidValue") }
                if values?.count ?? 0 > 100 { return error(400, "too many members", "invalidValue") }
            }
            if op == "remove", values == nil {
                guard let start = path.firstIndex(of: "\""), let end = path.lastIndex(of: "\""), start < end else {
                    // This empties the group: who sends it by mistake is found out.
                    groups[index].group.members = []
                    continue
                }
                change(index, String(path[path.index(after: start)..<end]), isRemoval: true)
            }
            for value in values ?? [] { change(index, value, isRemoval: op == "remove") }
        }
        return nil
    }

    private mutating func change(_ index: Int, _ member: String?, isRemoval: Bool) {
        guard let member else { return }
        if isRemoval {
            groups[index].group.members.removeAll { $0 == member }
        } else if !groups[index].group.members.contains(member) {
            groups[index].group.members.append(member)
        }
    }

    // MARK: Answers

    private static func shown(_ id: String, _ document: AttributeMap) -> AttributeValue {
        .complex(AttributeMap([.init(name: "id", value: .string(id))] + document.members))
    }

    private static func shown(_ id: String, _ group: FakeTarget.Group) -> AttributeValue {
        [
            "id": .string(id), "displayName": .string(group.name),
            "members": .array(group.members.map { ["value": .string($0)] }),
        ]
    }

    private func list(_ all: [AttributeValue], _ query: [String: String]) -> OutboundResponse {
        var found = all
        if let filter = query["filter"], !quirks.contains(.ignoresFilters) {
            if quirks.contains(.noFilter) { return error(400, "no filters here", "invalidFilter") }
            guard let parsed = try? Filter(parsing: filter) else { return error(400, "no such filter", "invalidFilter") }
            found = all.filter { document in
                let type: ResourceType = document["userName"] == nil ? .group : .user
                return parsed.matches(Resource(attributes: document.complex ?? [:]), of: type, in: .standard)
            }
        }
        let total = found.count
        if !quirks.contains(.noPaging) {
            let start = max(1, query["startIndex"].flatMap { Int($0) } ?? 1)
            let most = quirks.contains(.awsRules) ? 50 : 1000
            found = Array(found.dropFirst(start - 1).prefix(min(most, query["count"].flatMap { Int($0) } ?? most)))
        }
        return json(200, ["totalResults": .integer(Int64(total)), "Resources": .array(found)])
    }

    private func created(_ document: AttributeValue, _ path: String) -> OutboundResponse {
        if quirks.contains(.createdWithoutAnything) { return OutboundResponse(status: 201) }
        guard quirks.contains(.createdWithoutBody) else { return json(201, document) }
        return OutboundResponse(status: 201, headers: [HTTPHeader("Location", "https://app.example.com/scim/v2/\(path)")])
    }

    private func json(_ status: Int, _ body: AttributeValue) -> OutboundResponse {
        OutboundResponse(status: status, headers: [HTTPHeader("Content-Type", "application/scim+json")], body: body.jsonBytes)
    }

    private func exists() -> OutboundResponse {
        quirks.contains(.scim11Errors) ? error(400, "name_already_exists") : error(409, "it is there already", "uniqueness")
    }

    private func error(_ status: Int, _ detail: String, _ scimType: String? = nil) -> OutboundResponse {
        if quirks.contains(.scim11Errors) {
            return json(status, ["Errors": [["description": .string(detail), "code": .string(String(status))]]])
        }
        var map: AttributeMap = ["schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": .string(String(status))]
        if let scimType { map.append("scimType", .string(scimType)) }
        map.append("detail", .string(detail))
        return json(status, .complex(map))
    }

    // MARK: URLs

    private static func split(_ path: String) -> (path: String, query: [String: String]) {
        let parts = path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var query: [String: String] = [:]
        for pair in parts.dropFirst().first?.split(separator: "&") ?? [] {
            let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
            if sides.count == 2 { query[sides[0]] = decoded(sides[1].replacing("+", with: " ")) }
        }
        return (String(parts[0]), query)
    }

    private static func decoded(_ text: String) -> String {
        var (bytes, rest) = ([UInt8](), text.utf8[...])
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
