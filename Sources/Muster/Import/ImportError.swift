/// Why a table of people cannot be imported at all: every finding at once. Nothing was changed then.
public struct ImportError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The findings, such as `column 'depratment': nothing is known by this name; did you mean 'department'?`
    public var findings: [String]

    /// Creates an error.
    public init(_ findings: [String]) { self.findings = findings }

    /// The findings, a line each.
    public var description: String { findings.joined(separator: "\n") }
}
