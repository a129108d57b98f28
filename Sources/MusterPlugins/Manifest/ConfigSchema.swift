import SCIM

/// What a plugin's settings must look like: a subset of JSON Schema.
///
/// Keywords: `type`, `properties`, `required`, `additionalProperties`, `items`, `default`, `enum`, `pattern`, `format`
/// (`uri`), `minimum`, `maximum`, `minLength`, `maxLength`, `minItems`, `maxItems`, and for people `title` and
/// `description`. Unlike JSON Schema, properties that are not named are refused unless `additionalProperties` allows them.
package struct ConfigSchema: Sendable, Hashable {
    /// The JSON types.
    enum Kind: String, Sendable, Hashable, CaseIterable {
        case object, array, string, integer, number, boolean
    }

    /// What is said about properties that are not named.
    enum Additional: Sendable, Hashable {
        case refused
        case allowed
        indirect case described(ConfigSchema)
    }

    /// A named property.
    struct Property: Sendable, Hashable {
        var name: String
        var schema: ConfigSchema
    }

    var kind: Kind?
    var properties: [Property] = []
    var required: [String] = []
    var additional = Additional.refused
    /// At most one: what each element must look like.
    var items: [ConfigSchema] = []
    var defaultValue: AttributeValue?
    var choices: [AttributeValue]?
    var pattern: String?
    var isURI = false
    var minimum: Double?
    var maximum: Double?
    var lengths: ClosedRange<Int> = 0...Int.max
    var counts: ClosedRange<Int> = 0...Int.max

    /// The schema of a plugin without settings.
    package static let empty = ConfigSchema(kind: .object)

    /// The property called `name`, or nil.
    func property(_ name: String) -> ConfigSchema? { properties.first { $0.name == name }?.schema }

    init(kind: Kind?) { self.kind = kind }
}

// MARK: Reading

extension ConfigSchema {
    private static let keywords = [
        "type", "properties", "required", "additionalProperties", "items", "default", "enum", "pattern", "format", "minimum",
        "maximum", "minLength", "maxLength", "minItems", "maxItems", "title", "description",
    ]

    /// Reads a schema; what is wrong goes to `findings`, and what is read is then not complete.
    init(_ value: AttributeValue, at path: String, depth: Int = 0, _ findings: inout Findings) {
        guard case .complex(let map) = value, depth < 16 else {
            findings.error(path, depth < 16 ? "is not a JSON Schema object" : "is nested too deeply")
            self.init(kind: nil)
            return
        }
        self.init(kind: nil)
        for (name, value) in map.members.map({ ($0.name, $0.value) }) {
            read(name, value, at: "\(path).\(name)", depth: depth, &findings)
        }
        for name in required where property(name) == nil {
            findings.error(
                "\(path).required", "'\(name)' is not among the properties", NearestName.hint(name, among: properties.map(\.name)))
        }
        if let defaultValue {
            for finding in check(defaultValue, at: "\(path).default").findings {
                findings.error(finding.path, "the default \(finding.problem)")
            }
        }
    }

    private mutating func read(_ name: String, _ value: AttributeValue, at path: String, depth: Int, _ findings: inout Findings) {
        switch (name, value) {
        case ("type", .string(let text)):
            kind = Kind(rawValue: text)
            if kind == nil { findings.error(path, "unknown type '\(text)'", NearestName.hint(text, among: Kind.allCases.map(\.rawValue))) }
        case ("properties", .complex(let map)):
            properties = map.members.map {
                Property(name: $0.name, schema: ConfigSchema($0.value, at: "\(path).\($0.name)", depth: depth + 1, &findings))
            }
        case ("required", .array(let names)) where names.allSatisfy({ $0.string != nil }): required = names.compactMap(\.string)
        case ("additionalProperties", .boolean(let allowed)): additional = allowed ? .allowed : .refused
        case ("additionalProperties", .complex): additional = .described(ConfigSchema(value, at: path, depth: depth + 1, &findings))
        case ("items", .complex): items = [ConfigSchema(value, at: path, depth: depth + 1, &findings)]
        case ("default", _): defaultValue = value
        case ("enum", .array(let values)) where !values.isEmpty: choices = values
        case ("pattern", .string(let text)):
            pattern = text
            if (try? Regex(text)) == nil { findings.error(path, "is not a regular expression") }
        case ("format", "uri"): isURI = true
        case ("format", _): findings.error(path, "unknown format", "known is: uri")
        case ("minimum", _) where value.number != nil: minimum = value.number
        case ("maximum", _) where value.number != nil: maximum = value.number
        case ("minLength", .integer(let number)) where number >= 0: lengths = Int(number)...max(Int(number), lengths.upperBound)
        case ("maxLength", .integer(let number)) where number >= 0: lengths = min(lengths.lowerBound, Int(number))...Int(number)
        case ("minItems", .integer(let number)) where number >= 0: counts = Int(number)...max(Int(number), counts.upperBound)
        case ("maxItems", .integer(let number)) where number >= 0: counts = min(counts.lowerBound, Int(number))...Int(number)
        case ("title", .string), ("description", .string): break
        default:
            if Self.keywords.contains(name) {
                findings.error(path, "has a value of the wrong type")
            } else {
                findings.error(path, "unknown keyword '\(name)'", NearestName.hint(name, among: Self.keywords))
            }
        }
    }
}

extension AttributeValue {
    /// The number, whole or not, or nil when this is none.
    var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .decimal(let value): value
        default: nil
        }
    }
}
