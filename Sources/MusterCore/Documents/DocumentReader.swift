package import SCIM

/// Takes the fields of a JSON object one by one, and gathers what a person has to repair; fields that nobody took are unknown.
package struct DocumentReader {
    private let map: AttributeMap
    private let path: String
    private var known: [String] = []
    /// What was found so far.
    package private(set) var findings: [Finding] = []

    /// - Parameter path: Where the object stands in the document; "" for the whole.
    package init(_ map: AttributeMap, at path: String) {
        self.map = map
        self.path = path
    }

    /// The path of a field.
    package func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// Adds an error at a field.
    package mutating func report(_ name: String, _ summary: String, _ detail: String = "") {
        findings.append(Finding(.error, place(name), summary, detail))
    }

    /// Adds what was found elsewhere.
    package mutating func add(_ more: [Finding]) { findings += more }

    /// The field's value as it is; names count with their case, and null counts as nothing.
    package mutating func take(_ name: String) -> AttributeValue? {
        guard let value = takeEvenNull(name), value != .null else { return nil }
        return value
    }

    /// The field's value, null too; nil where there is no such field.
    package mutating func takeEvenNull(_ name: String) -> AttributeValue? {
        known.append(name)
        return map.members.first { $0.name == name }?.value
    }

    /// Takes a text; one that is required may not be empty.
    package mutating func string(_ name: String, isRequired: Bool = false) -> String? {
        let text = take(name, "a text", isRequired: isRequired) { $0.string }
        guard text?.isEmpty == true, isRequired else { return text }
        report(name, "is empty")
        return nil
    }

    /// Takes a flag.
    package mutating func boolean(_ name: String) -> Bool? { take(name, "true or false") { $0.boolean } }

    /// Takes an object.
    package mutating func object(_ name: String) -> AttributeMap? { take(name, "an object") { $0.complex } }

    /// Takes a list of texts.
    package mutating func strings(_ name: String, limit: Int = 1000) -> [String]? {
        take(name, "a list of at most \(limit) texts") { value in
            guard let list = value.array, list.count <= limit, list.allSatisfy({ $0.string != nil }) else { return nil }
            return list.compactMap(\.string)
        }
    }

    /// Takes a whole number.
    package mutating func integer(_ name: String, in range: ClosedRange<Int64>, isRequired: Bool = false) -> Int? {
        let words = range.count == 1 ? "\(range.lowerBound)" : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return take(name, words, isRequired: isRequired) { value in
            value.integer.flatMap { range.contains($0) ? Int($0) : nil }
        }
    }

    /// Takes a number, whole or not.
    package mutating func number(_ name: String, in range: ClosedRange<Double>) -> Double? {
        take(name, "a number from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))") { value in
            let number: Double? = if case .decimal(let decimal) = value { decimal } else { value.integer.map(Double.init) }
            return number.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A number as a person writes it: a whole one without a fraction.
    private static func text(_ number: Double) -> String { Int64(exactly: number).map(String.init) ?? "\(number)" }

    /// Takes one of the values that a choice has.
    package mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) -> Choice? {
        guard let text = string(name) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        report(name, "'\(text)' is none of its values", NearestName.hint(text, among: Choice.allCases.map(\.rawValue)))
        return nil
    }

    /// Takes a field that has a form.
    package mutating func take<Value>(
        _ name: String, _ words: String, isRequired: Bool = false, _ convert: (AttributeValue) -> Value?
    ) -> Value? {
        guard let value = take(name) else {
            if isRequired { report(name, "is missing", "it is \(words)") }
            return nil
        }
        let converted = convert(value)
        if converted == nil { report(name, "is not \(words)") }
        return converted
    }

    /// Reports the fields that nobody took, and gives all findings.
    package mutating func finish() -> [Finding] {
        for member in map.members where !known.contains(member.name) {
            report(member.name, "unknown field", NearestName.hint(member.name, among: known))
        }
        return findings
    }
}
