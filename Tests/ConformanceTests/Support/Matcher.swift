import Foundation
import SCIM

/// The value at a path such as `$.emails[type=work].value` or `$["urn:…:User"].manager`; nil when there is none.
///
/// Names must fit to the letter: clients read camelCase.
func lookup(_ document: AttributeValue, _ path: String) throws -> AttributeValue? {
    guard path.first == "$" else { throw ScenarioFailure("a JSON path begins with $: \(path)") }
    var current: AttributeValue? = document
    var rest = path.dropFirst()
    func exact(_ name: some StringProtocol) {
        current = current?.complex?.members.first { $0.name == name }?.value
    }
    while let first = rest.first, current != nil {
        if first == "." {
            let name = rest.dropFirst().prefix { $0 != "." && $0 != "[" }
            exact(name)
            rest = rest.dropFirst(1 + name.count)
        } else if rest.hasPrefix("[\""), let end = rest.range(of: "\"]") {
            exact(rest[rest.index(rest.startIndex, offsetBy: 2)..<end.lowerBound])
            rest = rest[end.upperBound...]
        } else if first == "[", let end = rest.firstIndex(of: "]") {
            let inner = rest[rest.index(after: rest.startIndex)..<end]
            let elements = current?.array ?? []
            if let index = Int(inner) {
                current = elements.indices.contains(index) ? elements[index] : nil
            } else if let equals = inner.firstIndex(of: "=") {
                let (key, wanted) = (inner[..<equals], inner[inner.index(after: equals)...])
                current = try elements.first { element in
                    guard let found = try lookup(element, "$." + key) else { return false }
                    return found.string == String(wanted) || found.jsonText == wanted
                }
            } else {
                throw ScenarioFailure("bad JSON path \(path)")
            }
            rest = rest[rest.index(after: end)...]
        } else {
            throw ScenarioFailure("bad JSON path \(path)")
        }
    }
    return current
}

/// What an answer must hold at one place.
struct Matcher {
    static let operators: Set<String> = [
        "equals", "notEquals", "absent", "present", "absentOrEmpty", "absentOrEquals", "length", "atLeast", "atMost",
        "contains", "notContains", "type", "oneOf", "startsWith",
    ]

    let rules: [AttributeMap.Member]

    init(_ matcher: AttributeValue) {
        if let map = matcher.complex, !map.isEmpty, map.members.allSatisfy({ Self.operators.contains($0.name) }) {
            rules = map.members
        } else {
            rules = [.init(name: "equals", value: matcher)]
        }
    }

    /// Nil when `got` fits, else what is wrong.
    func mismatch(_ got: AttributeValue?) -> String? {
        for rule in rules where !fits(rule.name, rule.value, got) {
            return "wanted \(rule.name) \(rule.value.jsonText.prefix(120)), got \(got?.jsonText.prefix(160) ?? "<absent>")"
        }
        return nil
    }

    private func fits(_ name: String, _ want: AttributeValue, _ got: AttributeValue?) -> Bool {
        let isEmpty = got == nil || got?.isUnassigned == true || got == ""
        switch name {
        case "equals": return got.map { same(want, $0) } ?? false
        case "notEquals": return got.map { !same(want, $0) } ?? false
        case "absent": return (got == nil || got == .null) == (want.boolean ?? true)
        case "present": return !isEmpty == (want.boolean ?? true)
        case "absentOrEmpty": return isEmpty
        case "absentOrEquals": return got == nil || got == .null || same(want, got ?? .null)
        case "length": return size(got) == number(want) && number(got) == nil || (number(want) == 0 && isEmpty)
        case "atLeast": return size(got).map { $0 >= (number(want) ?? .infinity) } ?? false
        case "atMost": return size(got).map { $0 <= (number(want) ?? -.infinity) } ?? false
        case "contains": return contains(got, want)
        case "notContains": return got == nil || !contains(got, want)
        case "oneOf": return want.array?.contains { option in got.map { same(option, $0) } ?? false } ?? false
        case "startsWith": return got?.string?.hasPrefix(want.string ?? "\u{0}") ?? false
        case "type": return isOfType(want.string ?? "", got)
        default: return false
        }
    }

    private func isOfType(_ name: String, _ got: AttributeValue?) -> Bool {
        switch (name, got) {
        case ("integer", .integer), ("string", .string), ("array", .array), ("object", .complex), ("boolean", .boolean): true
        default: false
        }
    }

    private func contains(_ got: AttributeValue?, _ want: AttributeValue) -> Bool {
        if let elements = got?.array { return elements.contains { isSubset(want, of: $0) } }
        return got?.string?.contains(want.string ?? want.jsonText) ?? false
    }

    private func isSubset(_ want: AttributeValue, of got: AttributeValue) -> Bool {
        guard let wanted = want.complex else { return same(want, got) }
        guard let map = got.complex else { return false }
        return wanted.members.allSatisfy { rule in
            map.members.contains { $0.name == rule.name && isSubset(rule.value, of: $0.value) }
        }
    }

    private func same(_ left: AttributeValue, _ right: AttributeValue) -> Bool {
        if let (left, right) = number(left).flatMap({ left in number(right).map { (left, $0) } }) { return left == right }
        return left == right
    }

    private func number(_ value: AttributeValue?) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .decimal(let number): number
        default: nil
        }
    }

    private func size(_ value: AttributeValue?) -> Double? {
        number(value) ?? (value?.array?.count ?? value?.string?.unicodeScalars.count).map(Double.init)
    }
}
