import Foundation
import MusterDirectory
import MusterPlugins
import MusterServer

extension EventSettings {
    /// What a configuration says about security events.
    /// - Throws: ``ConfigurationError`` when the signing key is missing or none.
    init(_ settings: Configuration.Events, secretsFolder: String?, environment: [String: String]) throws {
        var key: EventSigningKey?
        if let name = settings.signingKey {
            let secret = SecretSource.environment(environment, folder: secretsFolder.map { URL(filePath: $0) })
            guard let pem = secret(name) else {
                throw ConfigurationError([
                    "events.signingKey: there is no secret '\(name)'; set MUSTER_SECRET_\(name) or put it into secretsFolder"
                ])
            }
            guard let read = try? EventSigningKey(pem: pem) else {
                throw ConfigurationError(["events.signingKey: the secret '\(name)' holds no P-256 private key in PEM"])
            }
            key = read
        }
        self.init(
            mode: SecurityEventMode(rawValue: settings.mode) ?? .notice, audience: settings.audience, signingKey: key,
            isAdvertised: settings.isAdvertised)
    }
}
