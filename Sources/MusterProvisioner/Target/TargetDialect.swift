/// What a target can and cannot do, and how fast it may be asked: from a preset, from the administrator, and learned on the way.
package struct TargetDialect: Sendable, Hashable {
    /// The version of SCIM that it speaks.
    package enum Version: String, Sendable, Hashable, CaseIterable {
        /// RFC 7643 and 7644.
        case two = "2.0"
        /// SCIM 1.1: other schema URNs and another shape of errors.
        case one = "1.1"
    }

    /// How an account is changed.
    package enum Update: String, Sendable, Hashable, CaseIterable {
        /// By PUT of the whole document, as OneLogin does.
        case put
        /// By PATCH, one operation for each attribute.
        case patch
    }

    /// How a member is taken out of a group by PATCH.
    package enum MemberRemoval: String, Sendable, Hashable, CaseIterable {
        /// `{"op":"remove","path":"members[value eq \"id\"]"}`.
        case filter
        /// `{"op":"remove","path":"members","value":[{"value":"id"}]}`, as OneLogin sends it.
        case value
    }

    /// The version of SCIM.
    package var version: Version = .two
    /// How an account is changed.
    package var update: Update = .put
    /// Whether PATCH works; where it does not, what is there is read, merged and put.
    package var patch = true
    /// Whether PUT works; where it does not, what is there is changed by PATCH.
    package var put = true
    /// Whether filters work; where they do not, accounts are found by paging through all.
    package var filter = true
    /// Whether `startIndex` and `count` work.
    package var paging = true
    /// Whether DELETE of a user works; where it does not, the account is deactivated.
    package var delete = true
    /// How a member is taken out of a group.
    package var memberRemoval: MemberRemoval = .value
    /// The paths of attributes that it takes and never gives back, such as `timezone` or `urn:…:User:costCenter`: what is below one
    /// counts too. A reconciliation does not look at them.
    package var notReturned: [String] = []
    /// How many resources are asked for in one page.
    package var pageSize = 100
    /// The media type of bodies.
    package var mediaType = "application/scim+json"
    /// How many requests there may be in a second on average; nil for no limit. Reads and writes apart.
    package var readsPerSecond: Double?
    /// See ``readsPerSecond``.
    package var writesPerSecond: Double?
    /// How many people are worked on at the same time.
    package var concurrency = 4
    /// How long one request may take.
    package var timeout: Duration = .seconds(30)

    package init() {}
}
