import MusterCore
package import SCIM

/// The parameters of a query string, form-encoded: `+` is a space; a trailing `&` and a bare `?` mean nothing.
///
/// Where a name occurs more than once its last value counts. Names compare without case, as SCIM's own names do.
package struct QueryParameters: Sendable {
    /// Every name once, in the order of first appearance.
    package private(set) var pairs: [(name: String, value: String)] = []

    /// Reads a query string, or none.
    /// - Throws: `invalidValue` when it is not percent-encoded UTF-8.
    package init(_ query: String?) throws(SCIMError) {
        guard let query, !query.isEmpty else { return }
        for part in query.split(separator: "&") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = sides.first.flatMap({ PercentEncoding.decode($0, plusIsSpace: true) }),
                let value = PercentEncoding.decode(sides.count > 1 ? sides[1] : "", plusIsSpace: true)
            else { throw .invalidValue("the query string is not percent-encoded UTF-8; encode '%' itself as %25") }
            if let present = pairs.firstIndex(where: { $0.name.isSameName(as: name) }) {
                pairs[present].value = value
            } else {
                pairs.append((name, value))
            }
        }
    }

    /// The value of a parameter, or nil.
    package subscript(_ name: String) -> String? { pairs.first { $0.name.isSameName(as: name) }?.value }

    /// What `attributes` and `excludedAttributes` select.
    func selection() throws(SCIMError) -> AttributeSelection {
        pairs.isEmpty
            ? .default : try AttributeSelection(attributes: self["attributes"], excludedAttributes: self["excludedAttributes"])
    }
}
