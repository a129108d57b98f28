import Logging
import MusterCore
import SCIM
import Synchronization

extension SCIMClient {
    /// How long the accounts of a target that cannot be searched are remembered.
    private static let memory = Duration.seconds(60)
    /// How many resources are read at most, so that a target that never ends a list cannot hold us for ever.
    private static let mostResources = 2_000_000

    /// A user or group by its id; nil where there is none.
    /// - Parameter endpoint: `Users` or `Groups`.
    /// - Throws: ``TargetError``.
    package func get(_ endpoint: String, id: String) async throws -> RemoteResource? {
        do {
            let answer = try await send("GET", "/\(endpoint)/\(id.pathSegment)").answer
            guard let document = answer.json else { return nil }
            return RemoteResource(document) ?? RemoteResource(id: id, document: document)
        } catch let error as TargetError where error.code == .notFound { return nil }
    }

    /// The resources with a value at an attribute. What comes back is looked at again, since some targets ignore filters, and
    /// answer everybody.
    /// - Throws: ``TargetError``.
    package func find(_ endpoint: String, attribute: String, value: String) async throws -> [RemoteResource] {
        guard isSearchable(endpoint, by: attribute) else { return try await search(endpoint, attribute, value) }
        let asked = "\(attribute) eq \(AttributeValue.string(value).jsonText)"
        // A comparison behind brackets is Entra ID's; the grammar has it in them (RFC 7644 §3.4.2.2).
        let filter = (try? Filter(parsing: asked))?.description ?? asked
        let answer: OutboundResponse
        do { answer = try await send("GET", "/\(endpoint)?filter=\(filter.pathSegment)").answer } catch let error as TargetError {
            switch error.code {
            case .notFound: return []
            case .unsupported, .refused:
                _ = learnt.withLock { $0.unsearchable.insert("\(endpoint) \(attribute)") }
                logger.info(
                    "a target cannot be searched by a filter", metadata: ["target.name": "\(definition.name)", "error": "\(error)"])
                return try await search(endpoint, attribute, value)
            default: throw error
            }
        }
        guard let document = answer.json else {
            throw TargetError(.invalidAnswer, "the answer to a search is no JSON", status: answer.status)
        }
        let resources = document.resources
        let found = resources.filter { $0.document.has(value, at: attribute) }
        // Who answers others than were asked for has ignored the filter.
        guard found.count == resources.count else {
            _ = learnt.withLock { $0.unsearchable.insert("\(endpoint) \(attribute)") }
            return try await search(endpoint, attribute, value)
        }
        return found
    }

    /// Finds resources by reading all of them.
    private func search(_ endpoint: String, _ attribute: String, _ value: String) async throws -> [RemoteResource] {
        let now = clock.now()
        if endpoint == "Users", let known = learnt.withLock({ $0.accounts }), known.expires > now {
            return known.list.filter { $0.document.has(value, at: attribute) }
        }
        var all: [RemoteResource] = []
        try await forEachPage(endpoint) { all += $0 }
        if endpoint == "Users" {
            let list = all
            learnt.withLock { $0.accounts = (list, now + Self.memory) }
        }
        return all.filter { $0.document.has(value, at: attribute) }
    }

    /// Remembers an account that was made or written, where accounts are remembered.
    func remember(_ account: RemoteResource) {
        learnt.withLock { learnt in
            guard learnt.accounts != nil else { return }
            learnt.accounts?.list.removeAll { $0.id == account.id }
            learnt.accounts?.list.append(account)
        }
    }

    /// All groups, in the order in which the target lists them.
    /// - Throws: ``TargetError``.
    package func groups() async throws -> [TargetGroup] {
        var groups: [TargetGroup] = []
        try await forEachPage("Groups") { page in
            groups += page.map { TargetGroup(id: $0.id, name: $0.document["displayName"]?.string ?? $0.id) }
        }
        return groups
    }

    /// Reads all resources page by page, each once; a target that repeats itself is at its end.
    private func forEachPage(_ endpoint: String, _ body: ([RemoteResource]) throws -> Void) async throws {
        var (index, seen) = (Optional(1), Set<String>())
        while let start = index, seen.count < Self.mostResources {
            let page = try await self.page(endpoint, startIndex: start)
            let new = page.resources.filter { seen.insert($0.id).inserted }
            try body(new)
            index = new.isEmpty ? nil : page.nextIndex
        }
    }

    /// One page of users or groups.
    /// - Throws: ``TargetError``.
    package func page(_ endpoint: String, startIndex: Int, filter: String? = nil) async throws -> RemotePage {
        let dialect = dialect
        var parameters = dialect.paging ? ["count=\(dialect.pageSize)", "startIndex=\(startIndex)"] : []
        if let filter { parameters.append("filter=\(filter.pathSegment)") }
        let query = parameters.isEmpty ? "" : "?" + parameters.joined(separator: "&")
        let answer: OutboundResponse
        do { answer = try await send("GET", "/\(endpoint)\(query)").answer } catch let error as TargetError where error.code == .notFound {
            // Some answer 404 where a list is empty.
            return RemotePage(resources: [], totalResults: 0, nextIndex: nil)
        } catch let error as TargetError where error.code == .refused && dialect.paging && filter == nil && startIndex == 1 {
            learn { $0.paging = false }
            return try await page(endpoint, startIndex: startIndex)
        }
        guard let document = answer.json else { throw TargetError(.invalidAnswer, "a list is no JSON", status: answer.status) }
        let (resources, total) = (document.resources, document.number("totalResults"))
        let next = startIndex + resources.count
        let hasMore = dialect.paging && !resources.isEmpty && total.map { next <= $0 } ?? true
        return RemotePage(resources: resources, totalResults: total, nextIndex: hasMore ? next : nil)
    }
}

extension AttributeValue {
    /// The resources of a list; none where it has none. Some targets answer the list alone.
    fileprivate var resources: [RemoteResource] { (self["Resources"]?.array ?? array ?? []).compactMap { RemoteResource($0) } }

    /// A number, which some targets write as a text.
    fileprivate func number(_ name: String) -> Int? {
        self[name].flatMap { $0.integer.map { Int($0) } ?? $0.string.flatMap { Int($0) } }
    }

    /// Whether a resource has a text at an attribute, in any case: any of its values counts.
    fileprivate func has(_ value: String, at path: String) -> Bool {
        texts(at: path).contains { $0.caseFolded == value.caseFolded }
    }
}
