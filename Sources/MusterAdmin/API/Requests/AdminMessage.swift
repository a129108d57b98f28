import SCIM

/// The body of a request: an object whose members are known.
struct AdminMessage: Sendable {
    private let map: AttributeMap

    /// Reads a body; null counts as an empty object.
    /// - Throws: `SCIMError` invalidSyntax; invalidValue for a member that is none of `members`, so that one that is written
    ///   wrong does not go unnoticed.
    init(_ body: AttributeValue, members: [String]) throws(SCIMError) {
        guard body != .null else {
            map = [:]
            return
        }
        guard let map = body.complex else { throw .invalidSyntax("send a JSON object") }
        if let stranger = map.members.first(where: { member in !members.contains { $0.isSameName(as: member.name) } }) {
            throw .invalidValue("there is no member '\(stranger.name)' here; there are: \(members.joined(separator: ", "))")
        }
        self.map = map
    }

    /// Whether there is a member of this name that is not null.
    func has(_ name: String) -> Bool { map[name].map { $0 != .null } ?? false }

    /// A text; nil where it is missing.
    /// - Throws: `SCIMError` invalidValue.
    func text(_ name: String) throws(SCIMError) -> String? {
        guard has(name) else { return nil }
        guard let text = map[name]?.string, !text.isEmpty else { throw .invalidValue("\(name): a text is wanted") }
        return text
    }

    /// A text that must be there.
    /// - Throws: `SCIMError` invalidValue.
    func required(_ name: String) throws(SCIMError) -> String {
        guard let text = try text(name) else { throw .invalidValue("\(name) is missing") }
        return text
    }

    /// A flag; false where it is missing.
    /// - Throws: `SCIMError` invalidValue.
    func flag(_ name: String) throws(SCIMError) -> Bool {
        guard has(name) else { return false }
        guard let flag = map[name]?.boolean else { throw .invalidValue("\(name): true or false is wanted") }
        return flag
    }

    /// A number; nil where it is missing.
    /// - Throws: `SCIMError` invalidValue.
    func number(_ name: String) throws(SCIMError) -> Int64? {
        guard has(name) else { return nil }
        guard let number = map[name]?.integer else { throw .invalidValue("\(name): a number is wanted") }
        return number
    }

    /// A list of texts; nil where it is missing.
    /// - Throws: `SCIMError` invalidValue.
    func texts(_ name: String) throws(SCIMError) -> [String]? {
        guard has(name) else { return nil }
        let list = map[name]?.array ?? [.null]
        let texts = list.compactMap { $0.string.flatMap { $0.isEmpty ? nil : $0 } }
        guard texts.count == list.count else { throw .invalidValue("\(name): a list of texts is wanted") }
        return texts
    }

    /// A list of numbers, none of them twice; nil where it is missing.
    /// - Parameter most: How many there may be.
    /// - Throws: `SCIMError` invalidValue.
    func numbers(_ name: String, most: Int) throws(SCIMError) -> [Int64]? {
        guard has(name) else { return nil }
        let list = map[name]?.array ?? []
        let numbers = list.compactMap(\.integer)
        guard (1...most).contains(list.count), numbers.count == list.count, Set(numbers).count == list.count else {
            throw .invalidValue("\(name): a list of 1 to \(most) numbers is wanted, none of them twice")
        }
        return numbers
    }

    /// A member as it is; null where it is missing.
    func value(_ name: String) -> AttributeValue { map[name] ?? .null }
}
