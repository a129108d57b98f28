import SCIM

/// Finds in what an account differs from the document that it should be.
///
/// What the target has besides is its own affair, unless Muster wrote it. Values that no target gives back, such as passwords, do
/// not count, nor do those that this one does not, and texts of attributes whose case does not count (RFC 7643 §2.2) are compared
/// so.
struct DocumentDifference {
    /// One thing that differs.
    struct Entry: Sendable, Hashable {
        /// The attribute, such as `name.givenName`.
        var path: String
        /// What is there; nil for nothing.
        var found: AttributeValue?
        /// What should be; nil for nothing.
        var wanted: AttributeValue?

        /// One line, such as `title: "Clerk" there, "Engineer" here`.
        var line: String { "\(path): \(found?.jsonText ?? "nothing") there, \(wanted?.jsonText ?? "nothing") here" }
    }

    /// Attributes that a target may fill in by itself, or never gives back.
    private static let ignored = ["schemas", "meta", "id", "password"]

    /// Paths that this target never gives back.
    private let notReturned: [String]
    /// Everything that differs.
    private(set) var entries: [Entry] = []
    /// The paths of all that should be there.
    private(set) var compared: [String] = []

    /// - Parameters:
    ///   - previous: What Muster wrote before: what is no longer wanted of it should be gone.
    ///   - notReturned: Paths of attributes that the target never gives back; what is below one does not count either.
    init(wanted: AttributeValue, found: AttributeValue, previous: AttributeValue? = nil, notReturned: [String] = []) {
        self.notReturned = notReturned
        compare(wanted, found, at: DocumentPlace())
        if let previous { findLeftovers(of: previous, wanted, found, at: DocumentPlace()) }
    }

    private mutating func compare(_ wanted: AttributeValue, _ found: AttributeValue?, at place: DocumentPlace) {
        switch (wanted, found) {
        case (.complex(let map), .some(let found)):
            let holder = Self.holder(found)
            for member in map.members where !isIgnored(member.name, in: place) && !member.value.isUnassigned {
                compare(member.value, holder?[member.name], at: place.member(member.name))
            }
        case (.array(let elements), _):
            compared.append(place.path)
            let present = found?.array ?? found.map { [$0] } ?? []
            for element in elements where !present.contains(where: { matches(element, $0, at: place) }) {
                entries.append(Entry(path: place.path, found: found.map { _ in .array(present) }, wanted: element))
            }
        default:
            compared.append(place.path)
            if !matches(wanted, found, at: place) { entries.append(Entry(path: place.path, found: found, wanted: wanted)) }
        }
    }

    private mutating func findLeftovers(
        of previous: AttributeValue, _ wanted: AttributeValue?, _ found: AttributeValue, at place: DocumentPlace
    ) {
        let holder = Self.holder(found)
        for member in previous.complex?.members ?? [] where !isIgnored(member.name, in: place) && !member.value.isUnassigned {
            guard let rest = holder?[member.name], !rest.isUnassigned else { continue }
            let (own, place) = (wanted?[member.name], place.member(member.name))
            if own?.isUnassigned ?? true {
                entries.append(Entry(path: place.path, found: rest, wanted: nil))
            } else if member.value.complex != nil {
                findLeftovers(of: member.value, own, rest, at: place)
            }
        }
    }

    private func matches(_ wanted: AttributeValue, _ found: AttributeValue?, at place: DocumentPlace) -> Bool {
        guard let found else { return wanted.isUnassigned || wanted == false && place.path == "active" }
        switch (wanted, found) {
        case (.string(let left), .string(let right)):
            return left == right || left.caseFolded == right.caseFolded && Self.ignoresCase(place.path)
        case (.complex, .complex):
            return DocumentDifference(wanted: wanted, found: found, below: place, notReturned: notReturned).entries.isEmpty
        // Some targets answer numbers and booleans as texts.
        case (.boolean(let flag), .string(let text)): return String(flag) == text.lowercased()
        case (.integer(let number), .string(let text)), (.string(let text), .integer(let number)): return String(number) == text
        default: return wanted == found
        }
    }

    private init(wanted: AttributeValue, found: AttributeValue, below place: DocumentPlace, notReturned: [String]) {
        self.notReturned = notReturned
        compare(wanted, found, at: place)
    }

    /// SCIM 1.1's and OneLogin's templates give one value where RFC targets answer a list.
    private static func holder(_ found: AttributeValue) -> AttributeValue? {
        found.array.map { list in list.first { $0["primary"] == true } ?? list.first } ?? found
    }

    private func isIgnored(_ name: String, in place: DocumentPlace) -> Bool {
        let own = place.member(name).path
        if notReturned.contains(where: { $0.isSameName(as: own) }) { return true }
        if place.path.isEmpty { return Self.ignored.contains { $0.isSameName(as: name) } }
        // A manager's displayName is readOnly (RFC 7643 §4.3).
        return name.isSameName(as: "displayName") && place.path.hasSuffix("manager")
    }

    private static func ignoresCase(_ path: String) -> Bool { path == "userName" || path == "emails" || path == "emails.value" }
}

/// A place in a document, such as `name.givenName` or, in an extension, `urn:…:User:department` (RFC 7644 §3.10).
private struct DocumentPlace {
    /// The place in words; "" for the whole document.
    var path = ""
    private var separator = ""

    /// The place of a member.
    func member(_ name: String) -> DocumentPlace {
        var place = DocumentPlace()
        place.path = path + separator + name
        place.separator = path.isEmpty && name.hasPrefix("urn:") ? ":" : "."
        return place
    }
}
