extension AttributeSelection {
    /// How many names a parameter may list.
    private static let maximumNames = 500

    /// Reads the query parameters `attributes` and `excludedAttributes`, names with commas between (RFC 7644 §3.9).
    ///
    /// A name may have a URN in front or be a URN. What is no name of an attribute selects nothing, and no error.
    /// The RFC lets a client give only one of the two; `attributes` wins where both come.
    /// - Throws: `invalidValue` when there are more than 500 names.
    public init(attributes: String?, excludedAttributes: String?) throws(SCIMError) {
        try self.init(
            attributeNames: attributes.map(Self.names) ?? [], excludedAttributeNames: excludedAttributes.map(Self.names) ?? [])
    }

    /// Reads the same from lists of names, as a search message carries them (RFC 7644 §3.4.3).
    /// - Throws: `invalidValue` when there are more than 500 names.
    public init(attributeNames: [String], excludedAttributeNames: [String]) throws(SCIMError) {
        for (parameter, names) in [("attributes", attributeNames), ("excludedAttributes", excludedAttributeNames)]
        where names.count > Self.maximumNames {
            throw .invalidValue("\(parameter): more than \(Self.maximumNames) names are not accepted")
        }
        self.init(
            attributes: attributeNames.isEmpty ? nil : attributeNames.map(Self.path),
            excludedAttributes: excludedAttributeNames.map(Self.path))
    }

    private static func names(_ list: String) -> [String] {
        list.split(separator: ",").compactMap { item in
            let name = item.drop { $0 == " " }
            let end = name.lastIndex { $0 != " " }
            return end.map { String(name[...$0]) }
        }
    }

    /// A name as a path. Where the URN ends and the name begins is for the registry to say: the last part of a URN alone
    /// stands as the attribute here, and ``SchemaRegistry/resolve(_:in:)`` understands that.
    private static func path(_ name: String) -> AttributePath {
        let isQualified = name.utf8.count > 4 && String(name.prefix(4)).isSameName(as: "urn:")
        let colon = isQualified ? name.lastIndex(of: ":") : nil
        let local = colon.map { name[name.index(after: $0)...] } ?? name[...]
        let parts = local.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return AttributePath(
            schema: colon.map { String(name[..<$0]) }, attribute: parts[0],
            subAttribute: parts.count > 1 ? parts[1] : nil)
    }
}
