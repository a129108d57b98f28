extension Filter {
    /// How many comparisons the filter holds: what asking it of one value may cost.
    var termCount: Int {
        switch self {
        case .comparison, .present: 1
        case .valuePath(_, let filter), .not(let filter): filter.termCount
        case .and(let filters), .or(let filters): filters.reduce(0) { $0 + $1.termCount }
        }
    }
}
