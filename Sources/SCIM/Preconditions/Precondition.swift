/// What a request demands of the state of its resource: `If-Match` or `If-None-Match` (RFC 7644 §3.14, RFC 9110 §13.1).
public enum Precondition: Sendable, Hashable {
    /// The states that a header names.
    public enum States: Sendable, Hashable {
        /// `*`: any, so long as there is a resource.
        case any
        /// One of these.
        case tags([ETag])
    }

    /// `If-Match`: the resource must be in one of the states.
    case ifMatch(States)
    /// `If-None-Match`: the resource must be in none of the states.
    case ifNoneMatch(States)

    /// Whether a resource with the entity tag `etag` is as demanded; nil when there is no such resource.
    ///
    /// Tags are compared weakly in both: RFC 9110 §13.1.1 compares `If-Match` strongly, but SCIM's tags are weak and
    /// RFC 7644 §3.14 has them match.
    public func isFulfilled(by etag: String?) -> Bool {
        switch self {
        case .ifMatch(let states): states.contains(etag)
        case .ifNoneMatch(let states): !states.contains(etag)
        }
    }
}

extension Precondition.States {
    /// The longest header that is read, in bytes.
    private static let maximumBytes = 8 << 10

    /// Reads the value of a header: `*`, or tags with commas between. Where there are several header lines, join them with
    /// a comma. The quotes round a tag may be missing.
    /// - Throws: `invalidValue` when it is no list of tags.
    public init(parsing header: String) throws(SCIMError) {
        guard header.utf8.count <= Self.maximumBytes else {
            throw .invalidValue("If-Match and If-None-Match may be \(Self.maximumBytes) bytes long")
        }
        if header.utf8.filter({ $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }) == Array("*".utf8) {
            self = .any
            return
        }
        var (reader, tags) = (ETagReader(header), [ETag]())
        _ = reader.skipCommas()
        while !reader.isAtEnd {
            guard let tag = reader.next(), reader.skipCommas() || reader.isAtEnd else {
                throw .invalidValue("If-Match and If-None-Match take '*' or entity tags such as W/\"1\" with commas between")
            }
            tags.append(tag)
        }
        guard !tags.isEmpty else { throw .invalidValue("If-Match and If-None-Match need an entity tag such as W/\"1\", or '*'") }
        self = .tags(tags)
    }

    fileprivate func contains(_ etag: String?) -> Bool {
        guard let etag else { return false }
        switch self {
        case .any: return true
        case .tags(let tags):
            guard let current = ETag(parsing: etag) else { return false }
            return tags.contains { $0.isSameState(as: current) }
        }
    }
}
