/// A filter (RFC 7644 §3.4.2.2) as a tree.
public indirect enum Filter: Sendable, Hashable {
    /// A comparison operator of RFC 7644 §3.4.2.2 Table 3, without `pr`.
    public enum Operator: String, Sendable, Hashable, CaseIterable {
        case eq, ne, co, sw, ew, gt, ge, lt, le
    }

    /// `path op value`; the value is a string, number, boolean or null.
    case comparison(AttributePath, Operator, AttributeValue)
    /// `path pr`: there is a value that is not empty.
    case present(AttributePath)
    /// `path[filter]`: one value of a multi-valued attribute fits the whole inner filter.
    case valuePath(AttributePath, Filter)
    /// Every one holds; at least two.
    case and([Filter])
    /// At least one holds; at least two.
    case or([Filter])
    /// The inner filter does not hold.
    case not(Filter)
}
