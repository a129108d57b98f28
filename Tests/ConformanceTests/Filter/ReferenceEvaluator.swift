import Foundation

/// Decides by the text of RFC 7644 §3.4.2.2 whether a resource, as the server answered it, fits a filter.
struct ReferenceEvaluator: Sendable {
    let schema: ReferenceSchema

    /// Whether the filter names only attributes that the type has.
    func knowsAttributes(of filter: ReferenceFilter) -> Bool { filter.paths.allSatisfy { schema.attribute($0) != nil } }

    /// Whether a resource fits.
    func matches(_ filter: ReferenceFilter, _ resource: PlainJSON) -> Bool { matches(filter, resource, within: nil) }

    /// - Parameter parent: The path of the attribute whose value `node` is, inside brackets.
    private func matches(_ filter: ReferenceFilter, _ node: PlainJSON, within parent: [String]?) -> Bool {
        switch filter {
        case .and(let left, let right): matches(left, node, within: parent) && matches(right, node, within: parent)
        case .or(let left, let right): matches(left, node, within: parent) || matches(right, node, within: parent)
        case .not(let inner): !matches(inner, node, within: parent)
        case .valuePath(let path, let inner): values(path, in: node).contains { matches(inner, $0, within: path) }
        case .present(let path):
            (parent == nil ? values(path, in: node) : node[path[1]]?.elements ?? []).contains { !$0.isEmpty }
        case .compare(let path, let operation, let wanted):
            compare(parent.map { $0 + path.dropFirst() } ?? path, operation, wanted, node, isValue: parent != nil)
        }
    }

    private func compare(_ path: [String], _ operation: String, _ wanted: PlainJSON, _ node: PlainJSON, isValue: Bool) -> Bool {
        var path = path
        // RFC 7643 §2.4: a multi-valued attribute's own value is its "value".
        if path.count == 2, schema.attribute(path)?.parts["value"] != nil { path.append("value") }
        let attribute = schema.attribute(path)
        var found = isValue ? node[path[2]]?.elements ?? [] : values(path, in: node)
        if path.count == 3, path[2].lowercased() == "primary" {
            // RFC 7643 §2.4: a value that does not say that it is primary is not.
            let holders = isValue ? [node] : values(Array(path.dropLast()), in: node)
            found = holders.map { $0[path[2]] ?? .boolean(false) }
        }
        switch operation {
        case "ne":
            // What has no value has the value null (RFC 7643 §2.5), which is identical to null alone.
            if found.isEmpty { return wanted != .null }
            return found.contains { !isIdentical($0, wanted, attribute) }
        case "eq":
            if wanted == .null { return found.isEmpty }
            return found.contains { isIdentical($0, wanted, attribute) }
        default:
            return found.contains { fits($0, operation, wanted, attribute) }
        }
    }

    private func isIdentical(_ value: PlainJSON, _ wanted: PlainJSON, _ attribute: ReferenceSchema.Attribute?) -> Bool {
        if attribute?.type == "dateTime", let value = instant(value), let wanted = instant(wanted) { return value == wanted }
        if attribute?.type == "boolean", let text = wanted.text { return value == .boolean(text.lowercased() == "true") }
        if let value = value.text, let wanted = wanted.text { return key(value, attribute) == key(wanted, attribute) }
        return value == wanted
    }

    private func fits(_ value: PlainJSON, _ operation: String, _ wanted: PlainJSON, _ attribute: ReferenceSchema.Attribute?) -> Bool {
        if case .number(let value) = value, case .number(let wanted) = wanted { return isOrdered(value, operation, wanted) }
        guard let value = value.text, let wanted = wanted.text else { return false }
        if attribute?.type == "dateTime", let value = instant(.string(value)), let wanted = instant(.string(wanted)) {
            return isOrdered(value, operation, wanted)
        }
        let (text, part) = (key(value, attribute), key(wanted, attribute))
        return switch operation {
        case "co": part.isEmpty || text.indices.contains { text[$0...].starts(with: part) }
        case "sw": text.starts(with: part)
        case "ew": text.suffix(part.count).elementsEqual(part) && text.count >= part.count
        case "gt": part.lexicographicallyPrecedes(text)
        case "lt": text.lexicographicallyPrecedes(part)
        case "ge": !text.lexicographicallyPrecedes(part)
        default: !part.lexicographicallyPrecedes(text)
        }
    }

    private func isOrdered<Value: Comparable>(_ value: Value, _ operation: String, _ wanted: Value) -> Bool {
        switch operation {
        case "gt": value > wanted
        case "ge": value >= wanted
        case "lt": value < wanted
        case "le": value <= wanted
        default: false
        }
    }

    /// The characters of a text that comparisons see (RFC 7644 §3.4.2.2, §7.8): composed, and without case unless the
    /// attribute is case-exact.
    private func key(_ text: String, _ attribute: ReferenceSchema.Attribute?) -> [UnicodeScalar] {
        let text = attribute?.isCaseExact == true ? text : text.folding(options: .caseInsensitive, locale: nil)
        return Array(text.precomposedStringWithCanonicalMapping.unicodeScalars)
    }

    private func instant(_ value: PlainJSON) -> Date? {
        value.text.flatMap { text in
            [true, false].lazy.compactMap { try? Date(text, strategy: .iso8601.time(includingFractionalSeconds: $0)) }.first
        }
    }

    /// The values at a path in a whole resource.
    private func values(_ path: [String], in resource: PlainJSON) -> [PlainJSON] {
        let isTop = path[0].isEmpty || path[0].lowercased() == schema.core
        let holder = isTop ? resource : resource[path[0]]
        let values = holder?[path[1]]?.elements ?? []
        return path.count > 2 ? values.flatMap { $0[path[2]]?.elements ?? [] } : values
    }
}
