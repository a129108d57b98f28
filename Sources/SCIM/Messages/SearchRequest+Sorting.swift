extension SearchRequest {
    /// The attribute by which resources of `type` are sorted; nil when no order is wanted.
    ///
    /// - Throws: `invalidValue` when the type has no such attribute; when it is complex and has no `value`, so that a
    ///   sub-attribute must be named; and when it is never returned, since the order would tell what it is.
    public func sortAttribute(of type: ResourceType, in registry: SchemaRegistry) throws(SCIMError) -> ResolvedAttribute? {
        guard let sortBy else { return nil }
        guard let resolved = registry.resolve(sortBy, in: type), let attribute = resolved.attribute else {
            throw .invalidValue("sortBy: \(type.name) has no attribute '\(sortBy)'")
        }
        let leaf = resolved.subAttribute ?? attribute.subAttribute("value") ?? attribute
        guard leaf.type != .complex else {
            let names = leaf.subAttributes.map { "\(attribute.name).\($0.name)" }.joined(separator: ", ")
            throw .invalidValue("sortBy: '\(sortBy)' is complex; name one of its parts: \(names)")
        }
        guard [attribute, leaf].allSatisfy({ $0.returned != .never && $0.mutability != .writeOnly }) else {
            throw .invalidValue("sortBy: '\(sortBy)' is never returned, so nothing is sorted by it")
        }
        return resolved
    }
}
