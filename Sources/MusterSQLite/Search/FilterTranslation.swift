import MusterCore
import SCIM

/// Turns as much of a filter into SQL as the index, the columns and the membership rows can answer.
///
/// A part that cannot be translated is left out of a conjunction, which then only narrows; where it stands in a
/// disjunction or under `not`, the whole of that is left out.
struct FilterTranslation {
    let type: String
    let tenantNumber: Int64
    let typeNumber: Int64
    let attributes: [AttributeIndex.Attribute]
    /// The number of an indexed attribute, or nil when no resource has a value there.
    let attributeNumber: (String) throws -> Int64?
    /// SQLite's parser and planner are spared more than this.
    private var comparisonsLeft = 64

    init(
        type: String, tenantNumber: Int64, typeNumber: Int64, attributes: [AttributeIndex.Attribute],
        attributeNumber: @escaping (String) throws -> Int64?
    ) {
        self.type = type
        self.tenantNumber = tenantNumber
        self.typeNumber = typeNumber
        self.attributes = attributes
        self.attributeNumber = attributeNumber
    }

    private static let maximumDepth = 12

    /// The condition for `filter`, or nil when all resources have to be looked at.
    mutating func condition(_ filter: Filter) throws -> SQLCondition? { try condition(filter, depth: 0) }

    private mutating func condition(_ filter: Filter, depth: Int) throws -> SQLCondition? {
        guard depth < Self.maximumDepth else { return nil }
        switch filter {
        case .comparison(let path, let comparison, let literal): return try leaf(path, .comparison(comparison, literal))
        case .present(let path): return try leaf(path, .present)
        case .valuePath(let path, let inner): return try elements(path, inner, depth: depth)
        case .and(let filters):
            return try conjunction(filters) { translation, filter in try translation.condition(filter, depth: depth + 1) }
        case .or(let filters):
            return try disjunction(filters) { translation, filter in try translation.condition(filter, depth: depth + 1) }
        case .not(let filter): return try condition(filter, depth: depth + 1)?.negated
        }
    }

    private mutating func conjunction(
        _ filters: [Filter], _ translate: (inout Self, Filter) throws -> SQLCondition?
    ) rethrows -> SQLCondition? {
        let conditions = try filters.compactMap { try translate(&self, $0) }
        guard let first = conditions.first else { return nil }
        let condition = conditions.count == 1 ? first : .and(conditions)
        return conditions.count == filters.count ? condition : condition.inexact
    }

    private mutating func disjunction(
        _ filters: [Filter], _ translate: (inout Self, Filter) throws -> SQLCondition?
    ) rethrows -> SQLCondition? {
        let conditions = try filters.compactMap { try translate(&self, $0) }
        return conditions.count == filters.count && !conditions.isEmpty ? .or(conditions) : nil
    }

    /// `path[inner]`: one element fulfils all of `inner`. Rows of the index do not tell which values belong to one
    /// element, so that a conjunction only narrows.
    private mutating func elements(_ path: AttributePath, _ inner: Filter, depth: Int) throws -> SQLCondition? {
        guard depth < Self.maximumDepth, path.valueFilter == nil, path.subAttribute == nil else { return nil }
        func within(_ part: AttributePath) -> AttributePath? {
            guard part.schema == nil, part.subAttribute == nil, part.valueFilter == nil else { return nil }
            return AttributePath(schema: path.schema, attribute: path.attribute, subAttribute: part.attribute)
        }
        switch inner {
        case .comparison(let part, let comparison, let literal):
            return try within(part).flatMap { try leaf($0, .comparison(comparison, literal)) }
        case .present(let part): return try within(part).flatMap { try leaf($0, .present) }
        case .and(let filters):
            return try conjunction(filters) { translation, filter in
                try translation.elements(path, filter, depth: depth + 1)
            }?.inexact
        case .or(let filters):
            return try disjunction(filters) { translation, filter in try translation.elements(path, filter, depth: depth + 1) }
        case .not, .valuePath: return nil
        }
    }

    // MARK: One comparison

    enum Leaf {
        case comparison(Filter.Operator, AttributeValue)
        case present
    }

    private mutating func leaf(_ path: AttributePath, _ leaf: Leaf) throws -> SQLCondition? {
        guard comparisonsLeft > 0 else { return nil }
        comparisonsLeft -= 1
        if path.valueFilter != nil {
            // `emails[type eq "work"].value eq "x"` is at most `emails.value eq "x"`.
            let whole = AttributePath(schema: path.schema, attribute: path.attribute, subAttribute: path.subAttribute)
            return try self.leaf(whole, leaf)?.inexact
        }
        if let indexed = indexed(path, leaf) { return try indexCondition(indexed, leaf) }
        guard isBase(path), let name = path.attribute else { return nil }
        switch (name.lowercased(), path.subAttribute?.lowercased()) {
        case ("id", nil): return idCondition(leaf)
        case ("meta", "created"?): return timeCondition("created", leaf)
        case ("meta", "lastmodified"?): return timeCondition("modified", leaf)
        case ("meta", "resourcetype"?): return typeCondition(leaf)
        case ("members", nil), ("members", "value"?):
            guard type == ResourceType.group.name else { return nil }
            return membershipCondition(leaf, isGroup: true, isValue: path.subAttribute != nil)
        case ("groups", nil), ("groups", "value"?):
            guard type == ResourceType.user.name else { return nil }
            return membershipCondition(leaf, isGroup: false, isValue: path.subAttribute != nil)
        default: return nil
        }
    }

    /// Whether a path leads into the base schema of the type.
    private func isBase(_ path: AttributePath) -> Bool {
        guard let schema = path.schema else { return true }
        return SchemaRegistry.standard.resourceType(named: type)?.schema.isSameName(as: schema) == true
    }

    /// The indexed attribute that a path leads to. A multi-valued attribute named alone means its `value`, but
    /// `emails pr` is true of an element without one.
    private func indexed(_ path: AttributePath, _ leaf: Leaf) -> AttributeIndex.Attribute? {
        guard let name = path.attribute else { return nil }
        return attributes.first { attribute in
            guard attribute.attribute.isSameName(as: name) else { return false }
            if let schema = attribute.schema {
                guard path.schema?.isSameName(as: schema) == true else { return false }
            } else {
                guard isBase(path) else { return false }
            }
            switch (attribute.subAttribute, path.subAttribute) {
            case (nil, nil): return true
            case (let own?, let wanted?): return own.isSameName(as: wanted)
            case (let own?, nil): if case .present = leaf { return false } else { return own == "value" }
            case (nil, .some): return false
            }
        }
    }
}

// MARK: - Indexed attributes

extension FilterTranslation {
    private func indexCondition(_ attribute: AttributeIndex.Attribute, _ leaf: Leaf) throws -> SQLCondition? {
        guard let comparison = valueComparison(attribute, leaf) else { return nil }
        // Number 0 is nobody's: no resource has a value there.
        let number = try attributeNumber(attribute.name) ?? 0
        let match = SQLFragment("attribute = ? AND ", number) + comparison.fragment
        let select = comparison.isEquality ? "SELECT" : "SELECT DISTINCT"
        return SQLCondition(
            test: SQLFragment("EXISTS (SELECT 1 FROM attribute_value WHERE resource = c.row AND ") + match + SQLFragment(")"),
            rows: SQLFragment("\(select) resource AS row FROM attribute_value INDEXED BY attribute_value_lookup WHERE ") + match,
            isExact: true, cost: attribute.isUnique && comparison.isEquality ? 1 : comparison.cost)
    }

    private struct Comparison {
        var fragment: SQLFragment
        var cost: Int
        var isEquality = false
    }

    private func valueComparison(_ attribute: AttributeIndex.Attribute, _ leaf: Leaf) -> Comparison? {
        guard case .comparison(let comparison, let literal) = leaf else {
            // An empty text counts as no value; whether it does elsewhere is for the document to say.
            return nil
        }
        guard let value = attribute.indexValue(literal) else { return nil }
        switch (comparison, value) {
        case (.eq, _):
            let cost = attribute.comparison == .boolean ? 60 : 10
            return Comparison(fragment: SQLFragment("value = ?", value), cost: cost, isEquality: true)
        case (.ne, _): return nil
        case (.co, .text(let text)), (.sw, .text(let text)), (.ew, .text(let text)):
            return Self.textComparison(comparison, "value", text)
        case (.gt, _), (.ge, _), (.lt, _), (.le, _):
            guard attribute.comparison != .boolean, let sign = comparison.sign else { return nil }
            return Comparison(fragment: SQLFragment("value \(sign) ?", value), cost: 40)
        default: return nil
        }
    }

    /// `co`, `sw` or `ew` on a column; nil for the empty text, which is a part of everything or of nothing.
    private static func textComparison(_ comparison: Filter.Operator, _ column: String, _ text: String) -> Comparison? {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty else { return nil }
        switch comparison {
        case .co: return Comparison(fragment: SQLFragment("instr(\(column), ?) > 0", text), cost: 50)
        case .sw:
            // No UTF-8 text has the byte FF, so that it stands behind all that begin so.
            let range = SQLFragment("\(column) >= ? AND \(column) < ?", text, RawText(bytes: bytes + [0xFF]))
            return Comparison(fragment: range, cost: 30 - min(bytes.count, 15))
        case .ew:
            // Bytes, since SQLite's length of a text ends at a NUL.
            return Comparison(
                fragment: SQLFragment("substr(CAST(\(column) AS BLOB), ?) = ?", -bytes.count, bytes), cost: 51)
        default: return nil
        }
    }
}

extension Filter.Operator {
    /// The same in SQL, for what can be ordered.
    fileprivate var sign: String? {
        switch self {
        case .eq: "="
        case .gt: ">"
        case .ge: ">="
        case .lt: "<"
        case .le: "<="
        case .ne, .co, .sw, .ew: nil
        }
    }
}

// MARK: - Columns

extension FilterTranslation {
    private func idCondition(_ leaf: Leaf) -> SQLCondition? {
        switch leaf {
        case .present: return constant(true)
        case .comparison(.eq, .string(let id)): return column(SQLFragment("id = ?", id), cost: 0)
        case .comparison(let comparison, .string(let text)):
            guard let comparison = Self.textComparison(comparison, "id", text) else { return nil }
            return column(comparison.fragment, cost: comparison.cost)
        default: return nil
        }
    }

    private func timeCondition(_ name: String, _ leaf: Leaf) -> SQLCondition? {
        guard case .comparison(let comparison, .string(let text)) = leaf, let sign = comparison.sign,
            let time = Timestamp(dateTime: text)
        else { return leaf.isPresent ? constant(true) : nil }
        let isIndexed = name == "modified"
        return column(SQLFragment("\(name) \(sign) ?", time), cost: isIndexed ? 35 : .max, index: isIndexed ? "resource_modified" : nil)
    }

    private func typeCondition(_ leaf: Leaf) -> SQLCondition? {
        switch leaf {
        case .present: constant(true)
        case .comparison(.eq, .string(let name)): constant(name == type)
        default: nil
        }
    }

    /// A condition on columns of `resource`; found by an index unless its cost says that there is none.
    private func column(_ match: SQLFragment, cost: Int, index: String? = "resource_id") -> SQLCondition {
        let rows = index.map { index in
            SQLFragment(
                "SELECT number AS row FROM resource INDEXED BY \(index) WHERE tenant = ? AND type = ? AND ", tenantNumber, typeNumber)
                + match
        }
        return SQLCondition(
            test: SQLFragment("EXISTS (SELECT 1 FROM resource WHERE number = c.row AND ") + match + SQLFragment(")"),
            rows: rows, isExact: true, cost: cost)
    }

    private func constant(_ holds: Bool) -> SQLCondition {
        SQLCondition(
            test: SQLFragment(holds ? "1" : "0"), rows: holds ? nil : SQLFragment("SELECT 0 AS row WHERE 0"), isExact: true,
            cost: holds ? .max : 0)
    }
}

extension FilterTranslation.Leaf {
    fileprivate var isPresent: Bool { if case .present = self { true } else { false } }
}

// MARK: - Membership

extension FilterTranslation {
    /// `members` of a group or `groups` of a user, by rows. Members' ids compare without case, and ids are made in lower case.
    private func membershipCondition(_ leaf: Leaf, isGroup: Bool, isValue: Bool) -> SQLCondition? {
        let (own, other) = isGroup ? ("group_number", "member_number") : ("member_number", "group_number")
        switch leaf {
        case .present:
            let test = SQLFragment("EXISTS (SELECT 1 FROM membership WHERE \(own) = c.row)")
            return SQLCondition(test: test, rows: nil, isExact: true, cost: .max)
        case .comparison(.eq, .string(let id)):
            let others = SQLFragment(
                "\(other) IN (SELECT number FROM resource INDEXED BY resource_id WHERE tenant = ? AND id IN (?, ?))",
                tenantNumber, id, id.caseFolded)
            let rows =
                SQLFragment("SELECT DISTINCT m.\(own) AS row FROM membership m CROSS JOIN resource r ON r.number = m.\(own) WHERE m.")
                + others + SQLFragment(" AND r.type = ?", typeNumber)
            return SQLCondition(
                test: SQLFragment("EXISTS (SELECT 1 FROM membership WHERE \(own) = c.row AND ") + others + SQLFragment(")"),
                rows: rows, isExact: true, cost: isGroup ? 5 : 25)
        default: return nil
        }
    }
}
