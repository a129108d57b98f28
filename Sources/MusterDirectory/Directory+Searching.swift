package import MusterCore
package import SCIM

extension Directory {
    /// One page of a search as a ListResponse (RFC 7644 §3.4.2, RFC 9865).
    /// - Parameter types: The resource types that are searched, in the order in which an unsorted answer has them: one, or
    ///   all for a search at the root.
    /// - Returns: The message, and the quirks that the filter needed.
    /// - Throws: `SCIMError`: invalidFilter, also for a filter that the dialect does not understand; invalidValue for a
    ///   sortBy that leads nowhere; those of cursors.
    package func search(
        _ types: [ResourceType], _ request: SearchRequest, in tenant: Tenant, baseURL: String, dialect: ClientDialect? = nil,
        origin: RequestOrigin? = nil
    ) async throws -> (message: [UInt8], quirks: Set<Quirk>) {
        let dialect = dialect ?? settings.dialect
        // What only one of several types has is no quirk.
        var quirks = request.quirks
        if types.count == 1, let filter = request.filter { quirks.formUnion(filter.quirks(of: types[0], in: registry)) }
        if let strange = quirks.subtracting(dialect.quirks).map(\.name).min() {
            throw SCIMError.invalidFilter("the filter does not follow RFC 7644 §3.4.2.2 (\(strange)), which is all that is understood here")
        }
        let options = AnswerOptions(selection: request.selection, baseURL: baseURL, origin: origin)
        return (try await page(types, request, in: tenant, options), quirks)
    }

    private func page(
        _ types: [ResourceType], _ request: SearchRequest, in tenant: Tenant, _ options: AnswerOptions
    ) async throws -> [UInt8] {
        let scope = try SearchScope(directory: self, types: types, request: request, tenant: tenant)
        let page = try await store.read(scope.isPointLookup ? .point : .scan) { transaction in
            if request.cursor != nil { return try scope.cursorPage(in: transaction, options) }
            if types.count > 1, request.sortBy != nil { return try scope.mergedPage(in: transaction, options) }
            return try scope.indexPage(in: transaction, options)
        }
        return ListResponse.jsonBytes(
            totalResults: page.totalResults, startIndex: page.startIndex, nextCursor: page.nextCursor,
            previousCursor: page.previousCursor, resources: try await documents(page.entries, options))
    }

    /// The resources of a page as the client gets them; those that hooks shape are shaped type by type.
    private func documents(_ entries: [SearchPage.Entry], _ options: AnswerOptions) async throws -> [[UInt8]] {
        var documents: [[UInt8]] = []
        documents.reserveCapacity(entries.count)
        var drafts: [(type: ResourceType, places: [Int], drafts: [AnswerDraft])] = []
        for entry in entries {
            switch entry {
            case .document(let bytes): documents.append(bytes)
            case .draft(let draft, let type):
                let index = drafts.firstIndex { $0.type.name == type.name } ?? drafts.endIndex
                if index == drafts.endIndex { drafts.append((type, [], [])) }
                drafts[index].places.append(documents.count)
                drafts[index].drafts.append(draft)
                documents.append([])
            }
        }
        for (type, places, drafts) in drafts {
            for (place, document) in zip(places, try await self.documents(drafts, of: type, options)) { documents[place] = document }
        }
        return documents
    }

    /// Decides about one row by parsing it; adds membership rows only when the filter names them.
    func predicate(_ filter: Filter, of type: ResourceType) -> ResourceQuery.Predicate {
        let rowsName = type.name == ResourceType.group.name ? "members" : "groups"
        let needsRows = filter.mentions(rowsName)
        let rendering = ResourceRendering(registry: registry, baseURL: "")
        let evaluator = FilterEvaluator(filter, for: type, in: registry)
        return { stored, transaction in
            let rows = needsRows ? try self.rows(of: stored.key, in: transaction) : .none
            return try evaluator.matches(rendering.resource(stored, rows: rows))
        }
    }
}

/// One page of a search, before hooks have shaped it.
private struct SearchPage: Sendable {
    /// A resource of the page.
    enum Entry: Sendable {
        case document([UInt8])
        case draft(AnswerDraft, ResourceType)
    }

    var totalResults: Int?
    var startIndex: Int?
    var nextCursor: String?
    var previousCursor: String?
    var entries: [Entry]
}

/// A search that was found to make sense.
private struct SearchScope: Sendable {
    /// How far into a sorted search over several types a page may lie: all before it is held in memory.
    private static let maximumMerged = 10_000

    let directory: Directory
    let types: [ResourceType]
    let request: SearchRequest
    let tenant: Tenant
    /// How many resources the page holds at most.
    let count: Int
    /// The orders by the names of types; those that lack the attribute are not in it.
    let orders: [String: SortOrder]

    init(directory: Directory, types: [ResourceType], request: SearchRequest, tenant: Tenant) throws(SCIMError) {
        let registry = directory.registry
        if let filter = request.filter {
            // A search over several types may name what only one of them has (RFC 7644 §3.4.2.1).
            var refusal: SCIMError?
            var isUnderstood = false
            for type in types {
                do {
                    try filter.validate(for: type, in: registry)
                    isUnderstood = true
                } catch { refusal = error }
            }
            if !isUnderstood, let refusal { throw refusal }
        }
        var orders: [String: SortOrder] = [:]
        if request.sortBy != nil {
            var refusal: SCIMError?
            for type in types {
                do {
                    orders[type.name] = try request.sortAttribute(of: type, in: registry).flatMap { SortOrder($0) }
                } catch { refusal = error }
            }
            if orders.isEmpty { throw refusal ?? .invalidValue("sortBy: there is nothing to be sorted by it") }
        }
        self.directory = directory
        self.types = types
        self.request = request
        self.tenant = tenant
        self.orders = orders
        count = min(max(0, request.count ?? directory.settings.defaultCount), directory.settings.maximumCount)
    }

    /// Whether the answer is found by one look into an index.
    var isPointLookup: Bool {
        guard types.count == 1, request.sortBy == nil, case .comparison(let path, .eq, _)? = request.filter else { return false }
        return ["id", "userName", "externalId"].contains { path.attribute?.isSameName(as: $0) == true }
    }

    private func query(_ type: ResourceType, start: PageStart, limit: Int, countsTotal: Bool = true) -> ResourceQuery {
        var query = ResourceQuery(
            tenant: tenant, type: type.name, filter: request.filter, index: directory.index, start: start, limit: limit,
            countsTotal: countsTotal)
        if let filter = request.filter { query.matches = directory.predicate(filter, of: type) }
        let rendering = ResourceRendering(registry: directory.registry, baseURL: "")
        query.sort = orders[type.name]?.sort(
            isDescending: request.isDescending, index: directory.index, type: type, rendering: rendering)
        return query
    }

    private func entries(
        _ resources: [StoredResource], of type: ResourceType, in transaction: any ReadTransaction, _ options: AnswerOptions
    ) throws -> [SearchPage.Entry] {
        let isShaped = directory.isShaped(type, options)
        return try resources.map { stored in
            let rows = try directory.rows(of: stored, type, options.selection, in: transaction)
            if isShaped { return .draft(AnswerDraft(stored: stored, rows: rows), type) }
            return .document(try directory.document(stored, of: type, rows: rows, options))
        }
    }

    // MARK: By index (RFC 7644 §3.4.2.4)

    /// The types one behind the other, each in its own order.
    func indexPage(in transaction: any ReadTransaction, _ options: AnswerOptions) throws -> SearchPage {
        let startIndex = max(1, request.startIndex)
        var (total, entries): (Int, [SearchPage.Entry]) = (0, [])
        for type in types {
            let offset = max(0, startIndex - 1 - total)
            let page = try transaction.resources(query(type, start: .offset(offset), limit: count - entries.count))
            entries += try self.entries(page.resources, of: type, in: transaction, options)
            total += page.totalResults ?? page.resources.count
        }
        return SearchPage(totalResults: total, startIndex: startIndex, entries: entries)
    }

    /// Several types in one order.
    func mergedPage(in transaction: any ReadTransaction, _ options: AnswerOptions) throws -> SearchPage {
        let startIndex = max(1, request.startIndex)
        guard startIndex - 1 <= Self.maximumMerged - count else {
            throw SCIMError.tooMany("a sorted search over all types ends after \(Self.maximumMerged) results; search one type")
        }
        let rendering = ResourceRendering(registry: directory.registry, baseURL: "")
        var (total, found): (Int, [(key: IndexValue?, type: ResourceType, stored: StoredResource)]) = (0, [])
        for type in types {
            let page = try transaction.resources(query(type, start: .offset(0), limit: startIndex - 1 + count))
            total += page.totalResults ?? page.resources.count
            let order = orders[type.name]
            for stored in page.resources {
                found.append((try order?.key(of: rendering.resource(stored, rows: .none)), type, stored))
            }
        }
        // The sort is stable: within a type the store's own order stays.
        let isDescending = request.isDescending
        found.sort { left, right in
            switch (left.key, right.key) {
            case (let left?, let right?): isDescending ? right.precedes(left) : left.precedes(right)
            case (.some, nil): !isDescending
            case (nil, .some): isDescending
            case (nil, nil): false
            }
        }
        var entries: [SearchPage.Entry] = []
        for (_, type, stored) in found.dropFirst(startIndex - 1).prefix(count) {
            entries += try self.entries([stored], of: type, in: transaction, options)
        }
        return SearchPage(totalResults: total, startIndex: startIndex, entries: entries)
    }

    // MARK: By cursor (RFC 9865)

    private var fingerprint: String {
        SearchCursor.fingerprint(of: [
            tenant.name, types.map(\.name).joined(separator: " "), request.filter?.description ?? "",
            request.sortBy?.description ?? "", request.isDescending ? "descending" : "",
        ])
    }

    func cursorPage(in transaction: any ReadTransaction, _ options: AnswerOptions) throws -> SearchPage {
        guard types.count == 1 || request.sortBy == nil else {
            throw SCIMError.invalidValue("a search over all types can be sorted, or paged by cursor, not both")
        }
        let (now, search) = (directory.clock.now(), fingerprint)
        guard let text = request.cursor, !text.isEmpty else {
            let total = try types.reduce(0) { total, type in
                try total + (transaction.resources(query(type, start: .offset(0), limit: 0)).totalResults ?? 0)
            }
            let first = SearchCursor(
                direction: .next, type: types.first?.name ?? "", position: PagePosition(key: nil, number: 0), totalResults: total,
                issued: now, search: search)
            return try page(from: first, isFirst: true, in: transaction, options)
        }
        let lifetime = directory.settings.cursorLifetime
        let cursor = try SearchCursor(text: text, search: search, now: now, lifetime: lifetime)
        return try page(from: cursor, isFirst: false, in: transaction, options)
    }

    private func page(
        from cursor: SearchCursor, isFirst: Bool, in transaction: any ReadTransaction, _ options: AnswerOptions
    ) throws -> SearchPage {
        guard let begin = types.firstIndex(where: { $0.name == cursor.type }) else {
            throw SCIMError.invalidCursor("the cursor leads to a resource type that is not searched")
        }
        func text(_ direction: SearchCursor.Direction, _ type: ResourceType, _ position: PagePosition) -> String {
            var next = cursor
            next.direction = direction
            next.type = type.name
            next.position = position
            return next.text
        }
        var (entries, next, previous): ([SearchPage.Entry], String?, String?) = ([], nil, nil)
        for type in types[begin...] {
            let isBegin = type.name == cursor.type
            let start: PageStart =
                switch (isBegin && !isFirst, cursor.direction) {
                case (true, .next): .after(cursor.position)
                case (true, .previous): .before(cursor.position)
                case (false, _): .offset(0)
                }
            let page = try transaction.resources(query(type, start: start, limit: count - entries.count, countsTotal: false))
            entries += try self.entries(page.resources, of: type, in: transaction, options)
            if types.count == 1 { previous = page.previous.map { text(.previous, type, $0) } }
            next = page.next.map { text(.next, type, $0) }
            if next != nil || entries.count >= count {
                // The next type begins right behind nothing: numbers grow from 1.
                if next == nil, let following = types.drop(while: { $0.name != type.name }).dropFirst().first {
                    next = text(.next, following, PagePosition(key: nil, number: 0))
                }
                break
            }
        }
        return SearchPage(totalResults: cursor.totalResults, nextCursor: next, previousCursor: previous, entries: entries)
    }
}

extension Filter {
    /// Whether the top-level attribute `name` occurs anywhere.
    func mentions(_ name: String) -> Bool {
        switch self {
        case .comparison(let path, _, _), .present(let path), .valuePath(let path, _):
            path.attribute?.isSameName(as: name) == true
        case .and(let filters), .or(let filters): filters.contains { $0.mentions(name) }
        case .not(let filter): filter.mentions(name)
        }
    }
}
