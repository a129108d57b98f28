import MusterCore
import SCIM

extension SQLiteTransaction {
    func resources(_ query: ResourceQuery) throws -> ResourcePage {
        guard let search = try search(query) else {
            return ResourcePage(totalResults: query.countsTotal ? 0 : nil, resources: [])
        }
        return try search.page()
    }

    /// The search for a page; nil when the tenant has nothing of the type.
    private func search(_ query: ResourceQuery) throws -> Search? {
        guard let (tenant, type) = try numbers(of: query.tenant, query.type) else { return nil }
        let order = try order(of: query, tenant, type)
        let condition = try query.filter.flatMap { filter in
            var translation = FilterTranslation(
                type: query.type, tenantNumber: tenant, typeNumber: type, index: query.index,
                attributeNumber: { try self.number(ofAttribute: $0, tenant: tenant, type: type) })
            return try translation.condition(filter)
        }
        // Computed keys come in any order, hence that of the rows on the disk.
        let plan = try SearchPlan(
            tenant: tenant, type: type, order: order ?? .ofCreation, filter: query.filter,
            condition: condition, sortable: shared.sortable, count: { try self.count($0, isKept: (condition?.size ?? 0) <= 2) })
        return Search(transaction: self, query: query, plan: plan, isOrdered: order != nil)
    }

    /// The order of a search; nil where its keys have to be computed.
    private func order(of query: ResourceQuery, _ tenant: Int64, _ type: Int64) throws -> SearchOrder? {
        guard let sort = query.sort else { return .ofCreation }
        guard let name = sort.attribute else { return nil }
        let key: SearchOrder.Key
        switch name.lowercased() {
        case "id": key = .column(.id)
        case "meta.created": key = .column(.created)
        case "meta.lastmodified": key = .column(.modified)
        default:
            let attribute = query.index.attributes[query.type]?.first { $0.isSingleValued && $0.name.isSameName(as: name) }
            guard let attribute else { return nil }
            // Where nothing was indexed yet, there is nothing to sort.
            key = try number(ofAttribute: attribute.name, tenant: tenant, type: type).map { .attribute($0) } ?? .number
        }
        return SearchOrder(key: key, isDescending: sort.isDescending)
    }

    /// How many resources of a type there are, and how many have been removed.
    func resourceCount(tenant: Int64, type: Int64) throws -> (total: Int, removals: Int64) {
        let sql = "SELECT resources, removals FROM resource_count WHERE tenant = ? AND type = ?"
        return try connection.first(sql, tenant, type) { (Int($0.integer(0)), $0.integer(1)) } ?? (0, 0)
    }

    /// How many rows a SELECT finds.
    func count(_ rows: SQLFragment, isKept: Bool) throws -> Int {
        let counted = SQLFragment("SELECT count(*) FROM (") + rows + SQLFragment(")")
        return try connection.first(counted.sql, values: counted.values, isKept: isKept) { Int($0.integer(0)) } ?? 0
    }

    // MARK: For tests

    /// What SQLite's planner says about the walk of a search, one line for each step.
    func explain(_ query: ResourceQuery) throws -> (steps: [String], isExact: Bool) {
        guard let plan = try search(query)?.plan else { return ([], true) }
        let walk =
            switch query.start {
            case .offset(let offset): plan.walk(from: nil, isBackward: false, skipping: offset)
            case .after(let position): plan.walk(from: position, isBackward: false, skipping: 0)
            case .before(let position): plan.walk(from: position, isBackward: true, skipping: 0)
            }
        var steps: [String] = []
        try connection.each("EXPLAIN QUERY PLAN " + walk.sql, values: walk.values, isKept: false) { steps.append($0.text(3)) }
        return (steps, plan.isExact)
    }
}
