/// What is wrong with a configuration: every finding at once, a line each.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The findings, such as `muster.yaml:3: unknown key 'server.prot'; did you mean 'server.port'?`
    public var findings: [String]

    /// Creates an error.
    public init(_ findings: [String]) { self.findings = findings }

    /// The findings, a line each.
    public var description: String { findings.joined(separator: "\n") }
}
