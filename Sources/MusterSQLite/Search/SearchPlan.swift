import MusterCore
import SCIM

/// How the resources that a search may find are walked over, in an order that needs no sorting of many.
struct SearchPlan {
    let tenant: Int64
    let type: Int64
    let order: SearchOrder
    /// What SQL knows about the filter; nil where there is none, and where all have to be looked at.
    let condition: SQLCondition?
    /// Whether all that is found is a result, or a candidate that has to be looked at.
    let isExact: Bool
    /// How many resources the condition finds, where that was cheaper to count than to sort by.
    private(set) var knownCount: Int?
    private let source: SQLFragment
    private let tests: [SQLFragment]

    /// Chooses.
    /// - Parameters:
    ///   - sortable: See ``SharedState/sortable``.
    ///   - count: Counts what a SELECT finds.
    init(
        tenant: Int64, type: Int64, order: SearchOrder, filter: Filter?, condition: SQLCondition?, sortable: Int,
        count: (SQLFragment) throws -> Int
    ) throws {
        self.tenant = tenant
        self.type = type
        self.order = order
        self.condition = condition
        isExact = filter == nil || condition?.isExact == true
        let all = order.all(tenant: tenant, type: type)
        guard let condition else {
            (source, tests) = (all, [])
            return
        }
        let onKey = condition.tests[order.key] ?? []
        guard let rows = condition.rows else {
            (source, tests) = (all, onKey + [condition.test])
            return
        }
        if condition.size == 1, !onKey.isEmpty {
            (source, tests) = (all, onKey)
        } else if condition.isOrdered, order.key == .number {
            (source, tests) = (rows, [])
        } else {
            let found = try count(SQLFragment("SELECT 1 FROM (") + rows + SQLFragment(") LIMIT ?", sortable + 1))
            if found <= sortable {
                knownCount = found
                (source, tests) = (order.some(rows), [])
            } else {
                (source, tests) = (all, onKey + [condition.test])
            }
        }
    }

    /// Row numbers and keys in order; see ``SearchOrder/walk(_:_:from:isBackward:skipping:)``.
    func walk(from position: PagePosition?, isBackward: Bool, skipping: Int) -> SQLFragment {
        order.walk(source, tests, from: position, isBackward: isBackward, skipping: skipping)
    }

    /// SELECTs each row that the condition finds.
    var rows: SQLFragment {
        let all = SearchOrder.ofCreation.all(tenant: tenant, type: type)
        guard let condition else { return all }
        return condition.rows ?? SQLFragment("SELECT c.row FROM (") + all + SQLFragment(") c WHERE ") + condition.test
    }

    /// Whether the statements are of few texts, which are worth keeping.
    var isKept: Bool { (condition?.size ?? 0) <= 2 }
}
