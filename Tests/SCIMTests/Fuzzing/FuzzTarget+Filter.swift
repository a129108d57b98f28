import SCIM

extension FuzzTarget {
    /// What is written of a filter may be longer than what was read, and nest one deeper for Entra ID's spelling.
    static let wideFilters = FilterLimits(maximumBytes: .max, maximumDepth: 100, maximumTerms: .max)

    static func checkFilter(_ input: [UInt8]) throws(FuzzFinding) {
        guard let text = String(validating: input, as: UTF8.self) else { return }
        let filter: Filter
        do throws(SCIMError) {
            filter = try Filter(parsing: text)
        } catch {
            return try error.checkAnswers(input, as: ["invalidFilter"])
        }
        let written = filter.description
        let again = try read(written)
        try require(again == filter && again.description == written, "'\(written)' reads as '\(again)'")
        try checkSurroundings(text, filter)
        for (type, resource) in Samples.all { try checkMeaning(filter, again, type, resource, input) }
    }

    private static func read(_ text: String) throws(FuzzFinding) -> Filter {
        do throws(SCIMError) {
            return try Filter(parsing: text, limits: wideFilters)
        } catch {
            throw FuzzFinding(description: "'\(text)' is refused: \(error)")
        }
    }

    /// A filter within a larger one stays itself: nothing in it ends the parentheses around it.
    private static func checkSurroundings(_ text: String, _ filter: Filter) throws(FuzzFinding) {
        try require(try read("( \(text) )") == filter, "parentheses change it")
        try require(try read("not (\(text))") == .not(filter), "'not' is not its contrary")
        try require(try read("(\(text)) or (\(text))") == .or([filter, filter]), "'or' breaks it")
        try require(try read("(\(text)) AND (\(text))") == .and([filter, filter]), "'and' breaks it")
        guard !filter.hasBrackets else { return }
        try require(try read("emails[\(text)]") == .valuePath(AttributePath(attribute: "emails"), filter), "brackets change it")
    }

    private static func checkMeaning(
        _ filter: Filter, _ again: Filter, _ type: ResourceType, _ resource: Resource, _ input: [UInt8]
    ) throws(FuzzFinding) {
        let holds = filter.matches(resource, of: type, in: .standard)
        try require(again.matches(resource, of: type, in: .standard) == holds, "what is written means something else")
        try require(Filter.not(filter).matches(resource, of: type, in: .standard) != holds, "'not' is not its contrary")
        try require(!Filter.and([filter, .not(filter)]).matches(resource, of: type, in: .standard), "it holds and does not")
        try require(Filter.or([filter, .not(filter)]).matches(resource, of: type, in: .standard), "it neither holds nor does not")
        let first = Result { () throws(SCIMError) in try filter.validate(for: type, in: .standard) }
        let second = Result { () throws(SCIMError) in try again.validate(for: type, in: .standard) }
        switch (first, second) {
        case (.success, .success): break
        case (.failure(let error), .failure(let other)) where error == other: try error.checkAnswers(input, as: ["invalidFilter"])
        default: throw FuzzFinding(description: "\(first) for what was read, \(second) for what was written")
        }
    }
}

extension Filter {
    fileprivate var hasBrackets: Bool {
        switch self {
        case .comparison, .present: false
        case .valuePath: true
        case .and(let filters), .or(let filters): filters.contains(where: \.hasBrackets)
        case .not(let filter): filter.hasBrackets
        }
    }
}
