import SCIM

extension AttributeMap {
    /// Carries out one operation of a PATCH (RFC 7644 §3.5.2).
    mutating func apply(_ op: String, _ path: String?, _ value: AttributeValue?) {
        guard let path else {
            for member in value?.complex?.members ?? [] { apply(op, member.name, member.value) }
            return
        }
        if path.hasPrefix("members[") {
            let id = path.split(separator: "\"").dropFirst().first.map(String.init)
            return removeMembers { $0 == id }
        }
        if op == "remove", path == "members", let gone = value?.array?.compactMap({ $0["value"]?.string }) {
            return removeMembers { id in gone.contains { $0 == id } }
        }
        if op == "add", let more = value?.array, let present = self[path]?.array {
            self[path] = .array(present + more.filter { !present.contains($0) })
            return
        }
        set(op == "remove" ? nil : value, at: path)
    }

    /// Carries out a PATCH of SCIM 1.1: what is given is replaced, members are added, or removed with `"operation": "delete"`.
    mutating func applyFragment(_ body: AttributeMap) {
        for name in body["meta"]?["attributes"]?.array?.compactMap(\.string) ?? [] { self[name] = nil }
        for member in body.members where !["schemas", "meta", "id"].contains(member.name) {
            guard member.name == "members", let entries = member.value.array else {
                self[member.name] = member.value
                continue
            }
            for entry in entries {
                let id = entry["value"]?.string
                removeMembers { $0 == id }
                if entry["operation"]?.string != "delete" { self["members"] = .array((self["members"]?.array ?? []) + [entry]) }
            }
        }
    }

    /// Takes members out of a group.
    mutating func removeMembers(where isGone: (String?) -> Bool) {
        guard let members = self["members"]?.array else { return }
        self["members"] = .array(members.filter { !isGone($0["value"]?.string) })
    }

    /// Sets or, with nil, removes what `title`, `name.givenName` or `urn:…:User:department` names.
    private mutating func set(_ value: AttributeValue?, at path: String) {
        let cut = path.hasPrefix("urn:") ? path.lastIndex(of: ":") : path.firstIndex(of: ".")
        guard let cut, self[path] == nil, !path.hasSuffix(":User") else {
            self[path] = value
            return
        }
        let (holder, rest) = (String(path[..<cut]), String(path[path.index(after: cut)...]))
        var part = self[holder]?.complex ?? [:]
        part.set(value, at: rest)
        self[holder] = .complex(part)
    }
}
