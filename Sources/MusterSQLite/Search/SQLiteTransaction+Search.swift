import MusterCore
import SCIM

/// A search, reduced to one SELECT of row numbers.
struct SearchPlan {
    /// SELECTs `row`, each once.
    var source: SQLFragment
    /// Whether each row that it finds is a result, or a candidate that has to be looked at.
    var isExact: Bool
    /// Whether the statement is one of few, which are worth keeping.
    var isKept: Bool

    /// The row numbers in the order of creation; a limit and an offset may follow.
    var ordered: SQLFragment { SQLFragment("SELECT s.row FROM (") + source + SQLFragment(") s ORDER BY s.row") }

    /// The number of rows.
    var counted: SQLFragment { SQLFragment("SELECT count(*) FROM (") + source + SQLFragment(")") }
}

extension SQLiteTransaction {
    func resources(_ query: ResourceQuery) throws -> ResourcePage {
        guard let (tenant, type) = try numbers(of: query.tenant, query.type) else {
            return ResourcePage(totalResults: query.countsTotal ? 0 : nil, resources: [])
        }
        let plan = try query.filter.map { try self.plan($0, of: query, tenant, type) }
        let all = SQLFragment("SELECT number AS row FROM resource WHERE tenant = ? AND type = ?", tenant, type)
        let ordered = plan?.ordered ?? all
        var found: [PagePosition] = []
        try connection.each(ordered.sql, values: ordered.values, isKept: false) { row in
            let number = row.integer(0)
            guard let candidate = try resource(inRow: number, of: query.type, in: query.tenant) else { return }
            if let plan, !plan.isExact, try !query.matches(candidate, self) { return }
            found.append(PagePosition(key: try query.sort?.key(candidate, self), number: number))
        }
        found.sort { $0.precedes($1) }
        if query.sort?.isDescending == true { found.reverse() }
        func precedes(_ left: PagePosition, _ right: PagePosition) -> Bool {
            query.sort?.isDescending == true ? right.precedes(left) : left.precedes(right)
        }
        var (start, end) = (0, 0)
        switch query.start {
        case .offset(let offset):
            start = min(offset, found.count)
            end = min(start + query.limit, found.count)
        case .after(let position):
            start = found.firstIndex(where: { precedes(position, $0) }) ?? found.count
            end = min(start + query.limit, found.count)
        case .before(let position):
            end = found.firstIndex(where: { !precedes($0, position) }) ?? found.count
            start = max(0, end - query.limit)
        }
        let rows = try found[start..<end].compactMap { try resource(inRow: $0.number, of: query.type, in: query.tenant) }
        return ResourcePage(
            totalResults: query.countsTotal ? found.count : nil, resources: rows,
            next: end < found.count && end > start ? found[end - 1] : nil, previous: start > 0 && end > start ? found[start] : nil)
    }

    /// How a filter is searched for.
    func plan(_ filter: Filter, of query: ResourceQuery, _ tenant: Int64, _ type: Int64) throws -> SearchPlan {
        var translation = FilterTranslation(
            type: query.type, tenantNumber: tenant, typeNumber: type, attributes: query.index.attributes[query.type] ?? [],
            attributeNumber: { try self.number(ofAttribute: $0, tenant: tenant, type: type) })
        let all = SQLFragment("SELECT number AS row FROM resource WHERE tenant = ? AND type = ?", tenant, type)
        guard let condition = try translation.condition(filter) else {
            return SearchPlan(source: all, isExact: false, isKept: true)
        }
        let source = condition.rows ?? SQLFragment("SELECT c.row FROM (") + all + SQLFragment(") c WHERE ") + condition.test
        return SearchPlan(source: source, isExact: condition.isExact, isKept: condition.size <= 2)
    }

    // MARK: For tests

    /// What SQLite's planner says about a search, one line for each step.
    func explain(_ query: ResourceQuery) throws -> (steps: [String], isExact: Bool) {
        guard let filter = query.filter, let (tenant, type) = try numbers(of: query.tenant, query.type) else { return ([], true) }
        let plan = try plan(filter, of: query, tenant, type)
        var steps: [String] = []
        let explained = SQLFragment("EXPLAIN QUERY PLAN ") + plan.ordered
        try connection.each(explained.sql, values: explained.values, isKept: false) { steps.append($0.text(3)) }
        return (steps, plan.isExact)
    }
}
