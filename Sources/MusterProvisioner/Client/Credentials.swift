import MusterCore
import SCIM
import Synchronization

/// What proves to a target who is asking. Secrets are looked up when they are needed, and are in no error and no log.
final class Credentials: Sendable {
    private struct Token {
        var text: String
        var expires: Timestamp
    }

    private static let margin = Duration.seconds(30)

    private let authentication: TargetDefinition.Authentication
    private let allowsPrivateAddress: Bool
    private let secret: @Sendable (String) -> String?
    private let transport: any HTTPTransport
    private let clock: WallClock
    private let token = Mutex<Token?>(nil)
    private let turns = InTurn()

    init(_ definition: TargetDefinition, secret: @escaping @Sendable (String) -> String?, transport: any HTTPTransport, clock: WallClock) {
        authentication = definition.authentication
        allowsPrivateAddress = definition.allowsPrivateAddress
        self.secret = secret
        self.transport = transport
        self.clock = clock
    }

    /// Whether a refused request may work with another token.
    var canRenew: Bool { if case .clientCredentials = authentication { true } else { false } }

    /// Drops the token that was refused.
    func forget() { token.withLock { $0 = nil } }

    /// The files that prove it in the TLS handshake; nil for none.
    var certificate: ClientCertificateFiles? {
        if case .certificate(let chain, let key) = authentication { ClientCertificateFiles(chain: chain, key: key) } else { nil }
    }

    /// The header that proves it; nil for none.
    /// - Throws: ``TargetError`` `misconfigured`, `unauthorized`; what the token's endpoint throws.
    func header() async throws -> HTTPHeader? {
        switch authentication {
        case .none, .certificate: nil
        case .bearer(let token): HTTPHeader("Authorization", "Bearer \(try value(of: token))")
        case .basic(let user, let password):
            HTTPHeader("Authorization", "Basic " + Self.base64("\(user):\(try value(of: password))"))
        case .clientCredentials(let url, let id, let clientSecret, let scope):
            HTTPHeader("Authorization", "Bearer \(try await accessToken(url, id, clientSecret, scope))")
        }
    }

    private func value(of name: String) throws -> String {
        guard let value = secret(name) else {
            throw TargetError(
                .misconfigured,
                "the secret \(name) is missing: set MUSTER_SECRET_\(name), or put a file called \(name) into the secrets folder")
        }
        return value
    }

    /// One token for all who ask, until shortly before it expires.
    private func accessToken(_ url: String, _ id: String, _ clientSecret: String, _ scope: String?) async throws -> String {
        try await turns.run { [self] in
            if let known = token.withLock({ $0 }), known.expires > clock.now() { return known.text }
            let form = [("grant_type", "client_credentials")] + (scope.map { [("scope", $0)] } ?? [])
            let answer: OutboundResponse
            do {
                answer = try await transport.send(
                    OutboundRequest(
                        method: "POST", url: url,
                        headers: [
                            HTTPHeader("Content-Type", "application/x-www-form-urlencoded"), HTTPHeader("Accept", "application/json"),
                            HTTPHeader(
                                "Authorization",
                                "Basic " + Self.base64("\(id.pathSegment):\(try value(of: clientSecret).pathSegment)")),
                        ], body: Array(form.map { "\($0.0)=\($0.1.pathSegment)" }.joined(separator: "&").utf8),
                        allowsPrivateAddress: allowsPrivateAddress))
            } catch let error as TransportError {
                throw TargetError(.unreachable, "no token: \(error)", request: "POST \(url)")
            }
            if var error = TargetError(answer, to: "POST \(url)", now: clock.now()) {
                if !error.isRetryable { error.code = .unauthorized }
                throw error
            }
            guard let json = try? AttributeValue(json: answer.body), let text = json["access_token"]?.string, !text.isEmpty else {
                throw TargetError(.unauthorized, "the answer holds no access_token", status: answer.status, request: "POST \(url)")
            }
            let lifetime = Duration.seconds(min(max(0, json["expires_in"]?.integer ?? 300), 86_400))
            token.withLock { $0 = Token(text: text, expires: clock.now() + max(.zero, lifetime - Self.margin)) }
            return text
        }
    }

    private static func base64(_ text: String) -> String {
        let encoded = Base64URL.encode(text.utf8).replacing("-", with: "+").replacing("_", with: "/")
        return encoded + String(repeating: "=", count: (4 - encoded.utf8.count % 4) % 4)
    }
}
