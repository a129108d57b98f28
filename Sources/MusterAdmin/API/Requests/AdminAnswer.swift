import MusterCore
import MusterProvisioner
import SCIM

/// What an operation answers.
struct AdminAnswer: Sendable {
    /// The HTTP status.
    var status: Int
    /// The body; nil for none.
    var document: AttributeValue?
    /// Where what was made is, relative to the request's URL; nil where nothing was.
    var location: String?

    /// Creates an answer that says that all is well.
    init(_ document: AttributeValue?, status: Int? = nil, location: String? = nil) {
        self.status = status ?? (document == nil ? 204 : 200)
        self.document = document
        self.location = location
    }

    /// Creates the answer that tells of an error, in SCIM's form (RFC 7644 §3.12).
    /// - Parameter more: What a program may want to know besides.
    init(_ error: SCIMError, _ more: AttributeMap = [:]) {
        status = error.status
        document = .complex(AttributeMap((error.message.complex ?? [:]).members + more.members))
    }

    /// Creates the answer to what the engine refuses, with all findings.
    init(_ error: ProvisionerError) {
        let known: SCIMError =
            switch error.code {
            case .notFound: .notFound(error.message)
            case .conflict: .conflict(error.message)
            case .invalid: .invalidValue(error.message)
            case .target: SCIMError(status: 502, detail: error.message)
            }
        self.init(known, error.findings.isEmpty ? [:] : ["findings": error.findings.document])
    }
}

extension [Finding] {
    /// The findings as JSON.
    var document: AttributeValue {
        .array(
            map { finding in
                [
                    "severity": .string(finding.severity.rawValue), "path": .string(finding.path), "summary": .string(finding.summary),
                    "detail": .string(finding.detail),
                ]
            })
    }
}
