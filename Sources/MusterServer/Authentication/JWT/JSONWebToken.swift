import JWTKit
import MusterCore
import SCIM

/// A JSON Web Token in compact form (RFC 7519, RFC 7515 §7.1), taken apart; nothing of it is verified yet.
struct JSONWebToken: Sendable {
    private static let limits = JSONLimits(maximumDepth: 16, maximumBytes: 16 << 10, maximumMembers: 200)
    /// What an access token may call itself; RFC 9068 §2.1 wants `at+jwt`, many issuers write `JWT` or nothing.
    private static let types: Set<String> = ["jwt", "at+jwt", "application/jwt", "application/at+jwt"]

    let algorithm: String
    let keyID: String?
    let claims: AttributeMap
    private let signed: [UInt8]
    private let signature: [UInt8]

    /// Reads a token.
    /// - Throws: ``AuthenticationFailure``.
    init(_ text: String) throws {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let signature = Base64URL.decode(parts[2]), !signature.isEmpty, let algorithm = header.exact("alg")?.string
        else { throw AuthenticationFailure(reason: "malformed") }
        // RFC 7515 §4.1.11: what must be understood and is not.
        guard header.exact("crit") == nil else { throw AuthenticationFailure(reason: "critical extensions") }
        if let type = header.exact("typ") {
            guard let type = type.string, Self.types.contains(type.lowercased()) else {
                throw AuthenticationFailure(reason: "another kind of token")
            }
        }
        self.algorithm = algorithm
        keyID = header.exact("kid")?.string
        self.claims = claims
        signed = Array(text.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count))
        self.signature = signature
    }

    /// Whether a key made the signature.
    func isSigned(by key: any JWTAlgorithm) -> Bool { (try? key.verify(signature, signs: signed)) ?? false }

    /// A claim that is a text, or a list with texts.
    func texts(_ name: String) -> [String] {
        switch claims.exact(name) {
        case .string(let text)?: [text]
        case .array(let values)?: values.compactMap(\.string)
        default: []
        }
    }

    /// A claim that is a time: seconds since 1970.
    /// - Throws: ``AuthenticationFailure`` when it is something else.
    func time(_ name: String) throws -> Timestamp? {
        let seconds: Double
        switch claims.exact(name) {
        case nil: return nil
        case .integer(let number)?: seconds = Double(number)
        case .decimal(let number)?: seconds = number
        default: throw AuthenticationFailure(reason: "malformed")
        }
        // Until the year 9999; what lies beyond is no time.
        guard seconds.isFinite, (0...253_402_300_799).contains(seconds) else { throw AuthenticationFailure(reason: "malformed") }
        return Timestamp(milliseconds: Int64(seconds * 1000))
    }

    private static func object(_ part: Substring) -> AttributeMap? {
        guard let bytes = Base64URL.decode(part), let map = (try? AttributeValue(json: bytes, limits: limits))?.complex else { return nil }
        // RFC 7515 §4: a name that stands there twice could be read as either.
        return Set(map.members.map(\.name)).count == map.count ? map : nil
    }
}
