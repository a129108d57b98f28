package import MusterCore
package import MusterPlugins
package import SCIM

/// What a set of plugins would make of one resource, and how that differs from how it is stored.
package struct RehearsalDifference: Sendable {
    /// A group that the resource joins or leaves.
    package struct GroupChange: Sendable, Hashable {
        /// Whether it joins.
        package var isAdded: Bool
        /// The group's id.
        package var id: String
        /// The group's displayName.
        package var display: String?
    }

    /// A call with the hook that makes it.
    package struct Call: Sendable {
        /// The plugin.
        package var plugin: String
        /// The hook.
        package var hook: String
        /// The call.
        package var call: RecordedCall
    }

    /// The resource.
    package var key: ResourceKey
    /// What people call it: `userName` or `displayName`.
    package var name: String
    /// Whether it would be written.
    package var isChanged = false
    /// The attributes that differ.
    package var attributes: [AttributeChange] = []
    /// The groups that it joins and leaves.
    package var groups: [GroupChange] = []
    /// What hooks do before and after the commit, in order.
    package var calls: [Call] = []
    /// Why the change would be refused; it is not written then.
    package var refusal: SCIMError?
    /// Hooks after the commit that do not come to a good end, with what they say.
    package var failures: [String] = []

    init(_ key: ResourceKey, name: String) {
        self.key = key
        self.name = name
    }

    /// Whether anything differs. Calls alone are no difference: nobody knows which of them the deployed set makes too.
    package var isDifferent: Bool { isChanged || refusal != nil || !failures.isEmpty }

    /// The difference for a person: a title, and what differs below it.
    package var lines: [String] {
        var lines = ["\(name) (\(key.type) \(key.id))"]
        func text(_ value: AttributeValue?) -> String { value?.jsonText ?? "nothing" }
        lines += attributes.map { "  \($0.path): \(text($0.from)) → \(text($0.to))" }
        if isChanged, attributes.isEmpty, groups.isEmpty { lines.append("  written anew: schemas or the order of attributes differ") }
        lines += groups.map { "  \($0.isAdded ? "+" : "-") group \($0.display.map { "\($0) " } ?? "")(\($0.id))" }
        for made in calls {
            let body = made.call.body.text.isEmpty ? "" : " " + made.call.bodyText
            lines.append(
                "  > \(made.plugin) \(made.hook): \(made.call.title)\(body)"
                    + (made.call.answer == nil || made.call.isAnswerMadeUp ? "" : " (answered)"))
        }
        lines += failures.map { "  ! \($0)" }
        if let refusal { lines.append("  ! refused: \(refusal.status)\(refusal.scimType.map { " \($0)" } ?? ""): \(refusal.detail)") }
        return lines
    }

    /// The difference as JSON.
    package var document: AttributeValue {
        var map: AttributeMap = [
            "type": .string(key.type), "id": .string(key.id), "name": .string(name), "changed": .boolean(isChanged),
            "attributes": .array(attributes.map(\.document)),
            "groups": .array(
                groups.map { group in
                    var map: AttributeMap = ["operation": .string(group.isAdded ? "add" : "remove"), "id": .string(group.id)]
                    if let display = group.display { map.append("display", .string(display)) }
                    return .complex(map)
                }),
            "calls": .array(
                calls.map { made in
                    var map: AttributeMap = ["plugin": .string(made.plugin), "hook": .string(made.hook)]
                    for member in made.call.document.complex?.members ?? [] { map.append(member.name, member.value) }
                    return .complex(map)
                }),
        ]
        if !failures.isEmpty { map.append("failures", .array(failures.map { .string($0) })) }
        if let refusal {
            var inner: AttributeMap = ["status": .integer(Int64(refusal.status)), "detail": .string(refusal.detail)]
            if let type = refusal.scimType { inner.append("scimType", .string(type)) }
            map.append("refusal", .complex(inner))
        }
        return .complex(map)
    }
}

/// What a rehearsal found in all.
package struct RehearsalSummary: Sendable {
    /// Resources looked at.
    package var checked = 0
    /// Resources that would be written.
    package var changed = 0
    /// Resources whose change would be refused.
    package var refused = 0
    /// Resources with hooks that do not come to a good end.
    package var failed = 0
    /// How many resources differ at each path.
    package var paths: [String: Int] = [:]
    /// Groups joined.
    package var joined = 0
    /// Groups left.
    package var left = 0
    /// Calls by plugin.
    package var calls: [String: Int] = [:]
    /// Those of them that are made for resources that do not differ.
    package var unlistedCalls: [String: Int] = [:]
    /// Resources that differ in any way: what a threshold is compared with.
    package var differing = 0

    mutating func count(_ difference: RehearsalDifference) {
        differing += difference.isDifferent ? 1 : 0
        changed += difference.isChanged ? 1 : 0
        refused += difference.refusal == nil ? 0 : 1
        failed += difference.failures.isEmpty ? 0 : 1
        for path in Set(difference.attributes.map(\.path)) { paths[path, default: 0] += 1 }
        joined += difference.groups.count(where: \.isAdded)
        left += difference.groups.count { !$0.isAdded }
        for call in difference.calls {
            calls[call.plugin, default: 0] += 1
            if !difference.isDifferent { unlistedCalls[call.plugin, default: 0] += 1 }
        }
    }

    /// The summary for a person.
    package var lines: [String] {
        var lines = ["\(checked) checked, \(changed) changed, \(refused) refused" + (failed > 0 ? ", \(failed) with failing hooks" : "")]
        lines += paths.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "  \($0.key): \($0.value)" }
        if joined + left > 0 { lines.append("  groups: \(joined) joined, \(left) left") }
        lines += calls.sorted { $0.key < $1.key }.map { plugin, count in
            "  calls of \(plugin): \(count)" + (unlistedCalls[plugin].map { " (\($0) for resources that do not differ)" } ?? "")
        }
        return lines
    }

    /// The summary as JSON.
    package var document: AttributeValue {
        func counts(_ counts: [String: Int]) -> AttributeValue {
            .complex(AttributeMap(counts.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: .integer(Int64($0.value))) }))
        }
        return [
            "checked": .integer(Int64(checked)), "changed": .integer(Int64(changed)), "refused": .integer(Int64(refused)),
            "failed": .integer(Int64(failed)), "attributes": counts(paths),
            "groups": ["joined": .integer(Int64(joined)), "left": .integer(Int64(left))], "calls": counts(calls),
            "unlistedCalls": counts(unlistedCalls),
        ]
    }
}
