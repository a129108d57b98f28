package import MusterCore

/// Why an act of an administrator was refused.
package struct ProvisionerError: Error, Sendable, CustomStringConvertible {
    /// The kinds of refusal.
    package enum Code: Sendable, Hashable {
        /// There is no such target, plan or person.
        case notFound
        /// It was changed meanwhile, or is there already.
        case conflict
        /// A document has findings of severity error.
        case invalid
        /// The target could not be reached or refused.
        case target
    }

    /// The kind.
    package var code: Code
    /// What is wrong and what to do, for a person.
    package var message: String
    /// All findings, where a document has some.
    package var findings: [Finding]

    package init(_ code: Code, _ message: String, findings: [Finding] = []) {
        self.code = code
        self.message = message
        self.findings = findings
    }

    /// The message, and each finding in a line of its own.
    package var description: String { ([message] + findings.map(\.description)).joined(separator: "\n") }
}

extension ProvisionerError: Equatable {
    /// Whether the codes are equal.
    package static func == (left: ProvisionerError, right: ProvisionerError) -> Bool { left.code == right.code }
}
