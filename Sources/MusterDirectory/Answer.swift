package import SCIM

/// How the answer to a request is to look.
package struct AnswerOptions: Sendable {
    /// Which attributes are returned.
    package var selection: AttributeSelection
    /// The base URL as the client sees it, without a slash at the end: `https://host/scim/v2`.
    package var baseURL: String
    /// How the client's messages are read and answered; nil for the directory's own dialect.
    package var dialect: ClientDialect?
    /// What must be so for the request to be carried out (RFC 7644 §3.14).
    package var preconditions: Preconditions

    package init(
        selection: AttributeSelection = .default, baseURL: String, dialect: ClientDialect? = nil,
        preconditions: Preconditions = .init()
    ) {
        self.selection = selection
        self.baseURL = baseURL
        self.dialect = dialect
        self.preconditions = preconditions
    }
}

/// The conditions that a client puts on a request: `If-Match` and `If-None-Match` (RFC 7644 §3.14, RFC 9110 §13.1).
package struct Preconditions: Sendable, Hashable {
    /// The versions of which the resource must have one; nil for any.
    package var ifMatch: Precondition?
    /// The versions of which the resource must have none; nil for any.
    package var ifNoneMatch: Precondition?

    package init(ifMatch: Precondition? = nil, ifNoneMatch: Precondition? = nil) {
        self.ifMatch = ifMatch
        self.ifNoneMatch = ifNoneMatch
    }

    /// Whether there is none.
    var isEmpty: Bool { ifMatch == nil && ifNoneMatch == nil }

    /// Refuses an answer about a resource in this state.
    /// - Throws: `SCIMError` 412.
    func checkMatch(_ etag: String) throws(SCIMError) {
        guard let ifMatch, !ifMatch.matches(etag) else { return }
        throw .preconditionFailed("the resource has changed since; its version is \(etag) now: read it again")
    }

    /// Refuses a change of a resource in this state. Only what the change could overwrite counts: the groups that a user is
    /// in, which its tag names behind a dash, may be others by now.
    /// - Throws: `SCIMError` 412.
    func checkVersion(_ meta: Meta) throws(SCIMError) {
        let etag = meta.etag
        try Preconditions(ifMatch: ifMatch?.ignoringGroups).checkMatch(etag)
        guard let ifNoneMatch, ifNoneMatch.ignoringGroups.matches(etag) else { return }
        throw .preconditionFailed("the resource has the version \(etag), which If-None-Match rules out")
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
