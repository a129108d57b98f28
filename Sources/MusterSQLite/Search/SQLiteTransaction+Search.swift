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
            return ResourcePage(totalResults: 0, resources: [])
        }
        guard let filter = query.filter else { return try page(query, tenant, type) }
        let plan = try plan(filter, of: query, tenant, type)
        return plan.isExact ? try exactPage(query, plan) : try filteredPage(query, plan)
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

    // MARK: Pages

    /// Without a filter: the total is known, and the page is looked for from the nearer end.
    private func page(_ query: ResourceQuery, _ tenant: Int64, _ type: Int64) throws -> ResourcePage {
        let sql = "SELECT resources FROM resource_count WHERE tenant = ? AND type = ?"
        let total = try connection.first(sql, tenant, type) { Int($0.integer(0)) } ?? 0
        let length = min(query.limit, total - min(query.offset, total))
        guard length > 0 else { return ResourcePage(totalResults: total, resources: []) }
        var rows: [Int64] = []
        let isFromEnd = query.offset > total / 2
        let skipped = isFromEnd ? total - query.offset - length : query.offset
        let order = isFromEnd ? "DESC" : "ASC"
        try connection.each(
            """
            SELECT number FROM resource INDEXED BY resource_type WHERE tenant = ? AND type = ? ORDER BY number \(order) LIMIT ? OFFSET ?
            """, tenant, type, length, skipped
        ) { rows.append($0.integer(0)) }
        if isFromEnd { rows.reverse() }
        return ResourcePage(totalResults: total, resources: try resources(inRows: rows, query))
    }

    /// When SQL decides: no document outside the page is read.
    private func exactPage(_ query: ResourceQuery, _ plan: SearchPlan) throws -> ResourcePage {
        var rows: [Int64] = []
        if query.limit > 0 {
            let paged = plan.ordered + SQLFragment(" LIMIT ? OFFSET ?", query.limit, query.offset)
            try connection.each(paged.sql, values: paged.values, isKept: plan.isKept) { rows.append($0.integer(0)) }
        }
        var total = query.offset + rows.count
        // A page that is not full is the last one, unless it lies behind the end.
        if rows.count == query.limit || (rows.isEmpty && query.offset > 0) {
            let counted = plan.counted
            total = try connection.first(counted.sql, values: counted.values, isKept: plan.isKept) { Int($0.integer(0)) } ?? 0
        }
        return ResourcePage(totalResults: total, resources: try resources(inRows: rows, query))
    }

    /// When SQL only narrows: each candidate is looked at, one at a time.
    private func filteredPage(_ query: ResourceQuery, _ plan: SearchPlan) throws -> ResourcePage {
        var page = ResourcePage(totalResults: 0, resources: [])
        let ordered = plan.ordered
        try connection.each(ordered.sql, values: ordered.values, isKept: plan.isKept) { row in
            guard let candidate = try resource(inRow: row.integer(0), of: query.type, in: query.tenant),
                try query.matches(candidate, self)
            else { return }
            if page.totalResults >= query.offset, page.resources.count < query.limit { page.resources.append(candidate) }
            page.totalResults += 1
        }
        return page
    }

    private func resources(inRows rows: [Int64], _ query: ResourceQuery) throws -> [StoredResource] {
        try rows.compactMap { try resource(inRow: $0, of: query.type, in: query.tenant) }
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
