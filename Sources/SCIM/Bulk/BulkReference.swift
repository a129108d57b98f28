/// A place in a POST operation's data that names a resource by its `bulkId` and can be left out at first, so that resources
/// that refer to each other can be created one after the other (RFC 7644 §3.7.1).
///
/// What is left out is a whole value: a member of `members`, or `manager`, not only the id in it.
public struct BulkReference: Sendable, Hashable {
    /// The name to which it refers, without `bulkId:`.
    public var bulkId: String
    /// The attribute's path for a PATCH: `members`, or with the extension's URN in front.
    public var attribute: String
    /// The key of the extension in the data, or nil.
    var container: String?
    /// The attribute's key in the data.
    var key: String
    /// The place among the attribute's values; nil when it is no array.
    var element: Int?
}

/// Texts that refer to a resource by its `bulkId`.
enum BulkReferenceText {
    static let prefix = "bulkId:"

    /// The name to which a whole text refers: `bulkId:qwerty`, or a URL that ends so, `…/Users/bulkId:qwerty`.
    static func bulkId(_ text: String) -> String? {
        // Most texts are no reference; this tells most of them without a search.
        guard text.utf8.contains(UInt8(ascii: ":")) else { return nil }
        if text.hasPrefix(prefix) { return text.utf8.count > prefix.utf8.count ? String(text.dropFirst(prefix.count)) : nil }
        let last = text.utf8.lastIndex(of: UInt8(ascii: "/")).map { text[text.utf8.index(after: $0)...] } ?? text[...]
        guard last.hasPrefix(prefix), last.utf8.count > prefix.utf8.count else { return nil }
        return String(last.dropFirst(prefix.count))
    }

    /// The text with its reference replaced.
    static func replacing(_ text: String, bulkId: String, by id: String) -> String {
        String(text.dropLast(bulkId.count + prefix.count)) + id
    }

    /// The names in the filters of a PATCH path: `members[value eq "bulkId:qwerty"]`, with where the quoted texts stand.
    static func quoted(in path: String) -> [(bulkId: String, range: Range<String.Index>)] {
        var (found, rest) = ([(bulkId: String, range: Range<String.Index>)](), path[...])
        while let start = rest.firstIndex(of: "\"") {
            let inner = rest[rest.index(after: start)...]
            guard let end = inner.firstIndex(where: { $0 == "\"" || $0 == "\\" }) else { break }
            if inner[end] == "\"", inner[..<end].hasPrefix(prefix) {
                found.append((String(inner[..<end].dropFirst(prefix.count)), start..<inner.index(after: end)))
            }
            // After an escape, what is quoted and what is not cannot be told without reading the filter; ids have none.
            rest = inner[end] == "\\" ? "" : inner[inner.index(after: end)...]
        }
        return found
    }
}

extension AttributeValue {
    /// Calls `found` with each name that a text in here refers to.
    /// - Parameter isPatch: Whether this is a PATCH message, where members called `path` hold filters.
    func forEachBulkId(isPatch: Bool, _ found: (String) -> Void) {
        switch self {
        case .string(let text): BulkReferenceText.bulkId(text).map(found)
        case .array(let values): for value in values { value.forEachBulkId(isPatch: isPatch, found) }
        case .complex(let map):
            for member in map.members {
                if isPatch, member.name.isSameName(as: "path"), let path = member.value.string {
                    for item in BulkReferenceText.quoted(in: path) { found(item.bulkId) }
                } else {
                    member.value.forEachBulkId(isPatch: isPatch, found)
                }
            }
        case .null, .boolean, .integer, .decimal: break
        }
    }

    /// The value with the ids of resources in place of references; those that `ids` lacks stay as they are.
    func replacingBulkIds(isPatch: Bool, with ids: [String: String]) -> AttributeValue {
        switch self {
        case .string(let text):
            guard let bulkId = BulkReferenceText.bulkId(text), let id = ids[bulkId] else { return self }
            return .string(BulkReferenceText.replacing(text, bulkId: bulkId, by: id))
        case .array(let values): return .array(values.map { $0.replacingBulkIds(isPatch: isPatch, with: ids) })
        case .complex(let map):
            return .complex(
                AttributeMap(
                    map.members.map { member in
                        var member = member
                        if isPatch, member.name.isSameName(as: "path"), var path = member.value.string {
                            for item in BulkReferenceText.quoted(in: path).reversed() {
                                guard let id = ids[item.bulkId] else { continue }
                                path.replaceSubrange(item.range, with: AttributeValue.string(id).jsonText)
                            }
                            member.value = .string(path)
                        } else {
                            member.value = member.value.replacingBulkIds(isPatch: isPatch, with: ids)
                        }
                        return member
                    }))
        case .null, .boolean, .integer, .decimal: return self
        }
    }
}
