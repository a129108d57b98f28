package import SCIM

/// Which rules fired for a person, and why.
package struct MappingTrace: Sendable, Hashable {
    /// A rule that was looked at.
    package struct Step: Sendable, Hashable {
        /// The rule.
        package var rule: MappingRule
        /// Whether it fired.
        package var fired: Bool
        /// What was found for each condition.
        package var findings: [Found]

        /// What was found for a condition.
        package struct Found: Sendable, Hashable {
            /// The values that the person has.
            package var found: [String]
            /// Whether the condition holds.
            package var holds: Bool
        }
    }

    /// The rules that were looked at, in their order.
    package var steps: [Step] = []
    /// What came of them.
    package var outcome = MappingOutcome()
}

extension MappingRules {
    /// What the rules make of a person. Later rules see what earlier ones set.
    package func evaluate(_ person: Person) -> MappingOutcome { trace(person).outcome }

    /// The same, with what was looked at.
    package func trace(_ person: Person) -> MappingTrace {
        var (trace, person) = (MappingTrace(), person)
        for (index, rule) in rules.enumerated() {
            let found = rule.conditions.map { condition -> MappingTrace.Step.Found in
                let values = person.values(of: condition.source)
                return MappingTrace.Step.Found(found: values, holds: condition.holds(for: values))
            }
            let fires = found.isEmpty || (rule.match == .all ? found.allSatisfy(\.holds) : found.contains(where: \.holds))
            trace.steps.append(MappingTrace.Step(rule: rule, fired: fires, findings: found))
            guard fires else { continue }
            trace.outcome.fired.append(index)
            for action in rule.actions { trace.outcome.take(action, &person) }
            if rule.stops { break }
        }
        return trace
    }
}

extension MappingOutcome {
    fileprivate mutating func take(_ action: MappingRule.Action, _ person: inout Person) {
        switch action {
        case .set(let path, let value):
            // A value whose macros stand for nothing leaves the attribute as it is.
            guard let filled = value == .null ? .null : ProvisioningTemplate.fill(value, at: path, for: person) else { return }
            let setting = Setting(path: path, value: filled)
            settings.append(setting)
            person = person.setting([setting])
        case .setGroups(let names): groups = names
        case .addGroups(let names): groups = (groups ?? []) + names.filter { !(groups ?? []).contains($0) }
        case .assign(let target): if !targets.contains(target) { targets.append(target) }
        }
    }
}

extension MappingRule.Condition {
    /// Whether the condition holds for what a person has; of several values one is enough, for a `not` none may be.
    fileprivate func holds(for found: [String]) -> Bool {
        let (wanted, values) = (self.values.map(\.caseFolded), found.map(\.caseFolded))
        guard let first = wanted.first else { return comparison == .isEmpty ? values.isEmpty : !values.isEmpty }
        switch comparison {
        case .isEmpty: return values.isEmpty
        case .isPresent: return !values.isEmpty
        case .equals: return values.contains(first)
        case .notEquals: return !values.contains(first)
        case .contains: return values.contains { $0.contains(first) }
        case .notContains: return !values.contains { $0.contains(first) }
        case .startsWith: return values.contains { $0.hasPrefix(first) }
        case .endsWith: return values.contains { $0.hasSuffix(first) }
        case .isOneOf: return values.contains { wanted.contains($0) }
        case .greater: return values.contains { Self.isOrdered(first, $0) }
        case .less: return values.contains { Self.isOrdered($0, first) }
        }
    }

    /// Whether the left comes before the right: numbers by size, other texts by their letters.
    private static func isOrdered(_ left: String, _ right: String) -> Bool {
        if let left = Double(left), let right = Double(right) { return left < right }
        return left < right
    }
}

extension Person {
    /// What a person has at the source of a condition, as texts.
    fileprivate func values(of source: String) -> [String] {
        if source.hasPrefix("custom_fields.") { return customField(String(source.dropFirst("custom_fields.".count)))?.texts ?? [] }
        if let macro = Macro.named("user." + source) { return macro.value(self)?.texts ?? [] }
        return AttributeValue.complex(filterable.attributes).texts(at: source)
    }
}

// MARK: - Showing

extension MappingTrace {
    /// The trace for a person to read.
    package var lines: [String] {
        var lines: [String] = []
        for (index, step) in steps.enumerated() {
            lines.append("\(step.fired ? "fired" : "did not fire"): \(index + 1). \(step.rule.name)")
            for (condition, found) in zip(step.rule.conditions, step.findings) {
                let wanted = condition.values.isEmpty ? "" : " " + condition.values.joined(separator: ", ")
                let has = found.found.isEmpty ? "nothing" : found.found.joined(separator: ", ")
                lines.append("  \(found.holds ? "yes" : "no"): \(condition.source) \(condition.comparison.rawValue)\(wanted); it is \(has)")
            }
        }
        if steps.isEmpty { lines.append("there are no rules") }
        lines += outcome.settings.map { "sets \($0.path) to \($0.value.jsonText)" }
        if let groups = outcome.groups { lines.append("groups: \(groups.isEmpty ? "none" : groups.joined(separator: ", "))") }
        if !outcome.targets.isEmpty { lines.append("targets: \(outcome.targets.joined(separator: ", "))") }
        return lines
    }

    /// The trace as JSON.
    package var json: AttributeValue {
        let rules = steps.map { step -> AttributeValue in
            let conditions = zip(step.rule.conditions, step.findings).map { condition, found -> AttributeValue in
                [
                    "source": .string(condition.source), "operator": .string(condition.comparison.rawValue),
                    "found": .array(found.found.map { .string($0) }), "holds": .boolean(found.holds),
                ]
            }
            return ["name": .string(step.rule.name), "fired": .boolean(step.fired), "conditions": .array(conditions)]
        }
        let settings = outcome.settings.map { setting -> AttributeValue in ["attribute": .string(setting.path), "value": setting.value] }
        return [
            "rules": .array(rules), "settings": .array(settings),
            "groups": outcome.groups.map { .array($0.map { .string($0) }) } ?? .null,
            "targets": .array(outcome.targets.map { .string($0) }),
        ]
    }
}
