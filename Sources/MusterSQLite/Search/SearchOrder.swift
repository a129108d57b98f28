import MusterCore

/// An order in which an index has the resources of a type.
struct SearchOrder {
    /// What the index is sorted by, before the number of the resource.
    enum Key: Hashable {
        /// Nothing: the order of creation.
        case number
        /// An indexed attribute, by its number.
        case attribute(Int64)
        /// A column of `resource`.
        case column(Column)
    }

    /// The columns of `resource` that have an index.
    enum Column: String {
        case id, created, modified

        /// Begins with the tenant and the type.
        var index: String {
            switch self {
            case .id: "resource_type_id"
            case .created: "resource_created"
            case .modified: "resource_modified"
            }
        }
    }

    let key: Key
    let isDescending: Bool

    /// The order that there is when none is asked for.
    static let ofCreation = SearchOrder(key: .number, isDescending: false)

    /// Whether it is the order that there is when none is asked for.
    var isOfCreation: Bool { key == .number && !isDescending }

    /// SELECTs the `row` and, unless the order is that of creation, the `key` of all resources of a type, from an index
    /// that has them in this order.
    func all(tenant: Int64, type: Int64) -> SQLFragment {
        switch key {
        case .number:
            SQLFragment("SELECT number AS row FROM resource INDEXED BY resource_type WHERE tenant = ? AND type = ?", tenant, type)
        case .attribute(let attribute):
            SQLFragment(
                "SELECT resource AS row, value AS key FROM attribute_value INDEXED BY attribute_value_lookup WHERE attribute = ?",
                attribute)
        case .column(let column):
            SQLFragment(
                """
                SELECT number AS row, \(column.rawValue) AS key FROM resource INDEXED BY \(column.index) WHERE tenant = ? AND type = ?
                """, tenant, type)
        }
    }

    /// SELECTs the same for the resources that `rows` finds, in no order.
    func some(_ rows: SQLFragment) -> SQLFragment {
        switch key {
        case .number: rows
        case .attribute(let attribute):
            SQLFragment("SELECT s.row AS row, a.value AS key FROM (") + rows
                + SQLFragment(") s CROSS JOIN attribute_value a ON a.resource = s.row AND a.attribute = ?", attribute)
        case .column(let column):
            SQLFragment("SELECT s.row AS row, r.\(column.rawValue) AS key FROM (") + rows
                + SQLFragment(") s CROSS JOIN resource r ON r.number = s.row")
        }
    }

    /// The rows of `source` that fulfil all `tests`, each with its key, in this order or backward.
    /// - Parameters:
    ///   - source: What ``all(tenant:type:)`` or ``some(_:)`` gives.
    ///   - tests: Conditions on `c.row` and `c.key`.
    ///   - position: Behind which place they begin.
    ///   - skipping: How many are left out.
    func walk(_ source: SQLFragment, _ tests: [SQLFragment], from position: PagePosition?, isBackward: Bool, skipping: Int) -> SQLFragment {
        let isFalling = isDescending != isBackward
        let (sign, direction) = isFalling ? ("<", "DESC") : (">", "ASC")
        let (columns, order) =
            key == .number ? ("c.row, NULL", "c.row \(direction)") : ("c.row, c.key", "c.key \(direction), c.row \(direction)")
        var conditions = tests
        if let position {
            let bound =
                key == .number
                ? SQLFragment("c.row \(sign) ?", position.number)
                : SQLFragment("(c.key, c.row) \(sign) (?, ?)", SQLValue(position.key), position.number)
            conditions.insert(bound, at: 0)
        }
        var walk = SQLFragment("SELECT \(columns) FROM (") + source + SQLFragment(") c")
        if !conditions.isEmpty { walk = walk + SQLFragment(" WHERE ") + SQLFragment(joining: conditions, separator: " AND ") }
        walk = walk + SQLFragment(" ORDER BY \(order)")
        return skipping > 0 ? walk + SQLFragment(" LIMIT -1 OFFSET ?", skipping) : walk
    }

    /// The place right behind another in this order, or right before it.
    func place(_ isBehind: Bool, _ position: PagePosition) -> PagePosition {
        PagePosition(key: position.key, number: isBehind != isDescending ? position.number &+ 1 : position.number &- 1)
    }
}
