/// A piece of SQL with the values of its parameters, in order.
struct SQLFragment {
    var sql: String
    var values: [any SQLBindable]

    init(_ sql: String, _ values: any SQLBindable...) {
        self.init(sql, values: values)
    }

    init(_ sql: String, values: [any SQLBindable]) {
        self.sql = sql
        self.values = values
    }

    /// `fragments` one behind the other.
    init(joining fragments: [SQLFragment], separator: String) {
        sql = fragments.map(\.sql).joined(separator: separator)
        values = fragments.flatMap(\.values)
    }

    static func + (left: SQLFragment, right: SQLFragment) -> SQLFragment {
        SQLFragment(left.sql + right.sql, values: left.values + right.values)
    }
}

/// A filter, or a part of one, in SQL: every resource that fulfils the filter fulfils the condition.
struct SQLCondition {
    /// Whether the resource `c.row` fulfils the condition.
    var test: SQLFragment
    /// A SELECT of one column, `row`, each once: all rows that fulfil the condition, found by an index; nil where no
    /// index finds them.
    var rows: SQLFragment?
    /// Whether a resource that fulfils the condition fulfils the filter as well.
    var isExact: Bool
    /// How many rows ``rows`` is likely to look at, in no unit.
    var cost: Int
    /// How many comparisons it consists of.
    var size = 1
    /// Whether an index gives ``rows`` in the order of their numbers.
    var isOrdered = false
    /// Conditions on `c.key` that follow from it, where that is the key of an order: they narrow a walk in this order. Of a
    /// single comparison it is the whole condition.
    var tests: [SearchOrder.Key: [SQLFragment]] = [:]
}

extension SQLCondition {
    /// Both hold. The cheapest finds the rows and the others test them.
    static func and(_ conditions: [SQLCondition]) -> SQLCondition {
        let driver = conditions.indices.filter { conditions[$0].rows != nil }.min { conditions[$0].cost < conditions[$1].cost }
        var rows: SQLFragment?
        if let driver, let found = conditions[driver].rows {
            let tests = conditions.indices.filter { $0 != driver }.map { conditions[$0].test }
            rows = SQLFragment("SELECT c.row FROM (") + found + SQLFragment(") c WHERE ") + SQLFragment(joining: tests, separator: " AND ")
        }
        return SQLCondition(
            test: parenthesized(conditions, " AND "), rows: rows, isExact: conditions.allSatisfy(\.isExact),
            cost: driver.map { conditions[$0].cost } ?? .max, size: conditions.reduce(0) { $0 + $1.size },
            isOrdered: driver.map { conditions[$0].isOrdered } ?? false,
            tests: conditions.reduce(into: [:]) { $0.merge($1.tests, uniquingKeysWith: +) })
    }

    /// At least one holds.
    static func or(_ conditions: [SQLCondition]) -> SQLCondition {
        let found = conditions.compactMap(\.rows)
        let rows = found.count == conditions.count ? SQLFragment(joining: found, separator: " UNION ") : nil
        return SQLCondition(
            test: parenthesized(conditions, " OR "), rows: rows, isExact: conditions.allSatisfy(\.isExact),
            cost: (conditions.map(\.cost).max() ?? .max) &+ 1, size: conditions.reduce(0) { $0 + $1.size })
    }

    /// The condition does not hold; nil where that cannot be told.
    var negated: SQLCondition? {
        guard isExact else { return nil }
        return SQLCondition(
            test: SQLFragment("NOT (") + test + SQLFragment(")"), rows: nil, isExact: true, cost: .max, size: size)
    }

    /// The same, as a narrowing only.
    var inexact: SQLCondition {
        var condition = self
        condition.isExact = false
        return condition
    }

    private static func parenthesized(_ conditions: [SQLCondition], _ separator: String) -> SQLFragment {
        SQLFragment("(") + SQLFragment(joining: conditions.map(\.test), separator: separator) + SQLFragment(")")
    }
}
