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
    /// The resource type with its schemas, which give names in filters their meaning.
    let resourceType: ResourceType?
    /// The number of an indexed attribute, or nil when no resource has a value there.
    let attributeNumber: (String) throws -> Int64?
    /// SQLite's parser and planner are spared more than this.
    private var comparisonsLeft = 64

    init(
        type: String, tenantNumber: Int64, typeNumber: Int64, index: AttributeIndex,
        attributeNumber: @escaping (String) throws -> Int64?
    ) {
        self.type = type
        self.tenantNumber = tenantNumber
        self.typeNumber = typeNumber
        attributes = index.attributes[type] ?? []
        resourceType = index.registry.resourceType(named: type)
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
            let one = Leaf.comparison(comparison, literal)
            return one.isOfOneValue ? try within(part).flatMap { try leaf($0, one) } : nil
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
            guard leaf.isOfOneValue else { return nil }
            let whole = AttributePath(schema: path.schema, attribute: path.attribute, subAttribute: path.subAttribute)
            return try self.leaf(whole, leaf)?.inexact
        }
        if let indexed = indexed(path, leaf) { return try indexCondition(indexed, leaf) }
        guard isBase(path), let name = path.attribute else { return nil }
        switch (name.lowercased(), path.subAttribute?.lowercased()) {
        case ("id", nil): return idCondition(leaf)
        case ("meta", "created"?): return timeCondition(.created, leaf)
        case ("meta", "lastmodified"?): return timeCondition(.modified, leaf)
        case ("meta", "resourcetype"?): return typeCondition(leaf)
        case ("members", nil), ("members", "value"?):
            guard type == ResourceType.group.name else { return nil }
            return membershipCondition(leaf, isGroup: true)
        case ("groups", nil), ("groups", "value"?):
            guard type == ResourceType.user.name else { return nil }
            return membershipCondition(leaf, isGroup: false)
        default: return nil
        }
    }

    /// Whether a path leads into the base schema of the type.
    private func isBase(_ path: AttributePath) -> Bool {
        path.schema == nil || leads(path, to: resourceType?.schema)
    }

    /// Whether the URN in front of a path means `schema`, old spellings included.
    private func leads(_ path: AttributePath, to schema: String?) -> Bool {
        guard let schema, let urn = path.schema else { return false }
        if urn.isSameName(as: schema) { return true }
        guard let resourceType else { return false }
        return ResourceQuirks.schema(urn, in: resourceType).isSameName(as: schema)
    }

    /// The indexed attribute that a path leads to. A multi-valued attribute named alone means its `value`, but
    /// `emails pr` is true of an element without one.
    private func indexed(_ path: AttributePath, _ leaf: Leaf) -> AttributeIndex.Attribute? {
        guard let name = path.attribute else { return nil }
        return attributes.first { attribute in
            guard attribute.attribute.isSameName(as: name) else { return false }
            if let schema = attribute.schema {
                guard leads(path, to: schema) else { return false }
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

/// What is asked of one value.
private struct Match {
    /// The condition on a column.
    let on: (_ column: String) -> SQLFragment
    let cost: Int
    var isEquality = false
}

extension FilterTranslation {
    private func indexCondition(_ attribute: AttributeIndex.Attribute, _ leaf: Leaf) throws -> SQLCondition? {
        switch leaf {
        // An empty text counts as no value (RFC 7644 §3.4.2.2, `pr`), but not as null.
        case .present: return try entries(attribute, Match(on: { SQLFragment("\($0) <> '' AND \($0) < x''") }, cost: 70))
        case .comparison(.ne, .null): return try entries(attribute, Match(on: { SQLFragment("\($0) < x''") }, cost: 71))
        case .comparison(.eq, .null): return try indexCondition(attribute, .comparison(.ne, .null))?.negated
        case .comparison(.ne, let literal): return try indexCondition(attribute, .comparison(.eq, literal))?.negated
        case .comparison(let comparison, let literal):
            return try match(attribute, comparison, literal).map { try entries(attribute, $0) }
        }
    }

    /// Resources with an entry that matches.
    private func entries(_ attribute: AttributeIndex.Attribute, _ match: Match) throws -> SQLCondition {
        // Number 0 is nobody's: no resource has a value there.
        let number = try attributeNumber(attribute.name) ?? 0
        let condition = SQLFragment("attribute = ? AND ", number) + match.on("value")
        // An attribute with one value at most finds nobody twice.
        let select = match.isEquality || attribute.isSingleValued ? "SELECT" : "SELECT DISTINCT"
        return SQLCondition(
            test: SQLFragment("EXISTS (SELECT 1 FROM attribute_value WHERE resource = c.row AND ") + condition + SQLFragment(")"),
            rows: SQLFragment("\(select) resource AS row FROM attribute_value INDEXED BY attribute_value_lookup WHERE ") + condition,
            isExact: true, cost: attribute.isUnique && match.isEquality ? 1 : match.cost, isOrdered: match.isEquality,
            tests: attribute.isSingleValued ? [.attribute(number): [match.on("c.key")]] : [:])
    }

    private func match(
        _ attribute: AttributeIndex.Attribute, _ comparison: Filter.Operator, _ literal: AttributeValue
    ) -> Match? {
        var literal = literal
        // Entra ID writes booleans as strings.
        if attribute.comparison == .boolean, let flag = ["true": true, "false": false][literal.string?.lowercased() ?? ""] {
            literal = .boolean(flag)
        }
        guard let value = attribute.indexValue(literal) else { return nil }
        switch (comparison, value) {
        case (.eq, _):
            let cost = attribute.comparison == .boolean ? 60 : 10
            return Match(on: { SQLFragment("\($0) = ?", value) }, cost: cost, isEquality: true)
        case (.co, .text(let text)), (.sw, .text(let text)), (.ew, .text(let text)):
            return Self.match(comparison, text)
        default:
            guard attribute.comparison != .boolean, let sign = comparison.sign else { return nil }
            return Match(on: { SQLFragment("\($0) \(sign) ? AND \($0) < x''", value) }, cost: 40)
        }
    }

    /// `co`, `sw` or `ew`. None is true of the empty blob, which stands for no value.
    private static func match(_ comparison: Filter.Operator, _ text: String) -> Match? {
        let bytes = Array(text.utf8)
        switch comparison {
        case .co: return Match(on: { SQLFragment("instr(\($0), ?) > 0 AND \($0) < x''", text) }, cost: 50)
        case .sw:
            // No UTF-8 text has the byte FF, so that it stands behind all that begin so.
            let end = RawText(bytes: bytes + [0xFF])
            return Match(on: { SQLFragment("\($0) >= ? AND \($0) < ?", text, end) }, cost: 30 - min(bytes.count, 15))
        case .ew where bytes.isEmpty: return Match(on: { SQLFragment("\($0) < x''") }, cost: 71)
        case .ew:
            // Bytes, since SQLite's length of a text ends at a NUL.
            return Match(on: { SQLFragment("substr(CAST(\($0) AS BLOB), ?) = ?", -bytes.count, bytes) }, cost: 51)
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
        case .comparison(.eq, .string(let id)):
            return column(.id, Match(on: { SQLFragment("\($0) = ?", id.composed) }, cost: 0, isEquality: true), index: "resource_id")
        case .comparison(.ne, .string(let id)): return idCondition(.comparison(.eq, .string(id)))?.negated
        case .comparison(let comparison, .string(let text)):
            return Self.match(comparison, text.composed).map { column(.id, $0) }
        default: return nil
        }
    }

    private func timeCondition(_ name: SearchOrder.Column, _ leaf: Leaf) -> SQLCondition? {
        guard case .comparison(let comparison, .string(let text)) = leaf else { return leaf.isPresent ? constant(true) : nil }
        if comparison == .ne { return timeCondition(name, .comparison(.eq, .string(text)))?.negated }
        guard let sign = comparison.sign, let time = Timestamp(dateTime: text) else { return nil }
        return column(name, Match(on: { SQLFragment("\($0) \(sign) ?", time) }, cost: 35, isEquality: comparison == .eq))
    }

    /// A condition on a column of `resource`.
    private func column(_ column: SearchOrder.Column, _ match: Match, index: String? = nil) -> SQLCondition {
        let name = column.rawValue
        let rows = SQLFragment(
            "SELECT number AS row FROM resource INDEXED BY \(index ?? column.index) WHERE tenant = ? AND type = ? AND ",
            tenantNumber, typeNumber)
        return SQLCondition(
            test: SQLFragment("EXISTS (SELECT 1 FROM resource WHERE number = c.row AND ") + match.on(name) + SQLFragment(")"),
            rows: rows + match.on(name), isExact: true, cost: match.cost, isOrdered: match.isEquality,
            tests: [.column(column): [match.on("c.key")]])
    }

    private func typeCondition(_ leaf: Leaf) -> SQLCondition? {
        switch leaf {
        case .present: constant(true)
        case .comparison(.eq, .string(let name)): constant(name == type)
        case .comparison(.ne, .string(let name)): constant(name != type)
        default: nil
        }
    }

    private func constant(_ holds: Bool) -> SQLCondition {
        SQLCondition(
            test: SQLFragment(holds ? "1" : "0"), rows: holds ? nil : SQLFragment("SELECT 0 AS row WHERE 0"), isExact: true,
            cost: holds ? .max : 0)
    }
}

extension FilterTranslation.Leaf {
    fileprivate var isPresent: Bool { if case .present = self { true } else { false } }

    /// Whether one value alone fulfils it; `ne` and null are about all the values.
    fileprivate var isOfOneValue: Bool {
        switch self {
        case .present: true
        case .comparison(.ne, _), .comparison(_, .null): false
        case .comparison: true
        }
    }
}

// MARK: - Membership

extension FilterTranslation {
    /// `members` of a group or `groups` of a user, by rows. Ids compare without case, and are made in lower case.
    ///
    /// The groups of a user are those that it is in through other groups too; who is in any is in one directly.
    private func membershipCondition(_ leaf: Leaf, isGroup: Bool) -> SQLCondition? {
        let (own, other) = isGroup ? ("group_number", "member_number") : ("member_number", "group_number")
        switch leaf {
        case .present:
            let test = SQLFragment("EXISTS (SELECT 1 FROM membership WHERE \(own) = c.row)")
            return SQLCondition(test: test, rows: nil, isExact: true, cost: .max)
        case .comparison(.eq, .string(let id)):
            let others = SQLFragment("\(other) IN (") + (isGroup ? resources(id) : groupsWithin(id)) + SQLFragment(")")
            let rows =
                SQLFragment("SELECT DISTINCT m.\(own) AS row FROM membership m CROSS JOIN resource r ON r.number = m.\(own) WHERE m.")
                + others + SQLFragment(" AND r.type = ?", typeNumber)
            return SQLCondition(
                test: SQLFragment("EXISTS (SELECT 1 FROM membership WHERE \(own) = c.row AND ") + others + SQLFragment(")"),
                rows: rows, isExact: true, cost: isGroup ? 5 : 25)
        case .comparison(.ne, .string(let id)):
            return membershipCondition(.comparison(.eq, .string(id)), isGroup: isGroup)?.negated
        default: return nil
        }
    }

    private func resources(_ id: String) -> SQLFragment {
        SQLFragment(
            "SELECT number FROM resource INDEXED BY resource_id WHERE tenant = ? AND id IN (?, ?)", tenantNumber, id, id.caseFolded)
    }

    /// The group and all groups within it, however deep.
    private func groupsWithin(_ id: String) -> SQLFragment {
        SQLFragment("WITH RECURSIVE within (number) AS (") + resources(id)
            + SQLFragment(
                """
                 UNION SELECT n.member_number FROM within w
                CROSS JOIN membership n INDEXED BY membership_nested ON n.group_number = w.number AND n.is_nested = 1)
                SELECT number FROM within
                """)
    }
}
