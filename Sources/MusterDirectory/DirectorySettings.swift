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

    package init(
        defaultCount: Int = 100, maximumCount: Int = 1000, patchBodyMemberLimit: Int = 100, conflictRetries: Int = 16
    ) {
        self.defaultCount = defaultCount
        self.maximumCount = maximumCount
        self.patchBodyMemberLimit = patchBodyMemberLimit
        self.conflictRetries = conflictRetries
    }
}
