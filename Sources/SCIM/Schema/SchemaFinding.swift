/// Something that is wrong with a site's schema file.
public struct SchemaFinding: Sendable, Hashable, CustomStringConvertible {
    /// How bad it is.
    public enum Severity: String, Sendable, Hashable {
        /// The part of the file cannot be used.
        case error
        /// It can be used, but is probably not meant so.
        case warning
    }

    /// How bad it is.
    public var severity: Severity
    /// The name of the file; "" when the document came without one.
    public var file: String
    /// The place in the document, such as `attributes[2].subAttributes[0].type`; "" for the whole.
    public var path: String
    /// What is wrong and what to do.
    public var problem: String

    /// Creates a finding.
    public init(_ severity: Severity = .error, file: String = "", path: String = "", problem: String) {
        self.severity = severity
        self.file = file
        self.path = path
        self.problem = problem
    }

    /// File, place and problem in one line.
    public var description: String {
        ([file, path].filter { !$0.isEmpty } + [(severity == .warning ? "warning: " : "") + problem]).joined(separator: ": ")
    }
}

/// All that is wrong with a document.
public struct SchemaFindings: Error, Sendable, Hashable, CustomStringConvertible {
    /// The findings, in the order of the document.
    public var findings: [SchemaFinding]

    /// Creates a value.
    public init(_ findings: [SchemaFinding]) { self.findings = findings }

    /// One line for each finding.
    public var description: String { findings.map(\.description).joined(separator: "\n") }
}
