import MusterCore
import SCIM

extension SpecWorldEngine {
    /// Who asks on behalf of the spec; its requests are not among those of the clients.
    static let reader = "spec"

    /// A resource as a client sees it; nil when there is none.
    func resource(_ collection: String, _ id: String) async throws -> AttributeValue? {
        try await ask("\(collection)/\(PercentEncoding.encode(id))")
    }

    /// The resources that fulfil a filter; nil for all.
    func resources(_ collection: String, _ filter: String?) async throws -> [AttributeValue] {
        var found: [AttributeValue] = []
        while true {
            let query = "startIndex=\(found.count + 1)&count=1000" + (filter.map { "&filter=" + PercentEncoding.encode($0) } ?? "")
            let page = try await ask("\(collection)?\(query)")?["Resources"]?.array ?? []
            found += page
            if page.count < 1000 { return found }
        }
    }

    /// A group by its displayName or id, with its members.
    /// - Throws: `HostCallError` when several groups have this displayName.
    func group(_ name: String) async throws -> AttributeValue? {
        let found = try await resources("/Groups", "displayName eq \(name.filterQuoted)")
        guard found.count < 2 else {
            throw HostCallError("world.group: \(found.count) groups are called '\(name)'; name one by its id")
        }
        if let group = found.first { return group }
        return try await resource("/Groups", name)
    }

    /// The userName of each member of a group, or the displayName where it is a group, in the order of the alphabet.
    func memberNames(of name: String) async throws -> [String] {
        guard let group = try await group(name) else { throw HostCallError("world.members: there is no group '\(name)'") }
        var names: [String] = []
        for member in group["members"]?.array ?? [] {
            guard let id = member["value"]?.string else { continue }
            if let user = try await resource("/Users", id) {
                names.append(user["userName"]?.string ?? id)
            } else {
                names.append(try await resource("/Groups", id)?["displayName"]?.string ?? id)
            }
        }
        return names.sorted()
    }

    /// All changes so far with their events, oldest first.
    func changes() async throws -> [NumberedChange] {
        try await store.read { try $0.changes(in: .default, after: 0, limit: 10_000) }
    }

    private func ask(_ target: String) async throws -> AttributeValue? {
        let request = WireRequest(
            client: Self.reader, method: "GET", target: target, headers: [HTTPHeader("accept", "application/scim+json")])
        let response = try await engine.send(request)
        if response.status == 404 { return nil }
        guard response.status < 400 else { throw HostCallError(WireRefusal(request, response).text) }
        return try AttributeValue(json: response.body)
    }
}
