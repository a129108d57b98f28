import Synchronization

/// Where pages by `startIndex` ended, so that the next page is not counted from the beginning.
///
/// Who reads a whole directory page by page asks for each place right after its page before. Since resources join at the
/// end only, a place holds until one of the type is removed.
final class PageEnds: Sendable {
    /// A resource type of a tenant, by their numbers.
    struct Key: Hashable {
        var tenant: Int64
        var type: Int64
    }

    /// How many resources there are up to one.
    struct End {
        /// The number of resources up to this one.
        var count: Int
        /// The number of its row.
        var number: Int64
        /// How many of the type had been removed when this was so.
        var removals: Int64
    }

    private static let maximumEnds = 32
    private static let maximumKeys = 1024

    /// The newest last.
    private let ends = Mutex<[Key: [End]]>([:])

    /// The end that is nearest before an offset and still holds.
    func last(_ key: Key, upTo offset: Int, removals: Int64) -> End? {
        ends.withLock { ends in
            ends[key]?.filter { $0.removals == removals && $0.count <= offset }.max { $0.count < $1.count }
        }
    }

    /// Remembers an end, and forgets the oldest when there are many.
    func remember(_ key: Key, _ end: End) {
        ends.withLock { ends in
            if ends.count >= Self.maximumKeys, ends[key] == nil { ends = [:] }
            var own = ends[key, default: []]
            own.removeAll { $0.removals != end.removals || $0.count == end.count }
            if own.count >= Self.maximumEnds { own.removeFirst() }
            own.append(end)
            ends[key] = own
        }
    }
}
