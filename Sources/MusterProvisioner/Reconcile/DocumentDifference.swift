import SCIM

/// Finds in what an account differs from the document that it should be.
///
/// What the target has besides is its own affair. Values that no target gives back, such as passwords, do not count, and texts
/// of attributes whose case does not count (RFC 7643 §2.2) are compared so.
struct DocumentDifference {
    /// Attributes that a target may fill in by itself, or never gives back.
    private static let ignored = ["schemas", "meta", "id", "password"]

    /// One line for each difference, such as `title: "Clerk" there, "Engineer" here`.
    static func lines(wanted: AttributeValue, found: AttributeValue) -> [String] {
        var lines: [String] = []
        compare(wanted, found, at: "", &lines)
        return lines
    }

    private static func compare(_ wanted: AttributeValue, _ found: AttributeValue?, at path: String, _ lines: inout [String]) {
        switch (wanted, found) {
        case (.complex(let map), _):
            guard let found else { return note(path, wanted, nil, &lines) }
            // SCIM 1.1's and OneLogin's templates give one value where RFC targets answer a list.
            let holder = found.array.map { list in list.first { $0["primary"] == true } ?? list.first } ?? found
            for member in map.members where !isIgnored(member.name, in: path) && !member.value.isUnassigned {
                compare(member.value, holder?[member.name], at: path.isEmpty ? member.name : path + separator(path) + member.name, &lines)
            }
        case (.array(let elements), _):
            let present = found?.array ?? found.map { [$0] } ?? []
            for element in elements where !present.contains(where: { matches(element, $0, at: path) }) {
                note(path, element, found.map { _ in .array(present) }, &lines)
            }
        default:
            if !matches(wanted, found, at: path) { note(path, wanted, found, &lines) }
        }
    }

    private static func matches(_ wanted: AttributeValue, _ found: AttributeValue?, at path: String) -> Bool {
        guard let found else { return wanted.isUnassigned || wanted == false && path == "active" }
        switch (wanted, found) {
        case (.string(let left), .string(let right)): return left == right || left.caseFolded == right.caseFolded && ignoresCase(path)
        case (.complex, .complex):
            var lines: [String] = []
            compare(wanted, found, at: path, &lines)
            return lines.isEmpty
        // Some targets answer numbers and booleans as texts.
        case (.boolean(let flag), .string(let text)): return String(flag) == text.lowercased()
        case (.integer(let number), .string(let text)), (.string(let text), .integer(let number)): return String(number) == text
        default: return wanted == found
        }
    }

    private static func ignoresCase(_ path: String) -> Bool { path == "userName" || path == "emails" || path == "emails.value" }

    private static func isIgnored(_ name: String, in path: String) -> Bool {
        if path.isEmpty { return ignored.contains { $0.isSameName(as: name) } }
        // A manager's displayName is readOnly (RFC 7643 §4.3).
        return name.isSameName(as: "displayName") && path.hasSuffix("manager")
    }

    private static func separator(_ path: String) -> String {
        path.hasPrefix("urn:") && !path.contains(".") && path.hasSuffix("User") ? ":" : "."
    }

    private static func note(_ path: String, _ wanted: AttributeValue, _ found: AttributeValue?, _ lines: inout [String]) {
        lines.append("\(path): \(found?.jsonText ?? "nothing") there, \(wanted.jsonText) here")
    }
}
