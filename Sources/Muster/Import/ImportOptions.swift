import MusterCore

/// How people are imported.
public struct ImportOptions: Sendable {
    /// By which attribute people who are there already are found.
    public enum Match: String, Sendable, Hashable, CaseIterable {
        case userName, externalId
    }

    /// By which attribute people who are there already are found.
    public var match: Match = .userName
    /// What columns mean: a title, and a usual title or a SCIM path. Those that are not named here mean what their title says.
    public var columns: [String: String] = [:]
    /// Whether columns that mean nothing are left out, rather than refused.
    public var ignoresUnknownColumns = false
    /// Whether groups that are not there are made, rather than the row refused.
    public var createsGroups = false
    /// Whether the first row that cannot be carried out ends the import. Faults that can be seen in the file end it before
    /// anything is changed.
    public var stopsAtFirstProblem = false
    /// Whether people who are active and not in the file are deactivated. Nobody is where a row could not be carried out.
    public var deactivatesMissing = false
    /// Which share of the active people may be deactivated, in percent; where it would be more, nothing at all is done.
    public var deactivationLimit = 10.0

    /// Creates the usual options.
    public init() {}
}
