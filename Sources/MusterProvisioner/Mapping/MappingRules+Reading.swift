package import MusterCore
package import SCIM

extension MappingRules {
    private static let (mostRules, mostParts, longestText) = (200, 50, 2000)

    /// Reads rules, and finds everything that a person has to repair.
    ///
    ///     [{ "name": "Engineers", "match": "all",
    ///        "if": [{ "source": "department", "operator": "equals", "value": "Engineering" }],
    ///        "then": [{ "action": "set", "attribute": "title", "value": "Engineer {$user.department}" },
    ///                 { "action": "add_groups", "groups": ["Developers"] }, { "action": "assign", "target": "clarizen" }] }]
    package static func read(_ json: AttributeValue) -> (rules: MappingRules, findings: [Finding]) {
        guard let list = json.array else { return (MappingRules(), [Finding(.error, "", "is not a list of rules")]) }
        var (rules, findings) = ([MappingRule](), [Finding]())
        if list.count > mostRules { findings.append(Finding(.error, "", "there are more than \(mostRules) rules")) }
        for (index, entry) in list.prefix(mostRules).enumerated() {
            let path = "rules[\(index)]"
            guard case .complex(let map) = entry else {
                findings.append(Finding(.error, path, "is not an object"))
                continue
            }
            var reader = DocumentReader(map, at: path)
            let rule = MappingRule(
                name: reader.string("name") ?? "rule \(index + 1)", match: reader.choice("match") ?? .all,
                conditions: readConditions(&reader, path), actions: readActions(&reader, path), stops: reader.boolean("stop") ?? false)
            findings += reader.finish()
            rules.append(rule)
        }
        return (MappingRules(rules: rules), findings)
    }

    private static func parts(_ name: String, _ reader: inout DocumentReader, _ path: String) -> [(DocumentReader, String)] {
        guard let value = reader.take(name) else { return [] }
        guard let list = value.array, list.count <= mostParts else {
            reader.report(name, "is not a list of at most \(mostParts) objects")
            return []
        }
        var found: [(DocumentReader, String)] = []
        for (index, entry) in list.enumerated() {
            let place = "\(path).\(name)[\(index)]"
            guard case .complex(let map) = entry else {
                reader.report("\(name)[\(index)]", "is not an object")
                continue
            }
            found.append((DocumentReader(map, at: place), place))
        }
        return found
    }

    private static func readConditions(_ reader: inout DocumentReader, _ path: String) -> [MappingRule.Condition] {
        var conditions: [MappingRule.Condition] = []
        for (part, _) in parts("if", &reader, path) {
            var part = part
            let source = part.string("source", isRequired: true) ?? ""
            if !source.isEmpty, let obstacle = obstacle(toReading: source) {
                part.report("source", obstacle.summary, obstacle.detail)
            }
            let comparison: MappingRule.Comparison? = part.choice("operator")
            if part.take("operator") == nil { part.report("operator", "is missing", "such as equals") }
            var values: [String] = []
            switch part.take("value") {
            case .array(let list)?: values = list.compactMap(\.scalarText)
            case let value?: values = [value.scalarText].compactMap(\.self)
            case nil: break
            }
            if let comparison {
                if comparison.wantsValue, values.isEmpty { part.report("value", "is missing") }
                if !comparison.wantsValue, !values.isEmpty { part.report("value", "has no meaning with \(comparison.rawValue)") }
                if comparison != .isOneOf, values.count > 1 { part.report("value", "are several", "use the operator in") }
            }
            if values.contains(where: { $0.utf8.count > longestText }) { part.report("value", "is longer than \(longestText) bytes") }
            conditions.append(MappingRule.Condition(source: source, comparison: comparison ?? .equals, values: values))
            reader.add(part.finish())
        }
        return conditions
    }

    private static func readActions(_ reader: inout DocumentReader, _ path: String) -> [MappingRule.Action] {
        var actions: [MappingRule.Action] = []
        let found = parts("then", &reader, path)
        if found.isEmpty { reader.report("then", "has nothing to do") }
        for (part, place) in found {
            var part = part
            switch part.string("action", isRequired: true) {
            case "set":
                let attribute = part.string("attribute", isRequired: true) ?? ""
                let obstacle = attribute.isEmpty ? nil : obstacle(toSetting: attribute)
                if let obstacle { part.report("attribute", obstacle.summary, obstacle.detail) }
                let value = part.takeEvenNull("value")
                if value == nil { part.report("value", "is missing", "null unassigns the attribute") }
                if let text = value?.string {
                    if text.utf8.count > longestText { part.report("value", "is longer than \(longestText) bytes") }
                    let holder = ProvisioningTemplate.read(["userName": .string(text)], parameters: [:], at: place).findings
                    part.add(holder.map { Finding($0.severity, place + ".value", $0.summary, $0.detail) })
                }
                // Rules that were saved by an older version are read too, and may not do it either.
                if obstacle == nil { actions.append(.set(path: attribute, value: value ?? .null)) }
            case "set_groups": actions.append(.setGroups(readGroups(&part)))
            case "add_groups": actions.append(.addGroups(readGroups(&part)))
            case "assign": actions.append(.assign(target: part.string("target", isRequired: true) ?? ""))
            case let other?:
                part.report(
                    "action", "'\(other)' is none of its values",
                    NearestName.hint(other, among: ["set", "set_groups", "add_groups", "assign"]))
            case nil: break
            }
            reader.add(part.finish())
        }
        return actions
    }

    /// The groups of an action; none at all have to be written as an empty list, for nobody should lose groups by an oversight.
    private static func readGroups(_ part: inout DocumentReader) -> [String] {
        if part.take("groups") == nil { part.report("groups", "is missing", "an empty list stands for no groups") }
        return part.strings("groups", limit: 200) ?? []
    }

    private static let sources = Macro.all.map { String($0.name.dropFirst("user.".count)) }

    /// Why a condition can read nothing at a source; nil where it can.
    private static func obstacle(toReading source: String) -> (summary: String, detail: String)? {
        if sources.contains(source) || source.hasPrefix("custom_fields.") { return nil }
        let path = try? AttributePath(parsing: source)
        let resolved = path.flatMap { SchemaRegistry.standard.resolve($0, in: .user) }
        guard let path, resolved != nil || source.hasPrefix("urn:") else {
            let near = NearestName.of(source, among: sources).map { "did you mean '\($0)'?" }
            return ("'\(source)' is no source", near ?? "a macro's name such as department, custom_fields.NAME, or a SCIM path")
        }
        if let problem = path.filterProblem { return ("'\(source)' chooses nothing", problem) }
        if let leaf = resolved?.subAttribute ?? resolved?.attribute, leaf.type == .complex, leaf.subAttribute("value") == nil {
            let parts = leaf.subAttributes.map { "\(source).\($0.name)" }
            return ("'\(source)' has parts and no value", "name one of them: \(parts.joined(separator: ", "))")
        }
        return nil
    }

    /// Why rules cannot set an attribute; nil where they can.
    private static func obstacle(toSetting attribute: String) -> (summary: String, detail: String)? {
        guard let path = try? AttributePath(parsing: attribute) else { return ("'\(attribute)' is no attribute", "") }
        if let problem = path.filterProblem { return ("'\(attribute)' chooses nothing", problem) }
        // In a schema of a site's own such a name means something else.
        guard let known = path.known, known.schema == nil else { return nil }
        switch known.attribute?.name {
        case "id", "meta", "groups", "schemas": return ("'\(attribute)' cannot be set", "")
        case "active":
            return (
                "'\(attribute)' cannot be set: who is active is decided by the person and the scope",
                "who shall have no account is kept out by the target's scope"
            )
        default: return nil
        }
    }

    // MARK: Writing

    /// The rules as JSON, as they are read.
    package var json: AttributeValue { .array(rules.map(\.json)) }
}

extension MappingRule {
    fileprivate var json: AttributeValue {
        [
            "name": .string(name), "match": .string(match.rawValue),
            "if": .array(
                conditions.map { condition in
                    var map: AttributeMap = ["source": .string(condition.source), "operator": .string(condition.comparison.rawValue)]
                    if condition.comparison == .isOneOf {
                        map.append("value", .array(condition.values.map { .string($0) }))
                    } else if let value = condition.values.first {
                        map.append("value", .string(value))
                    }
                    return .complex(map)
                }),
            "then": .array(
                actions.map { action in
                    switch action {
                    case .set(let path, let value): ["action": "set", "attribute": .string(path), "value": value]
                    case .setGroups(let groups): ["action": "set_groups", "groups": .array(groups.map { .string($0) })]
                    case .addGroups(let groups): ["action": "add_groups", "groups": .array(groups.map { .string($0) })]
                    case .assign(let target): ["action": "assign", "target": .string(target)]
                    }
                }), "stop": .boolean(stops),
        ]
    }
}
