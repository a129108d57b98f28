package import MusterCore
package import SCIM

/// How the answer to a request is to look.
package struct AnswerOptions: Sendable {
    /// Which attributes are returned.
    package var selection: AttributeSelection
    /// The base URL as the client sees it, without a slash at the end: `https://host/scim/v2`.
    package var baseURL: String
    /// How the client's messages are read and answered; nil for the directory's own dialect.
    package var dialect: ClientDialect?
    /// Who asks, for hooks that shape the answer; nil where the server itself asks, as for plugins: then nothing is shaped.
    package var origin: RequestOrigin?
    /// What must be so for the request to be carried out (RFC 7644 §3.14).
    package var preconditions: Preconditions

    package init(
        selection: AttributeSelection = .default, baseURL: String, dialect: ClientDialect? = nil,
        preconditions: Preconditions = .none, origin: RequestOrigin? = nil
    ) {
        self.selection = selection
        self.baseURL = baseURL
        self.dialect = dialect
        self.preconditions = preconditions
        self.origin = origin
    }
}

extension Preconditions {
    /// Whether nothing is demanded.
    var isEmpty: Bool { demands.isEmpty }

    /// Refuses a change of a resource in this state. Only what the change could overwrite counts: the groups that a user is
    /// in, which its tag names behind a dash, may be others by now.
    /// - Throws: `SCIMError` 412.
    func checkVersion(_ meta: Meta) throws(SCIMError) {
        guard !isEmpty, Preconditions(demands: demands.map(\.ignoringGroups)).outcome(for: meta.etag, isRead: false) != .proceed else {
            return
        }
        throw .preconditionFailed("the resource is in another state than the request demands: its version is \(meta.etag) now")
    }
}

extension Precondition {
    /// The same about versions alone.
    fileprivate var ignoringGroups: Precondition {
        func versions(_ states: States) -> States {
            guard case .tags(let tags) = states else { return states }
            return .tags(tags.map { ETag(String($0.tag.prefix { $0 != "-" }), isWeak: $0.isWeak) })
        }
        return switch self {
        case .ifMatch(let states): .ifMatch(versions(states))
        case .ifNoneMatch(let states): .ifNoneMatch(versions(states))
        }
    }
}

/// A resource on its way to the client.
package struct ResourceAnswer: Sendable {
    /// The JSON document; nil where 204, or for an unchanged resource 304, is the answer.
    package var body: [UInt8]?
    /// The entity tag, as it stands in `meta.version` and `ETag`: `W/"7"`.
    package var etag: String
    /// The absolute URL of the resource.
    package var location: String
    /// Whether the client has this version already (304).
    package var isUnmodified: Bool
    /// The quirks of the client's dialect that its message needed.
    package var quirks: Set<Quirk>

    package init(body: [UInt8]?, etag: String, location: String, isUnmodified: Bool = false, quirks: Set<Quirk> = []) {
        self.body = body
        self.etag = etag
        self.location = location
        self.isUnmodified = isUnmodified
        self.quirks = quirks
    }
}
