/// Why a target did not do as it was asked.
package struct TargetError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// No answer came.
        case unreachable
        /// It does not know us, or does not let us: 401, 403. Nothing more is sent there until that is repaired.
        case unauthorized
        /// It does not like what it was sent: 400, 422 and the like. Sending it again would not help.
        case refused
        /// It has such a resource already: 409, or a 400 that says so.
        case conflict
        /// It knows no such resource: 404.
        case notFound
        /// It was asked too often: 429.
        case throttled
        /// What it was sent is too large: 413.
        case tooLarge
        /// It cannot do this at all: 405, 501.
        case unsupported
        /// It cannot now: 5xx.
        case unavailable
        /// It answered what no SCIM server answers.
        case invalidAnswer
        /// The request could not be made: a secret is missing, the URL is none, or its host is not allowed.
        case misconfigured
    }

    /// The kind.
    package var code: Code
    /// What it said, without secrets, cut.
    package var detail: String
    /// The HTTP status; nil where no answer came.
    package var status: Int?
    /// How long it asks to wait.
    package var retryAfter: Duration?
    /// The request, such as `PUT /Users/42`; "" for none.
    package var request: String

    private static let longestDetail = 500

    package init(_ code: Code, _ detail: String, status: Int? = nil, retryAfter: Duration? = nil, request: String = "") {
        self.code = code
        self.detail = detail.count <= Self.longestDetail ? detail : String(detail.prefix(Self.longestDetail - 1)) + "…"
        self.status = status
        self.retryAfter = retryAfter
        self.request = request
    }

    /// Whether the same may work later.
    package var isRetryable: Bool {
        switch code {
        case .unreachable, .throttled, .unavailable: true
        default: false
        }
    }

    /// Whether no request to the target can work until somebody repairs something.
    package var stopsTarget: Bool { code == .unauthorized || code == .misconfigured }

    /// One line: `PUT /Users/42: 400: userName is taken`.
    package var description: String {
        [request, status.map(String.init) ?? code.rawValue, detail].filter { !$0.isEmpty }.joined(separator: ": ")
    }
}

extension TargetError: Equatable {
    /// Whether the codes are equal.
    package static func == (left: TargetError, right: TargetError) -> Bool { left.code == right.code }
}
