import Foundation
import SCIM

extension FuzzTarget {
    /// Limits so small that inputs reach them.
    private static let small = JSONLimits(maximumDepth: 6, maximumBytes: 256, maximumMembers: 8)
    /// No limit on what the reader's own output may be.
    private static let wide = JSONLimits(maximumDepth: 64, maximumBytes: .max, maximumMembers: .max)

    static func checkJSON(_ input: [UInt8]) throws(FuzzFinding) {
        let value: AttributeValue
        do throws(JSONError) {
            value = try AttributeValue(json: input)
        } catch {
            try require((0...input.count).contains(error.offset), "the error is at byte \(error.offset) of \(input.count)")
            try checkRefusal(of: input, error)
            return
        }
        let written = value.jsonBytes
        do throws(JSONError) {
            let again = try AttributeValue(json: written, limits: wide)
            try Self.requireSame(again, value, written)
        } catch {
            throw FuzzFinding(description: "what is written is refused: \(error)")
        }
        try checkSmallLimits(value, input)
        for bytes in [input, written] { try checkAgainstFoundation(value, bytes) }
    }

    private static func requireSame(_ again: AttributeValue, _ value: AttributeValue, _ written: [UInt8]) throws(JSONError) {
        guard again == value, again.jsonBytes == written else {
            throw JSONError(offset: 0, reason: "it reads as \(again.jsonText)")
        }
    }

    /// Smaller limits refuse exactly what exceeds them, and change nothing else.
    private static func checkSmallLimits(_ value: AttributeValue, _ input: [UInt8]) throws(FuzzFinding) {
        let fits = input.count <= small.maximumBytes && value.fits(depth: small.maximumDepth, members: small.maximumMembers)
        guard let limited = try? AttributeValue(json: input, limits: small) else {
            return try require(!fits, "it is within the limits and refused")
        }
        try require(fits && limited == value, "it exceeds the limits and is read, or read as something else")
    }

    // MARK: Another reader

    /// Foundation reads the same from `bytes`.
    private static func checkAgainstFoundation(_ value: AttributeValue, _ bytes: [UInt8]) throws(FuzzFinding) {
        guard let other = foundationValue(bytes) else { throw FuzzFinding(description: "Foundation refuses what is read") }
        try require(value.agrees(with: other), "Foundation reads something else: \(other)")
    }

    /// What is refused is refused by Foundation too, or for a reason that is ours alone.
    private static func checkRefusal(of input: [UInt8], _ error: JSONError) throws(FuzzFinding) {
        let ours = ["two members of this name", "out of range", "nested more than", "longer than", "more than"]
        guard !ours.contains(where: error.reason.contains) else { return }
        // Foundation reads UTF-16, UTF-32 and a byte order mark, and lets a comma stand before a closing bracket.
        guard !input.contains(0), !input.starts(with: [0xEF, 0xBB, 0xBF]) else { return }
        let last = input[..<error.offset].last { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard last != UInt8(ascii: ","), foundationValue(input) != nil else { return }
        throw FuzzFinding(description: "Foundation reads what is refused: \(error)")
    }

    private static func foundationValue(_ bytes: [UInt8]) -> Any? {
        try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    }
}

extension AttributeValue {
    fileprivate func fits(depth: Int, members: Int) -> Bool {
        switch self {
        case .array(let elements): depth > 0 && elements.allSatisfy { $0.fits(depth: depth - 1, members: members) }
        case .complex(let map):
            depth > 0 && map.count <= members && map.members.allSatisfy { $0.value.fits(depth: depth - 1, members: members) }
        default: true
        }
    }

    /// Whether `other`, which Foundation has read, is this value.
    fileprivate func agrees(with other: Any) -> Bool {
        switch self {
        case .null: return other is NSNull
        case .boolean(let flag): return other as? Bool == flag
        case .integer(let number): return (other as? NSNumber)?.int64Value == number
        case .decimal(let number):
            // Foundation reads long numbers as decimal fractions, whose last bit as a double is not exact.
            guard let other = (other as? NSNumber)?.doubleValue else { return false }
            return abs(other - number) <= abs(number) * 1e-14
        case .string(let text):
            // Foundation loses a byte order mark that follows an escape.
            guard let other = other as? String else { return false }
            return other.utf8.elementsEqual(text.utf8) || other.withoutMarks.utf8.elementsEqual(text.withoutMarks.utf8)
        case .array(let elements):
            guard let others = other as? [Any], others.count == elements.count else { return false }
            return zip(elements, others).allSatisfy { $0.agrees(with: $1) }
        case .complex(let map):
            // Foundation keeps one of several names that are canonically equal; ours are told apart byte for byte.
            guard let others = other as? [String: Any] else { return false }
            if map.members.contains(where: { $0.name.withoutMarks != $0.name }) { return true }
            let names = Dictionary(grouping: map.members, by: \.name)
            return others.count == names.count
                && names.allSatisfy { name, members in members.count > 1 || others[name].map(members[0].value.agrees) == true }
        }
    }
}

extension String {
    fileprivate var withoutMarks: String { String(String.UnicodeScalarView(unicodeScalars.filter { $0 != "\u{FEFF}" })) }
}
