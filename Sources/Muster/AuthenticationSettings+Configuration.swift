import MusterCore
import MusterServer
import SCIM

extension AuthenticationSettings {
    /// What a configuration says about authentication.
    /// - Throws: ``ConfigurationError`` with every finding.
    init(_ configuration: Configuration) throws(ConfigurationError) {
        var findings: [String] = []
        let authentication = configuration.authentication
        self.init(
            trustedProxies: Self.ranges(authentication.trustedProxies, "authentication.trustedProxies", &findings),
            allowedAddresses: Self.ranges(authentication.allowedAddresses, "authentication.allowedAddresses", &findings),
            failureLimits: FailureLimits(
                burst: max(1, authentication.failureBurst), interval: .seconds(max(1, authentication.failureIntervalSeconds))))
        for (name, tenant) in configuration.tenants.sorted(by: { $0.key < $1.key }) {
            guard let addresses = tenant.allowedAddresses else { continue }
            tenantAllowedAddresses[name] = Self.ranges(addresses, "tenants.\(name).allowedAddresses", &findings)
        }
        issuers = authentication.jwt.enumerated().map { Self.issuer($1, "authentication.jwt[\($0)]", &findings) }
        users = authentication.basic.enumerated().map { position, user in
            let place = "authentication.basic[\(position)]"
            return BasicUser(
                name: user.name, passwordHash: user.passwordHash, tenant: Self.tenant(user.tenant, place, &findings),
                scopes: Self.scopes(user.scopes, "\(place).scopes", &findings), dialect: Self.dialect(user.dialect, place, &findings))
        }
        for (position, certificate) in authentication.certificates.enumerated() {
            let place = "authentication.certificates[\(position)]"
            guard let identity = CertificateIdentity(certificate.subject) else {
                findings.append("\(place).subject: CN=NAME, DNS:NAME, URI:URI or SHA256:FINGERPRINT is wanted")
                continue
            }
            certificates.append(
                CertificateMapping(
                    identity: identity, name: certificate.name, tenant: Self.tenant(certificate.tenant, place, &findings),
                    scopes: Self.scopes(certificate.scopes, "\(place).scopes", &findings),
                    dialect: Self.dialect(certificate.dialect, place, &findings)))
        }
        do { try check() } catch let error as InvalidAuthenticationSettings { findings += error.findings } catch {}
        guard findings.isEmpty else { throw ConfigurationError(findings) }
    }

    private static func issuer(_ settings: Configuration.JWT, _ place: String, _ findings: inout [String]) -> JWTSettings {
        var scopes: [String: AccessScopes] = [:]
        for (name, text) in settings.scopes { scopes[name] = Self.scopes(text, "\(place).scopes.\(name)", &findings) }
        if settings.jwks.isEmpty { findings.append("\(place).jwks: the URL of the issuer's keys or a file is wanted") }
        return JWTSettings(
            issuer: settings.issuer, audiences: settings.audience,
            keys: settings.jwks.contains("://") ? .url(settings.jwks) : .file(settings.jwks), algorithms: settings.algorithms,
            refreshInterval: .seconds(max(1, settings.refreshSeconds)), scopes: scopes,
            defaultScopes: Self.scopes(settings.defaultScopes, "\(place).defaultScopes", &findings), tenantClaim: settings.tenantClaim,
            tenant: tenant(settings.tenant, place, &findings), dialect: dialect(settings.dialect, place, &findings))
    }

    private static func ranges(_ texts: [String], _ place: String, _ findings: inout [String]) -> [AddressRange] {
        texts.compactMap { text in
            let range = AddressRange(text)
            if range == nil { findings.append("\(place): '\(text)' is no address and no range such as 10.0.0.0/8") }
            return range
        }
    }

    /// Where a text is no scope, none: the finding keeps the server from starting.
    private static func scopes(_ text: String, _ place: String, _ findings: inout [String]) -> AccessScopes {
        do { return try AccessScopes(text) } catch {
            findings.append("\(place): \(error)")
            return .none
        }
    }

    private static func tenant(_ name: String, _ place: String, _ findings: inout [String]) -> Tenant {
        if !Tenant.isValid(name: name) { findings.append("\(place).tenant: \(Tenant.nameRule)") }
        return Tenant(name: name)
    }

    private static func dialect(_ name: String?, _ place: String, _ findings: inout [String]) -> String? {
        guard let name else { return nil }
        guard let dialect = ClientDialect(named: name) else {
            findings.append("\(place).dialect: one of \(ClientDialect.presets.map(\.name).joined(separator: ", ")) is wanted")
            return nil
        }
        return dialect.name
    }
}

extension ServerTLS {
    /// What a configuration says about TLS; nil where it says nothing.
    /// - Throws: ``ConfigurationError``.
    init?(_ settings: Configuration.TLS) throws(ConfigurationError) {
        guard settings.certificate != nil || settings.privateKey != nil || settings.clientCertificates != "none" else { return nil }
        guard let certificate = settings.certificate, let privateKey = settings.privateKey else {
            throw ConfigurationError(["server.tls: certificate and privateKey are wanted, both"])
        }
        self.init(
            certificateFile: certificate, privateKeyFile: privateKey, clientAuthorityFile: settings.clientAuthority,
            clientCertificates: ClientCertificates(rawValue: settings.clientCertificates) ?? .none)
    }
}
