import SCIM

extension AttributeValue {
    /// The text at a path such as `userName`, `name.familyName`, `emails.value`, `emails[type eq "work"].value` or
    /// `urn:…:User:employeeNumber`: of several values the primary one, or else the first.
    func text(at path: String) -> String? { texts(at: path).first }

    /// All texts at a path in a user's document, the primary one first, without those that are empty.
    ///
    /// A filter in brackets chooses among the values, as it does in a PATCH (RFC 7644 §3.5.2). What has parts and is named alone
    /// means its `value`, as in a filter.
    func texts(at path: String) -> [String] {
        // A site's own name counts as it stands, whatever is in it.
        if let whole = self[path] { return whole.texts }
        guard let path = try? AttributePath(parsing: path), let name = path.attribute else { return [] }
        let known = path.known
        guard var elements = value(called: name, in: path.schema, known)?.elements else { return [] }
        if let filter = path.valueFilter {
            let evaluator = FilterEvaluator(.valuePath(path.attributeAlone, filter), for: .user, in: .standard)
            let schema = known == nil ? path.schema : known?.schema
            elements = elements.filter { element in
                let alone = AttributeMap([.init(name: name, value: element)])
                return evaluator.matches(
                    Resource(attributes: schema.map { AttributeMap([.init(name: $0, value: .complex(alone))]) } ?? alone))
            }
        }
        guard let part = path.subAttribute else { return elements.compactMap(\.ownText) }
        return elements.compactMap { $0[part]?.ownText }
    }

    /// A scalar, or those of a list, as texts; the primary one first, without those that are empty.
    var texts: [String] { elements.compactMap(\.ownText) }

    /// A text, number or boolean as a text; nil for what has parts.
    var scalarText: String? {
        switch self {
        case .string(let text): text
        case .integer, .decimal, .boolean: jsonText
        default: nil
        }
    }

    /// An attribute where the path says, or else where the schemas of the RFC have it.
    private func value(called name: String, in schema: String?, _ known: ResolvedAttribute?) -> AttributeValue? {
        let holder = schema.map { self[$0] } ?? self
        if let value = holder?[name] { return value }
        guard let known else { return nil }
        return known.schema.map { self[$0]?[name] } ?? self[name]
    }

    /// The values of a list, the primary one first; of anything else itself.
    private var elements: [AttributeValue] {
        guard let array else { return [self] }
        return array.filter { $0["primary"] == true } + array.filter { $0["primary"] != true }
    }

    /// The text of one value, which stands in its `value` where it has parts; nil where it is empty.
    private var ownText: String? {
        guard let text = (complex == nil ? self : self["value"])?.scalarText, !text.isEmpty else { return nil }
        return text
    }
}

extension AttributePath {
    /// The path without what chooses among the attribute's values and parts.
    var attributeAlone: AttributePath { AttributePath(schema: schema, attribute: attribute) }

    /// The attribute by the schemas of the RFC; nil where they know none.
    var known: ResolvedAttribute? { SchemaRegistry.standard.resolve(attributeAlone, in: .user) }

    /// Why the filter in brackets can choose nothing; nil where it can, or where only a site knows the attribute.
    var filterProblem: String? {
        guard let valueFilter, known?.attribute != nil else { return nil }
        do {
            try Filter.valuePath(attributeAlone, valueFilter).validate(for: .user, in: .standard)
            return nil
        } catch { return error.detail }
    }
}
