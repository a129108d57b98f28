package import SCIM

/// One thing that is wrong with a plugin's settings.
package struct ConfigFinding: Sendable, Hashable {
    /// The kinds, as far as they matter: a plugin whose settings are only missing was never set up.
    package enum Kind: Sendable, Hashable {
        case missing
        case wrong
    }

    /// The kind.
    package var kind: Kind
    /// The place, such as `webhook` or `groups.Sales[1]`; "" for the settings as a whole.
    package var path: String
    /// What is wrong, to be read after the path.
    package var problem: String
}

extension ConfigSchema {
    /// Checks settings and fills in the defaults.
    /// - Returns: The settings as the plugin sees them, and everything that is wrong with them.
    package func check(_ value: AttributeValue, at path: String = "") -> (value: AttributeValue, findings: [ConfigFinding]) {
        var findings: [ConfigFinding] = []
        let result = checked(value, path, &findings)
        return (result, findings)
    }

    private func checked(_ value: AttributeValue, _ path: String, _ findings: inout [ConfigFinding]) -> AttributeValue {
        func wrong(_ problem: String) { findings.append(ConfigFinding(kind: .wrong, path: path, problem: problem)) }
        if let kind, !kind.fits(value) {
            wrong("is not \(kind.phrase)")
            return value
        }
        if let choices, !choices.contains(value) { wrong("is not one of \(choices.map(\.jsonText).joined(separator: ", "))") }
        switch value {
        case .string(let text): checkText(text, wrong)
        case .integer, .decimal: checkNumber(value.number ?? 0, wrong)
        case .array(let elements):
            if !counts.contains(elements.count) { wrong("has \(elements.count) elements, which is \(counts.words)") }
            guard let items = items.first else { break }
            return .array(elements.indices.map { items.checked(elements[$0], "\(path)[\($0 + 1)]", &findings) })
        case .complex(let map): return .complex(checkObject(map, path, &findings))
        default: break
        }
        return value
    }

    private func checkText(_ text: String, _ wrong: (String) -> Void) {
        if !lengths.contains(text.count) { wrong("has \(text.count) characters, which is \(lengths.words)") }
        if let pattern, let expression = try? Regex(pattern), text.firstMatch(of: expression) == nil {
            wrong("does not match the pattern \(pattern)")
        }
        if isURI { do { _ = try WebAddress(text) } catch { wrong("is not an absolute http or https URL: \(error.message)") } }
    }

    private func checkNumber(_ number: Double, _ wrong: (String) -> Void) {
        if let minimum, number < minimum { wrong("is less than \(AttributeValue.decimal(minimum).plainText)") }
        if let maximum, number > maximum { wrong("is more than \(AttributeValue.decimal(maximum).plainText)") }
    }

    private func checkObject(_ map: AttributeMap, _ path: String, _ findings: inout [ConfigFinding]) -> AttributeMap {
        func inner(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
        var members: [AttributeMap.Member] = []
        for member in map.members {
            var value = member.value
            if let schema = property(member.name) {
                value = schema.checked(value, inner(member.name), &findings)
            } else if case .described(let schema) = additional {
                value = schema.checked(value, inner(member.name), &findings)
            } else if additional == .refused {
                let hint = NearestName.hint(member.name, among: properties.map(\.name))
                findings.append(ConfigFinding(kind: .wrong, path: inner(member.name), problem: "is no setting of this plugin; \(hint)"))
            }
            members.append(.init(name: member.name, value: value))
        }
        func isGiven(_ name: String) -> Bool { map.members.contains { $0.name == name } }
        for property in properties where !isGiven(property.name) {
            if let value = property.schema.presetValue {
                members.append(.init(name: property.name, value: value))
            } else if required.contains(property.name) {
                findings.append(ConfigFinding(kind: .missing, path: inner(property.name), problem: "is missing"))
            }
        }
        return AttributeMap(members)
    }

    /// What stands in for a setting that is not given, or nil.
    private var presetValue: AttributeValue? { defaultValue.map { check($0).value } }
}

extension ConfigSchema.Kind {
    fileprivate func fits(_ value: AttributeValue) -> Bool {
        switch (self, value) {
        case (.object, .complex), (.array, .array), (.string, .string), (.boolean, .boolean), (.integer, .integer): true
        case (.number, .integer), (.number, .decimal): true
        default: false
        }
    }

    fileprivate var phrase: String {
        switch self {
        case .object: "an object"
        case .array: "a list"
        case .string: "a text"
        case .integer: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        }
    }
}

extension ClosedRange<Int> {
    /// The range for a person who is outside of it.
    fileprivate var words: String {
        upperBound == .max ? "fewer than \(lowerBound)" : lowerBound == 0 ? "more than \(upperBound)" : "not \(lowerBound) to \(upperBound)"
    }
}

extension AttributeValue {
    /// The number without a fraction of zero.
    fileprivate var plainText: String {
        guard let number, number == number.rounded(), abs(number) < 1e15 else { return jsonText }
        return String(Int64(number))
    }
}
