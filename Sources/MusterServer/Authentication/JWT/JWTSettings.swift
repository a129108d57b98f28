package import MusterCore

/// Whose JSON Web Tokens are good as access tokens (RFC 9068), and what they allow.
package struct JWTSettings: Sendable, Hashable {
    /// Where the issuer's keys are.
    package enum KeySource: Sendable, Hashable {
        /// A JSON Web Key Set in a file (RFC 7517 §5).
        case file(String)
        /// The same behind an URL: `https`, or `http` to this machine.
        case url(String)
    }

    /// What can sign a token. None that a client could compute from public keys is among them.
    package static let knownAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]

    /// Must be the token's `iss`, to the letter.
    package var issuer: String
    /// One of them must be in the token's `aud`.
    package var audiences: [String]
    package var keys: KeySource
    /// What may sign a token, of ``knownAlgorithms``.
    package var algorithms: [String]
    /// The shortest time between two looks for new keys.
    package var refreshInterval: Duration
    /// After how long the keys are looked for again although nothing is missing.
    package var maximumAge: Duration
    /// How far the clocks may differ.
    package var leeway: Duration
    /// What the issuer's scopes mean here, by their names; others mean nothing.
    package var scopes: [String: AccessScopes]
    /// What a token allows that has none of ``scopes``.
    package var defaultScopes: AccessScopes
    /// The claim that names the tenant; a token without it is refused. Nil for ``tenant``.
    package var tenantClaim: String?
    /// Whose directory a token opens where no claim says so.
    package var tenant: Tenant
    package var dialect: String?

    package init(
        issuer: String, audiences: [String], keys: KeySource, algorithms: [String] = ["RS256", "ES256"],
        refreshInterval: Duration = .seconds(60), maximumAge: Duration = .seconds(3600), leeway: Duration = .seconds(60),
        scopes: [String: AccessScopes] = JWTSettings.usualScopes, defaultScopes: AccessScopes = .none, tenantClaim: String? = nil,
        tenant: Tenant = .default, dialect: String? = nil
    ) {
        self.issuer = issuer
        self.audiences = audiences
        self.keys = keys
        self.algorithms = algorithms
        self.refreshInterval = refreshInterval
        self.maximumAge = maximumAge
        self.leeway = leeway
        self.scopes = scopes
        self.defaultScopes = defaultScopes
        self.tenantClaim = tenantClaim
        self.tenant = tenant
        self.dialect = dialect
    }

    /// What scopes mean where nobody says otherwise: `scim.read` and `scim.write`.
    package static let usualScopes: [String: AccessScopes] = {
        var scopes: [String: AccessScopes] = [:]
        for access in AccessScopes.Access.allCases { scopes["scim.\(access.rawValue)"] = try? AccessScopes(access.rawValue) }
        return scopes
    }()
}
