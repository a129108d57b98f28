/// An error that a SCIM client is told of (RFC 7644 §3.12).
///
/// Two errors are equal when status and scimType are, so that tests need not repeat the prose.
public struct SCIMError: Error, Sendable, CustomStringConvertible {
    /// The HTTP status, 400 to 599.
    public var status: Int
    /// The keyword of RFC 7644 §3.12 Table 9, or one of a site's own; nil where the RFC names none.
    public var scimType: String?
    /// What went wrong and what to do, for a person. Never holds a secret.
    public var detail: String
    /// Seconds after which the client may try again, sent as `Retry-After`.
    public var retryAfter: Int?

    /// Creates an error with any status and keyword.
    public init(status: Int, scimType: String? = nil, detail: String, retryAfter: Int? = nil) {
        self.status = status
        self.scimType = scimType
        self.detail = detail
        self.retryAfter = retryAfter
    }

    /// Status, keyword and detail.
    public var description: String { "\(status)\(scimType.map { " " + $0 } ?? ""): \(detail)" }
}

extension SCIMError: Equatable {
    /// Whether status and scimType are equal.
    public static func == (left: SCIMError, right: SCIMError) -> Bool {
        left.status == right.status && left.scimType == right.scimType
    }
}

extension SCIMError {
    /// 400 invalidFilter: the filter is malformed, or the attribute and operator do not go together.
    public static func invalidFilter(_ detail: String) -> Self { .init(status: 400, scimType: "invalidFilter", detail: detail) }
    /// 400 tooMany: the request would yield or change more than the server allows.
    public static func tooMany(_ detail: String) -> Self { .init(status: 400, scimType: "tooMany", detail: detail) }
    /// 409 uniqueness: another resource has the value already.
    public static func uniqueness(_ detail: String) -> Self { .init(status: 409, scimType: "uniqueness", detail: detail) }
    /// 400 mutability: a readOnly or immutable attribute was to be changed.
    public static func mutability(_ detail: String) -> Self { .init(status: 400, scimType: "mutability", detail: detail) }
    /// 400 invalidSyntax: the body is no JSON, or not the message that the endpoint wants.
    public static func invalidSyntax(_ detail: String) -> Self { .init(status: 400, scimType: "invalidSyntax", detail: detail) }
    /// 400 invalidPath: the path is malformed or names an attribute that no schema has.
    public static func invalidPath(_ detail: String) -> Self { .init(status: 400, scimType: "invalidPath", detail: detail) }
    /// 400 noTarget: the path yields nothing that could be changed.
    public static func noTarget(_ detail: String) -> Self { .init(status: 400, scimType: "noTarget", detail: detail) }
    /// 400 invalidValue: a required value is missing, or a value does not fit its type.
    public static func invalidValue(_ detail: String) -> Self { .init(status: 400, scimType: "invalidValue", detail: detail) }
    /// 403 sensitive: the request may not be made with what it holds in its URI.
    public static func sensitive(_ detail: String) -> Self { .init(status: 403, scimType: "sensitive", detail: detail) }
    /// 401: no token, or none that is known.
    public static func unauthorized(_ detail: String) -> Self { .init(status: 401, detail: detail) }
    /// 403: the token may not do this.
    public static func forbidden(_ detail: String) -> Self { .init(status: 403, detail: detail) }
    /// 404: there is no such resource or endpoint.
    public static func notFound(_ detail: String) -> Self { .init(status: 404, detail: detail) }
    /// 412: the resource has changed since the version that the client holds.
    public static func preconditionFailed(_ detail: String) -> Self { .init(status: 412, detail: detail) }
    /// 400 invalidCursor: the cursor is none that this server gave for this query (RFC 9865 §2.1).
    public static func invalidCursor(_ detail: String) -> Self { .init(status: 400, scimType: "invalidCursor", detail: detail) }
    /// 400 expiredCursor: the cursor was good once; the client must begin with the first page again (RFC 9865 §2.1).
    public static func expiredCursor(_ detail: String) -> Self { .init(status: 400, scimType: "expiredCursor", detail: detail) }
    /// 400 invalidCount: the page size of a query with a cursor is no integer (RFC 9865 §2.1).
    public static func invalidCount(_ detail: String) -> Self { .init(status: 400, scimType: "invalidCount", detail: detail) }
    /// 400 invalidVers: the protocol version in the URL is not served (RFC 7644 §3.13).
    public static func invalidVersion(_ detail: String) -> Self { .init(status: 400, scimType: "invalidVers", detail: detail) }
    /// 405: the endpoint does not take this method; the answer names those it takes in `Allow`.
    public static func methodNotAllowed(_ detail: String) -> Self { .init(status: 405, detail: detail) }
    /// 409: the request does not go together with what there is; ``uniqueness(_:)`` says it of values.
    public static func conflict(_ detail: String) -> Self { .init(status: 409, detail: detail) }
    /// 501: the RFC has it, this server has not, or it is switched off.
    public static func notImplemented(_ detail: String) -> Self { .init(status: 501, detail: detail) }
    /// 413: the body is larger than the server takes.
    public static func payloadTooLarge(_ detail: String) -> Self { .init(status: 413, detail: detail) }
    /// 503: the server cannot do it now; the client may try again after `retryAfter` seconds.
    public static func unavailable(_ detail: String, retryAfter: Int) -> Self {
        .init(status: 503, detail: detail, retryAfter: retryAfter)
    }
}
