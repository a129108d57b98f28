package import SCIM

/// What a site may decide about the directory.
package struct DirectorySettings: Sendable {
    /// How many results a search answers when the client names no count.
    package var defaultCount: Int
    /// How many results a search answers at most.
    package var maximumCount: Int
    /// A PATCH of a group with more members than this is answered 204 unless the client asks for attributes.
    package var patchBodyMemberLimit: Int
    /// How often a change is started again when another one was faster.
    package var conflictRetries: Int
    /// How many values interceptors may propose for one change after the client's own was taken.
    package var conflictProposals: Int
    /// How long a search may be paged through by cursor (RFC 9865).
    package var cursorLifetime: Duration
    /// The largest bulk request.
    package var bulk: BulkLimits
    /// How clients' messages are read and answered, where neither the token nor the request says otherwise.
    package var dialect: ClientDialect

    package init(
        defaultCount: Int = 100, maximumCount: Int = 1000, patchBodyMemberLimit: Int = 100, conflictRetries: Int = 16,
        conflictProposals: Int = 10, cursorLifetime: Duration = .seconds(3600), bulk: BulkLimits = .init(), dialect: ClientDialect = .auto
    ) {
        self.cursorLifetime = cursorLifetime
        self.bulk = bulk
        self.dialect = dialect
        self.defaultCount = defaultCount
        self.maximumCount = maximumCount
        self.patchBodyMemberLimit = patchBodyMemberLimit
        self.conflictRetries = conflictRetries
        self.conflictProposals = conflictProposals
    }
}
