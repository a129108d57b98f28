import SCIM

/// Takes the fields of a JSON object one by one; those that nobody took are unknown.
struct FieldReader {
    private let map: AttributeMap
    private let path: String
    private var known: [String] = []

    init(_ map: AttributeMap, at path: String) {
        self.map = map
        self.path = path
    }

    /// The field's value as it is. Names count with their case.
    mutating func take(_ name: String) -> AttributeValue? {
        known.append(name)
        return map.members.first { $0.name == name }?.value
    }

    mutating func string(_ name: String, _ findings: inout Findings, isRequired: Bool = false) -> String? {
        take(name, "a text", &findings, isRequired) { $0.string }
    }

    mutating func boolean(_ name: String, _ findings: inout Findings) -> Bool? {
        take(name, "true or false", &findings, false) { $0.boolean }
    }

    mutating func object(_ name: String, _ findings: inout Findings) -> AttributeMap? {
        take(name, "an object", &findings, false) { $0.complex }
    }

    mutating func strings(_ name: String, _ findings: inout Findings) -> [String]? {
        take(name, "a list of texts", &findings, false) { value in
            guard let elements = value.array, elements.allSatisfy({ $0.string != nil }) else { return nil }
            return elements.compactMap(\.string)
        }
    }

    mutating func integer(
        _ name: String, in range: ClosedRange<Int64>, _ findings: inout Findings, isRequired: Bool = false
    ) -> Int? {
        let words = range.count == 1 ? "\(range.lowerBound)" : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return take(name, words, &findings, isRequired) { $0.integer.flatMap { range.contains($0) ? Int($0) : nil } }
    }

    mutating func number(_ name: String, in range: ClosedRange<Double>, _ findings: inout Findings) -> Double? {
        take(name, "a number from \(range.lowerBound) to \(Int(range.upperBound))", &findings, false) { value in
            let number: Double? = if case .decimal(let decimal) = value { decimal } else { value.integer.map(Double.init) }
            return number.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String, _ findings: inout Findings) -> Choice? {
        let words = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
        return take(name, words, &findings, false) { $0.string.flatMap { Choice(rawValue: $0) } }
    }

    /// Reports the fields that nobody took.
    func finish(_ findings: inout Findings) {
        for member in map.members where !known.contains(member.name) {
            findings.error(full(member.name), "unknown field", NearestName.hint(member.name, among: known))
        }
    }

    private mutating func take<Value>(
        _ name: String, _ words: String, _ findings: inout Findings, _ isRequired: Bool, _ convert: (AttributeValue) -> Value?
    ) -> Value? {
        guard let value = take(name) else {
            if isRequired { findings.error(full(name), "is missing", "it is \(words)") }
            return nil
        }
        let converted = convert(value)
        if converted == nil { findings.error(full(name), "is not \(words)") }
        return converted
    }

    private func full(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}
