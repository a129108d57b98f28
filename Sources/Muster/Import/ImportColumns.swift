import SCIM

/// What the columns of a table mean.
struct ImportColumns: Sendable {
    /// What one column means.
    enum Meaning: Sendable, Hashable {
        /// The value at a path.
        case value(ImportedAttribute)
        /// The userName of the person's manager.
        case manager
        /// The display names of groups, with semicolons between them.
        case groups
        /// Nothing.
        case ignored
    }

    /// By position.
    let meanings: [Meaning]
    private let titles: [String]

    /// The usual titles with the paths that they stand for, besides `manager` and `groups`.
    static let usual: [(title: String, path: String)] = [
        ("userName", "userName"), ("email", #"emails[type eq "work"].value"#), ("firstName", "name.givenName"),
        ("givenName", "name.givenName"), ("lastName", "name.familyName"), ("familyName", "name.familyName"),
        ("displayName", "displayName"), ("title", "title"), ("department", Schema.enterpriseUser.id + ":department"),
        ("active", "active"), ("phone", #"phoneNumbers[type eq "work"].value"#), ("mobile", #"phoneNumbers[type eq "mobile"].value"#),
        ("employeeNumber", Schema.enterpriseUser.id + ":employeeNumber"), ("externalId", "externalId"),
    ]

    /// - Parameters:
    ///   - map: What titles mean, before all others: a usual title or a path each.
    ///   - ignoresUnknown: Whether columns that mean nothing, or that cannot be written, are left out.
    /// - Throws: ``ImportError`` with every finding.
    init(_ titles: [String], map: [String: String], ignoresUnknown: Bool, registry: SchemaRegistry) throws(ImportError) {
        guard let type = registry.resourceType(named: ResourceType.user.name) else { throw ImportError(["there is no resource type User"]) }
        var (meanings, findings) = ([Meaning](), [String]())
        for title in titles {
            let mapped = map.first { Self.isSame($0.key, title) }?.value
            switch Self.meaning(mapped ?? title, type, registry) {
            case .success(let meaning):
                if meanings.contains(meaning) { findings.append("column '\(title)': another column means the same") }
                meanings.append(meaning)
            case .failure(let problem):
                if mapped == nil, ignoresUnknown {
                    meanings.append(.ignored)
                } else {
                    findings.append("column '\(title)'\(mapped.map { " as '\($0)'" } ?? ""): \(problem.text)")
                }
            }
        }
        for name in map.keys.sorted() where !titles.contains(where: { Self.isSame($0, name) }) {
            findings.append("there is no column '\(name)'" + NearestName.suffix(name, among: titles))
        }
        guard findings.isEmpty else { throw ImportError(findings) }
        self.meanings = meanings
        self.titles = titles
    }

    /// The position of the column for a core attribute such as `userName`; nil where there is none.
    func position(of name: String) -> Int? {
        meanings.firstIndex { if case .value(let attribute) = $0 { attribute.path == name } else { false } }
    }

    /// The position of the column for managers or groups.
    func position(of meaning: Meaning) -> Int? { meanings.firstIndex(of: meaning) }

    /// The title of a column.
    func title(_ position: Int) -> String { titles[position] }

    // MARK: Steps

    private struct Problem: Error { var text: String }

    private static func meaning(_ name: String, _ type: ResourceType, _ registry: SchemaRegistry) -> Result<Meaning, Problem> {
        if isSame(name, "manager") { return .success(.manager) }
        if isSame(name, "groups") { return .success(.groups) }
        let path = usual.first { isSame($0.title, name) }?.path ?? name
        guard let parsed = try? AttributePath(parsing: path), let resolved = registry.resolve(parsed, in: type) else {
            return .failure(Problem(text: "nothing is known by this name" + NearestName.suffix(name, among: names(type, registry))))
        }
        if resolved.attribute?.name == "manager", resolved.schema?.isSameName(as: Schema.enterpriseUser.id) == true,
            resolved.subAttribute == nil
        {
            return .success(.manager)
        }
        return ImportedAttribute.make(parsed, resolved).map { .value($0) }.mapError { Problem(text: $0.text) }
    }

    /// What a title may be, for guesses.
    private static func names(_ type: ResourceType, _ registry: SchemaRegistry) -> [String] {
        let core = registry.schema(type.schema)?.attributes.map(\.name) ?? []
        let extended = type.schemaExtensions.flatMap { item in
            registry.schema(item.schema)?.attributes.flatMap { ["\(item.schema):\($0.name)", $0.name] } ?? []
        }
        return usual.map(\.title) + ["manager", "groups"] + core + extended
    }

    /// Whether two titles are one: `First Name`, `first_name` and `firstName` are.
    private static func isSame(_ left: String, _ right: String) -> Bool {
        left == right || folded(left).isSameName(as: folded(right))
    }

    private static func folded(_ title: String) -> String { title.filter { $0 != " " && $0 != "_" && $0 != "-" } }
}
