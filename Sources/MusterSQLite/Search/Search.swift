import MusterCore
import SCIM

/// One search for a page, under way.
struct Search {
    let transaction: SQLiteTransaction
    let query: ResourceQuery
    let plan: SearchPlan
    /// Whether the plan has the order that was asked for; where not, keys are computed.
    let isOrdered: Bool

    /// A resource that the search finds.
    private struct Match {
        var position: PagePosition
        /// Nil while nobody had to look at it.
        var resource: StoredResource?
    }

    /// Neighbours in the order of the search, in the direction in which they were looked for.
    private struct Run {
        var matches: [Match] = []
        /// Whether there is another one behind the last.
        var hasMore = false
        /// How many there are in all, where that became known.
        var total: Int?
    }

    /// The page.
    func page() throws -> ResourcePage {
        var page = ResourcePage(totalResults: nil, resources: [])
        if let sort = query.sort, !isOrdered {
            page = try computedPage(sort)
        } else if query.limit > 0 {
            switch query.start {
            case .offset(let offset): page = try self.page(skipping: max(0, offset))
            case .after(let position): page = try self.page(beside: position, isBackward: false)
            case .before(let position): page = try self.page(beside: position, isBackward: true)
            }
        }
        page.totalResults = query.countsTotal ? try page.totalResults ?? total() : nil
        return page
    }

    // MARK: In the order of an index

    private func page(beside position: PagePosition, isBackward: Bool) throws -> ResourcePage {
        let run = try take(query.limit, from: position, isBackward: isBackward)
        let edge = run.matches.first?.position ?? plan.order.place(!isBackward, position)
        return try page(run, isBackward: isBackward, before: try exists(from: edge, isBackward: !isBackward) ? edge : nil)
    }

    private func page(skipping offset: Int) throws -> ResourcePage {
        var run: Run
        if query.filter == nil {
            run = try unfiltered(skipping: offset)
        } else {
            run = try take(query.limit, skipping: offset, isCountingAll: query.countsTotal && !plan.isExact)
            let isLast = !run.hasMore && (offset == 0 || !run.matches.isEmpty)
            if plan.isExact, isLast { run.total = offset + run.matches.count }
        }
        return try page(run, isBackward: false, before: offset > 0 ? run.matches.first?.position : nil)
    }

    /// The total is known, and the page is looked for from the nearest place whose distance is.
    private func unfiltered(skipping offset: Int) throws -> Run {
        let (total, removals) = try transaction.resourceCount(tenant: plan.tenant, type: plan.type)
        let length = min(query.limit, total - min(offset, total))
        guard length > 0 else { return Run(total: total) }
        let key = PageEnds.Key(tenant: plan.tenant, type: plan.type)
        // What a writer sees may yet be undone.
        let isNoted = plan.order.isOfCreation && !transaction.isWriting
        let end = isNoted ? transaction.shared.pageEnds.last(key, upTo: offset, removals: removals) : nil
        let isFromEnd = total - offset - length < offset - (end?.count ?? 0)
        var run: Run
        if isFromEnd {
            run = try take(length, skipping: total - offset - length, isBackward: true)
            run.matches.reverse()
        } else {
            let position = end.map { PagePosition(key: nil, number: $0.number) }
            run = try take(length, from: position, skipping: offset - (end?.count ?? 0))
        }
        run.hasMore = offset + length < total
        run.total = total
        if isNoted, run.hasMore, let last = run.matches.last {
            let end = PageEnds.End(count: offset + run.matches.count, number: last.position.number, removals: removals)
            transaction.shared.pageEnds.remember(key, end)
        }
        return run
    }

    /// - Parameter before: The place of the first of the run, when there is anything before it.
    private func page(_ run: Run, isBackward: Bool, before: PagePosition?) throws -> ResourcePage {
        let after = run.hasMore ? run.matches.last?.position : nil
        let resources = try run.matches.compactMap { try $0.resource ?? resource($0.position.number) }
        return isBackward
            ? ResourcePage(totalResults: run.total, resources: resources.reversed(), next: before, previous: after)
            : ResourcePage(totalResults: run.total, resources: resources, next: after, previous: before)
    }

    /// As many matches as fit, from a place on.
    /// - Parameter isCountingAll: Whether the walk goes on to the end to count what comes behind.
    private func take(
        _ limit: Int, from position: PagePosition? = nil, skipping: Int = 0, isBackward: Bool = false,
        isCountingAll: Bool = false
    ) throws -> Run {
        var run = Run()
        // SQL leaves out what it can decide about.
        var (skipped, count) = (plan.isExact ? skipping : 0, 0)
        try forEachMatch(from: position, isBackward: isBackward, skipping: skipped) { match in
            count += 1
            if skipped < skipping {
                skipped += 1
            } else if run.matches.count < limit {
                run.matches.append(match)
            } else {
                run.hasMore = true
            }
            return !run.hasMore || isCountingAll
        }
        if isCountingAll { run.total = count }
        return run
    }

    private func exists(from position: PagePosition, isBackward: Bool) throws -> Bool {
        var isFound = false
        try forEachMatch(from: position, isBackward: isBackward) { _ in
            isFound = true
            return false
        }
        return isFound
    }

    /// Calls `body` with each match from a place on, in order, until it answers false.
    private func forEachMatch(
        from position: PagePosition? = nil, isBackward: Bool = false, skipping: Int = 0, _ body: (Match) throws -> Bool
    ) throws {
        let walk = plan.walk(from: position, isBackward: isBackward, skipping: skipping)
        try transaction.connection.walk(walk.sql, values: walk.values, isKept: plan.isKept) { row in
            var match = Match(position: PagePosition(key: row.optionalIndexValue(1), number: row.integer(0)))
            guard !plan.isExact else { return try body(match) }
            guard let candidate = try resource(match.position.number), try query.matches(candidate, transaction) else { return true }
            match.resource = candidate
            return try body(match)
        }
    }

    private func resource(_ number: Int64) throws -> StoredResource? {
        try transaction.resource(inRow: number, of: query.type, in: query.tenant)
    }

    // MARK: By computed keys

    /// One walk over all matches, of which only as many are remembered as come up to the end of the page.
    private func computedPage(_ sort: ResourceSort) throws -> ResourcePage {
        var (bound, isBackward, offset) = (PagePosition?.none, false, 0)
        switch query.start {
        // What is beyond any directory need not be added up.
        case .offset(let wanted): offset = min(max(0, wanted), Int.max / 4)
        case .after(let position): bound = position
        case .before(let position): (bound, isBackward) = (position, true)
        }
        let (isFalling, limit) = (sort.isDescending != isBackward, min(max(0, query.limit), Int.max / 4))
        var nearest = BoundedSelection<PagePosition>(capacity: limit > 0 ? offset + limit + 1 : 0) { left, right in
            isFalling ? right.precedes(left) : left.precedes(right)
        }
        var (total, isAnythingBefore) = (0, offset > 0)
        try forEachMatch { match in
            total += 1
            guard nearest.capacity > 0, let resource = try match.resource ?? resource(match.position.number) else { return true }
            let position = PagePosition(key: try sort.key(resource, transaction), number: match.position.number)
            if let bound, !nearest.precedes(bound, position) {
                isAnythingBefore = true
            } else {
                nearest.insert(position)
            }
            return true
        }
        var run = Run(total: total)
        let found = nearest.sorted.dropFirst(offset)
        run.matches = found.prefix(limit).map { Match(position: $0) }
        run.hasMore = found.count > run.matches.count
        let order = SearchOrder(key: .number, isDescending: sort.isDescending)
        let edge = run.matches.first?.position ?? bound.map { order.place(!isBackward, $0) }
        return try page(run, isBackward: isBackward, before: isAnythingBefore && limit > 0 ? edge : nil)
    }

    // MARK: Totals

    private func total() throws -> Int {
        if query.filter == nil { return try transaction.resourceCount(tenant: plan.tenant, type: plan.type).total }
        if plan.isExact { return try plan.knownCount ?? transaction.count(plan.rows, isKept: plan.isKept) }
        var total = 0
        try forEachMatch { _ in
            total += 1
            return true
        }
        return total
    }
}
