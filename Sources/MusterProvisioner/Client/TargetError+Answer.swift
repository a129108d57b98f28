import MusterCore
import SCIM

extension TargetError {
    /// What an answer that is no success means; nil for a success.
    init?(_ answer: OutboundResponse, to request: String, now: Timestamp) {
        guard !(200..<300).contains(answer.status) else { return nil }
        let detail = Self.detail(answer.body)
        let code: Code =
            switch answer.status {
            case 401, 403: .unauthorized
            case 404, 410: .notFound
            case 405, 501: .unsupported
            case 409: .conflict
            case 400 where Self.saysExists(detail, answer.body): .conflict
            case 413: .tooLarge
            case 429: .throttled
            case 500...: .unavailable
            // Nothing of SCIM answers so: somebody else does, such as a maintenance page.
            case 300..<400: .unavailable
            case 408: .unavailable
            default: .refused
            }
        self.init(code, detail, status: answer.status, retryAfter: answer.retryAfter(now: now), request: request)
    }

    /// What the body of an error says, in SCIM 2.0's form (RFC 7644 §3.12), in SCIM 1.1's or in any other.
    private static func detail(_ body: [UInt8]) -> String {
        guard let json = try? AttributeValue(json: body) else {
            return String(decoding: body.prefix(200), as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        let old = json["Errors"].map { $0.array?.first ?? $0 }
        let text = json["detail"] ?? old?["description"] ?? json["message"] ?? json["error_description"] ?? json["error"]
        return [json["scimType"]?.string, text?.string].compactMap(\.self).joined(separator: ": ")
    }

    /// Whether a 400 means what a 409 should: some targets say so in words only.
    private static func saysExists(_ detail: String, _ body: [UInt8]) -> Bool {
        let text = String(decoding: body.prefix(2000), as: UTF8.self).lowercased()
        return ["already exist", "already_exist", "already in use", "uniqueness", "duplicate", "has already been taken"].contains {
            detail.lowercased().contains($0) || text.contains($0)
        }
    }
}
