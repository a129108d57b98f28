import MusterCore
import SCIM

extension FakeTarget.State {
    /// The most resources of a page, and the most members of a PATCH, at AWS.
    private static let (awsPage, awsMembers) = (50, 100)

    mutating func answer(_ request: OutboundRequest) -> OutboundResponse {
        func header(_ name: String) -> String? { request.headers.first { $0.name.isSameName(as: name) }?.value }
        if switches.isElsewhere { return OutboundResponse(status: 404, headers: [], body: Array("<h1>Not Found</h1>".utf8)) }
        if switches.unauthorized { return error(401, "who are you?") }
        if let wanted = switches.authorization, header("Authorization") != wanted { return error(401, "who are you?") }
        if let every = switches.throttlesEvery {
            sinceThrottled += 1
            if sinceThrottled >= every {
                sinceThrottled = 0
                var answer = error(429, "too many requests")
                answer.headers.append(HTTPHeader("Retry-After", switches.retryAfter))
                return answer
            }
        }
        if let limit = switches.payloadLimitBytes, request.body.count > limit { return error(413, "too large") }
        if switches.plainJSONOnly, header("Content-Type") == "application/scim+json" { return error(415, "application/json only") }
        if switches.failsOnce, request.method != "GET", failed.insert(request.key).inserted { return error(500, "out of order") }
        let place = Place(request.url)
        switch place.endpoint {
        case "ServiceProviderConfig", "ServiceProviderConfigs":
            return switches.noServiceProviderConfig ? error(404, "there is none") : .json(200, description)
        case "Users", "Groups": return resources(request, place, isUsers: place.endpoint == "Users")
        default: return error(404, "there is no such endpoint")
        }
    }

    private var description: AttributeValue {
        [
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
            "patch": ["supported": .boolean(!switches.noPatch)], "filter": ["supported": .boolean(!switches.noFilter)],
            "bulk": ["supported": false], "sort": ["supported": false],
        ]
    }

    private func error(_ status: Int, _ detail: String, _ type: String? = nil) -> OutboundResponse {
        if switches.scim11Errors {
            let code = status == 409 ? 400 : status
            let text = status == 409 ? "name_already_exists" : detail
            return .json(code, ["Errors": [["description": .string(text), "code": .string(String(code))]]])
        }
        var body: AttributeMap = [
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": .string(String(status)), "detail": .string(detail),
        ]
        body["scimType"] = type.map { .string($0) }
        return .json(status, .complex(body))
    }

    private mutating func resources(_ request: OutboundRequest, _ place: Place, isUsers: Bool) -> OutboundResponse {
        let body: AttributeMap
        if request.body.isEmpty {
            body = [:]
        } else {
            guard let map = (try? AttributeValue(json: request.body))?.complex else { return error(400, "no JSON object", "invalidSyntax") }
            body = map
        }
        guard let id = place.id else {
            switch request.method {
            case "GET": return list(place, isUsers: isUsers)
            case "POST": return create(body, request, isUsers: isUsers)
            default: return error(405, "not here")
            }
        }
        guard let index = (isUsers ? users : groups).firstIndex(where: { $0["id"]?.string == id }) else {
            return error(404, "\(id) is unknown")
        }
        let present = isUsers ? users[index] : groups[index]
        if request.method != "GET", isUsers, switches.forbiddenUserNames.contains(present["userName"]?.string ?? "") {
            return error(403, "hands off")
        }
        switch request.method {
        case "GET": return .json(200, .complex(present))
        case "PUT" where !switches.noPut:
            var changed = body
            changed["id"] = present["id"]
            return save(changed, at: index, isUsers: isUsers)
        case "PATCH" where !switches.noPatch: return patch(present, body, at: index, isUsers: isUsers)
        case "DELETE" where !switches.noDelete:
            if isUsers {
                users.remove(at: index)
                for group in groups.indices { groups[group].removeMembers { $0 == id } }
            } else {
                groups.remove(at: index)
            }
            return OutboundResponse(status: switches.scim11Errors ? 200 : 204)
        case "DELETE": return error(405, "nothing can be deleted")
        case "PUT", "PATCH": return error(501, "\(request.method) is not implemented")
        default: return error(405, "not here")
        }
    }

    // MARK: Lists

    private func list(_ place: Place, isUsers: Bool) -> OutboundResponse {
        var found = isUsers ? users : groups
        if let text = place.query["filter"], !switches.ignoresFilters {
            guard !switches.noFilter, let filter = try? Filter(parsing: text) else { return error(400, "no filter", "invalidFilter") }
            if switches.oddFilterValues.contains(where: text.contains) { return error(400, "an odd value", "invalidFilter") }
            if switches.awsRules, !filter.isPlain { return error(400, "only eq and and", "invalidFilter") }
            let evaluator = FilterEvaluator(filter, for: isUsers ? .user : .group, in: .standard)
            found = found.filter { evaluator.matches(Resource(attributes: $0)) }
            if found.isEmpty, switches.notFoundWhenEmpty { return error(404, "nobody") }
        }
        let (all, start) = (found.count, max(1, place.query["startIndex"].flatMap { Int($0) } ?? 1))
        if !switches.noPaging {
            var count = place.query["count"].flatMap { Int($0) } ?? 100
            if switches.awsRules { count = min(count, Self.awsPage) }
            found = Array(found.dropFirst(start - 1).prefix(max(0, count)))
        }
        func number(_ value: Int) -> AttributeValue { switches.numbersAsText ? .string(String(value)) : .integer(Int64(value)) }
        var body: AttributeMap = [
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": number(all),
            "startIndex": number(switches.noPaging ? 1 : start), "itemsPerPage": number(found.count),
        ]
        if !found.isEmpty || !switches.noEmptyResources { body["Resources"] = .array(found.map { .complex($0) }) }
        return .json(200, .complex(body))
    }

    // MARK: Writing

    /// Adds a resource with a new id.
    mutating func add(_ body: AttributeMap, toUsers isUsers: Bool) -> AttributeMap {
        made += 1
        var resource = body
        resource["id"] = .string((isUsers ? "u" : "g") + String(made))
        if isUsers { users.append(remembered(resource)) } else { groups.append(resource) }
        return resource
    }

    private mutating func create(_ body: AttributeMap, _ request: OutboundRequest, isUsers: Bool) -> OutboundResponse {
        if let refusal = refusal(of: body, id: nil, isUsers: isUsers) { return refusal }
        let resource = add(body, toUsers: isUsers)
        if isUsers { creations[resource["userName"]?.string ?? "", default: 0] += 1 }
        if switches.createdWithoutTrace { return OutboundResponse(status: 201) }
        let location = HTTPHeader("Location", "\(request.url)/\(resource["id"]?.string ?? "")")
        if switches.createdWithoutBody { return OutboundResponse(status: 201, headers: [location]) }
        var answer = OutboundResponse.json(201, .complex(resource))
        answer.headers.append(location)
        return answer
    }

    private mutating func save(_ changed: AttributeMap, at index: Int, isUsers: Bool) -> OutboundResponse {
        if let refusal = refusal(of: changed, id: changed["id"]?.string, isUsers: isUsers) { return refusal }
        if isUsers { users[index] = remembered(changed) } else { groups[index] = changed }
        return .json(200, .complex(changed))
    }

    /// A user without the attributes that are never given back.
    private func remembered(_ user: AttributeMap) -> AttributeMap {
        AttributeMap(user.members.filter { !switches.forgets.contains($0.name) })
    }

    /// Why a resource cannot be kept; nil where it can.
    private func refusal(of body: AttributeMap, id: String?, isUsers: Bool) -> OutboundResponse? {
        let attribute = isUsers ? "userName" : "displayName"
        guard let name = body[attribute]?.string, !name.isEmpty else { return error(400, "\(attribute) is missing", "invalidValue") }
        if isUsers, switches.refusedUserNames.contains(name) { return error(400, "\(name) is not wanted here", "invalidValue") }
        let isTaken = (isUsers ? users : groups).contains {
            $0["id"]?.string != id && $0[attribute]?.string?.caseFolded == name.caseFolded
        }
        if isTaken { return error(409, "\(attribute) is taken", "uniqueness") }
        guard switches.awsRules, isUsers else { return nil }
        for (path, value) in [
            ("name.givenName", body["name"]?["givenName"]), ("name.familyName", body["name"]?["familyName"]),
            ("displayName", body["displayName"]),
        ] where value?.string?.isEmpty ?? true { return error(400, "\(path) is required", "invalidValue") }
        for member in body.members where (member.value.array?.count ?? 0) > 1 && member.name != "schemas" {
            return error(400, "\(member.name): one value at most", "invalidValue")
        }
        if let emails = body["emails"]?.array, !emails.allSatisfy({ $0["primary"] == true }) {
            return error(400, "the email must be primary", "invalidValue")
        }
        for name in ["groups", "photos", "ims", "entitlements", "password"] where body[name] != nil {
            return error(400, "\(name) is not supported", "invalidValue")
        }
        return nil
    }

    private mutating func patch(_ present: AttributeMap, _ body: AttributeMap, at index: Int, isUsers: Bool) -> OutboundResponse {
        var (changed, members) = (present, 0)
        if let operations = body["Operations"]?.array {
            for operation in operations {
                let path = operation["path"]?.string
                members += path?.hasPrefix("members") == true ? operation["value"]?.array?.count ?? 1 : 0
                if let refusal = refusal(of: operation, path) { return refusal }
                changed.apply(operation["op"]?.string?.lowercased() ?? "", path, operation["value"])
            }
        } else {
            changed.applyFragment(body)
        }
        if switches.awsRules, members > Self.awsMembers { return error(400, "at most 100 members", "invalidValue") }
        let answer = save(changed, at: index, isUsers: isUsers)
        return switches.scim11Errors && answer.status == 200 ? OutboundResponse(status: 200) : answer
    }

    /// Why an operation of a PATCH is not done; nil where it is.
    private func refusal(of operation: AttributeValue, _ path: String?) -> OutboundResponse? {
        let (op, value) = (operation["op"]?.string?.lowercased(), operation["value"])
        guard let op, ["add", "remove", "replace"].contains(op) else { return error(400, "unknown operation", "invalidSyntax") }
        if op == "remove", path == nil { return error(400, "a path is missing", "noTarget") }
        if op == "remove", path?.hasPrefix("members") ?? false, switches.refusesRemovals { return error(422, "a rule puts them there") }
        if op == "remove", path == "members", value != nil, switches.removesByFilterOnly { return error(400, "no value", "invalidSyntax") }
        if op == "remove", path?.hasPrefix("members[") == true, switches.removesByValueOnly {
            return error(400, "no filter", "invalidPath")
        }
        guard switches.awsRules else { return nil }
        if path == "members", op == "replace" || op == "remove" && value == nil { return error(400, "not all members", "invalidValue") }
        if path == nil, (value?.complex?.count ?? 0) > 1 { return error(400, "one attribute at most without a path", "invalidPath") }
        return nil
    }
}

/// What a URL names.
private struct Place {
    var endpoint = ""
    var id: String?
    var query: [String: String] = [:]

    init(_ url: String) {
        let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].split(separator: "/")
        let endpoints = ["Users", "Groups", "ServiceProviderConfig", "ServiceProviderConfigs"]
        if let index = path.lastIndex(where: { endpoints.contains(String($0)) }) {
            endpoint = String(path[index])
            id = index + 1 < path.count ? path[index + 1].decoded : nil
        }
        for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[sides[0].decoded] = sides.count > 1 ? sides[1].decoded : ""
        }
    }
}

extension Substring {
    /// The text without the encoding of URLs and forms.
    fileprivate var decoded: String {
        var (bytes, rest) = ([UInt8](), utf8[...])
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension OutboundResponse {
    fileprivate static func json(_ status: Int, _ body: AttributeValue) -> OutboundResponse {
        OutboundResponse(status: status, headers: [HTTPHeader("Content-Type", "application/scim+json")], body: body.jsonBytes)
    }
}

extension Filter {
    /// Whether it has nothing but `eq` and `and`.
    fileprivate var isPlain: Bool {
        switch self {
        case .comparison(_, .eq, _): true
        case .and(let parts): parts.allSatisfy(\.isPlain)
        default: false
        }
    }
}
