extension Filter: CustomStringConvertible {
    /// The filter as text that parses back to the same tree.
    public var description: String {
        switch self {
        case .comparison(let path, let operation, let value): "\(path) \(operation.rawValue) \(value.jsonText)"
        case .present(let path): "\(path) pr"
        case .valuePath(let path, let filter): "\(path)[\(filter)]"
        case .and(let filters): filters.map { $0.operand(isInAnd: true) }.joined(separator: " and ")
        case .or(let filters): filters.map { $0.operand(isInAnd: false) }.joined(separator: " or ")
        case .not(let filter): "not (\(filter))"
        }
    }

    private func operand(isInAnd: Bool) -> String {
        switch self {
        case .or: "(\(self))"
        case .and where isInAnd: "(\(self))"
        default: description
        }
    }
}

extension AttributePath: CustomStringConvertible {
    /// The path as text that parses back to the same path; an extension's URN alone comes back in two parts, which
    /// ``SchemaRegistry/resolve(_:in:)`` puts together.
    public var description: String {
        let local = (attribute ?? "") + (valueFilter.map { "[\($0)]" } ?? "") + (subAttribute.map { "." + $0 } ?? "")
        guard let schema else { return local }
        return local.isEmpty ? schema : "\(schema):\(local)"
    }
}
