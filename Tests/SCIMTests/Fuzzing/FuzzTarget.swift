import SCIM

/// What reads bytes from outside, and what must hold for any bytes at all.
///
/// `Scripts/fuzz` feeds these checks with what libFuzzer makes up, the tests with what it found before.
enum FuzzTarget: String, CaseIterable, Sendable {
    /// The JSON reader and writer.
    case json
    /// The filter parser, writer, validation and evaluator.
    case filter
    /// The path parser and writer, and what paths lead to.
    case path
    /// PATCH messages and bodies of resources, up to what would be stored.
    case patch

    /// Does with `input` all that the target names.
    /// - Throws: ``FuzzFinding`` when a property does not hold. That nothing traps, hangs or eats memory is for whoever
    ///   calls to watch.
    func check(_ input: [UInt8]) throws(FuzzFinding) {
        switch self {
        case .json: try Self.checkJSON(input)
        case .filter: try Self.checkFilter(input)
        case .path: try Self.checkPath(input)
        case .patch: try Self.checkPatch(input)
        }
    }
}

/// A property that does not hold for some input.
struct FuzzFinding: Error, CustomStringConvertible {
    let description: String
}

/// Goes on when `condition` holds.
func require(_ condition: Bool, _ property: @autoclosure () -> String) throws(FuzzFinding) {
    guard condition else { throw FuzzFinding(description: property()) }
}

extension SCIMError {
    /// Whether this is an error to answer `input` with: the client's fault, in the RFC's words, and no longer than what
    /// it is about.
    func checkAnswers(_ input: [UInt8], as scimTypes: Set<String>) throws(FuzzFinding) {
        try require(status == 400 && scimTypes.contains(scimType ?? ""), "an unexpected error: \(self)")
        try require(!detail.isEmpty && detail.utf8.count <= 2 * input.count + 500, "an error of \(detail.utf8.count) bytes")
    }
}
