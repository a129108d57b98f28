/// What is wrong with ``AuthenticationSettings``: every finding at once, a line each.
package struct InvalidAuthenticationSettings: Error, Sendable, Hashable, CustomStringConvertible {
    /// The findings, such as `authentication.jwt[0].audience: …`.
    package var findings: [String]

    /// The findings, a line each.
    package var description: String { findings.joined(separator: "\n") }
}

extension AuthenticationSettings {
    /// Looks for settings with which nobody could get in, or the wrong ones could.
    /// - Throws: ``InvalidAuthenticationSettings``.
    package func check() throws {
        let findings = checkIssuers() + checkUsers() + checkCertificates()
        guard findings.isEmpty else { throw InvalidAuthenticationSettings(findings: findings) }
    }

    private func checkIssuers() -> [String] {
        var findings: [String] = []
        for (position, issuer) in issuers.enumerated() {
            let place = "authentication.jwt[\(position)]"
            if issuer.issuer.isEmpty { findings.append("\(place).issuer: the token's 'iss' is wanted") }
            if issuers[..<position].contains(where: { $0.issuer == issuer.issuer }) {
                findings.append("\(place).issuer: '\(issuer.issuer)' stands there twice")
            }
            if issuer.audiences.isEmpty || issuer.audiences.contains("") {
                findings.append("\(place).audience: what the tokens' 'aud' says is wanted, or tokens for others would be good here")
            }
            if issuer.algorithms.isEmpty { findings.append("\(place).algorithms: at least one is wanted") }
            for algorithm in issuer.algorithms where !JWTSettings.knownAlgorithms.contains(algorithm) {
                let known = JWTSettings.knownAlgorithms.joined(separator: ", ")
                findings.append("\(place).algorithms: '\(algorithm)' cannot be allowed; known are \(known)")
            }
            if case .url(let url) = issuer.keys, !JSONWebKeySource.isAllowed(url) {
                findings.append("\(place).jwks: an https URL is wanted, or an http URL of this machine, not '\(url)'")
            }
        }
        return findings
    }

    private func checkUsers() -> [String] {
        var findings: [String] = []
        for (position, user) in users.enumerated() {
            let place = "authentication.basic[\(position)]"
            if !Self.isName(user.name) || user.name.contains(":") {
                findings.append("\(place).name: 1 to 128 characters are wanted, without colons and control characters")
            }
            if users[..<position].contains(where: { $0.name == user.name }) {
                findings.append("\(place).name: '\(user.name)' stands there twice")
            }
            if !PasswordHash.isHash(user.passwordHash) {
                findings.append("\(place).passwordHash: what 'muster token hash-password' prints is wanted")
            }
        }
        return findings
    }

    private func checkCertificates() -> [String] {
        var findings: [String] = []
        for (position, mapping) in certificates.enumerated() {
            let place = "authentication.certificates[\(position)]"
            if !Self.isName(mapping.name) {
                findings.append("\(place).name: 1 to 128 characters are wanted, without control characters")
            }
            if certificates[..<position].contains(where: { $0.identity == mapping.identity }) {
                findings.append("\(place).subject: it stands there twice")
            }
        }
        return findings
    }

    private static func isName(_ name: String) -> Bool { (try? TokenMinter.check(name: name)) != nil }
}
