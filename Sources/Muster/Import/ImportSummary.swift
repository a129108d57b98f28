/// What an import came to.
public struct ImportSummary: Sendable, Hashable {
    /// Rows that were read.
    public var rows = 0
    /// People who were made.
    public var created = 0
    /// People who were changed.
    public var updated = 0
    /// People for whom nothing differs.
    public var unchanged = 0
    /// Rows that could not be carried out, see ``ImportReport/problem(line:_:)``.
    public var failed = 0
    /// Memberships that were made.
    public var joined = 0
    /// Groups that were made.
    public var groups = 0
    /// People who were deactivated since they are missing.
    public var deactivated = 0
    /// Whether it ended early, at a row that could not be carried out.
    public var isStopped = false

    /// Creates the summary of nothing.
    public init() {}
}

/// What happened to one row, person or group.
public enum ImportReport: Sendable, Hashable {
    /// A person was made.
    case created(line: Int, name: String)
    /// A person was changed, and at which attributes.
    case updated(line: Int, name: String, attributes: [String])
    /// A row could not be carried out, and why. The person is as before, unless it says otherwise.
    case problem(line: Int, String)
    /// A group was made.
    case group(name: String)
    /// A person was deactivated since they are missing.
    case deactivated(name: String)
    /// Something else that is to be known.
    case note(String)

    /// One line for a person, such as `line 7: ada@example.com: title, department`.
    public var line: String {
        switch self {
        case .created(let line, let name): "line \(line): \(name): new"
        case .updated(let line, let name, let attributes): "line \(line): \(name): \(attributes.joined(separator: ", "))"
        case .problem(let line, let text): "error: line \(line): \(text)"
        case .group(let name): "group \(name): new"
        case .deactivated(let name): "\(name): deactivated, for they are not in the file"
        case .note(let text): text
        }
    }
}
