extension Quirk {
    static let ofFilters: [Quirk] = [comparedValuePath]

    /// `emails[type eq "work"].value eq "a@example.com"` as a filter, where the grammar has no comparison behind brackets.
    public static let comparedValuePath = Quirk(
        "compared-value-path",
        "A comparison behind brackets is asked of the values that the brackets choose: `emails[type eq \"work\"].value eq \"x\"`.",
        clients: ["entra", "mappings"])
}

extension Filter {
    /// The quirks in the names and values of a search's filter for `type`; those in its form are found when it is read, see
    /// ``init(parsing:limits:noting:)``.
    public func quirks(of type: ResourceType, in registry: SchemaRegistry) -> Set<Quirk> {
        switch self {
        case .comparison(let path, _, let value):
            var quirks = path.quirks(of: type, in: registry)
            if let definition = registry.resolve(path, in: type), (definition.subAttribute ?? definition.attribute)?.type == .boolean,
                value.string.flatMap(ValueQuirks.boolean) != nil
            {
                quirks.insert(.booleanAsString)
            }
            return quirks
        case .present(let path), .valuePath(let path, _): return path.quirks(of: type, in: registry)
        case .and(let filters), .or(let filters):
            return filters.reduce(into: []) { $0.formUnion($1.quirks(of: type, in: registry)) }
        case .not(let filter): return filter.quirks(of: type, in: registry)
        }
    }
}

extension AttributePath {
    fileprivate func quirks(of type: ResourceType, in registry: SchemaRegistry) -> Set<Quirk> {
        if let schema { return ResourceQuirks.schema(schema, in: type).isSameName(as: schema) ? [] : [.legacySchemaURN] }
        // A name without URN that leads into an extension.
        return registry.resolve(self, in: type)?.schema == nil ? [] : [.extensionAttributeAtTop]
    }
}
