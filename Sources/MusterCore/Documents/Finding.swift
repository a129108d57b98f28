/// What a person has to repair in a document, such as a target, a template or a manifest: what is wrong, where, and what to do.
package struct Finding: Sendable, Hashable, CustomStringConvertible {
    /// How bad it is.
    package enum Severity: String, Sendable, Hashable {
        /// It cannot be used so.
        case error
        /// It can be used, but is probably not meant so.
        case warning
    }

    /// How bad it is.
    package var severity: Severity
    /// The place inside the document, such as `template.name.givenName` or `rules[2].if[0].operator`.
    package var path: String
    /// What is wrong.
    package var summary: String
    /// What to do about it; "" where the summary says it.
    package var detail: String

    /// Creates a finding.
    package init(_ severity: Severity, _ path: String, _ summary: String, _ detail: String = "") {
        self.severity = severity
        self.path = path
        self.summary = summary
        self.detail = detail
    }

    /// One line: `error: template.userName: unknown macro {$user.emial}; did you mean '{$user.email}'?`
    package var description: String {
        [severity.rawValue, path, summary + (detail.isEmpty ? "" : "; " + detail)].filter { !$0.isEmpty }.joined(separator: ": ")
    }
}
