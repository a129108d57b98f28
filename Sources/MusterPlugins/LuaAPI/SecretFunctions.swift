import MusterLua

extension HostAPI {
    /// `secret(name)`: only those that plugin.json names.
    mutating func addSecrets() {
        let environment = environment
        sync("secret") { _, arguments in
            let name = try arguments.string(0, "secrets.get: the name")
            guard environment.permissions.secrets.contains(name) else {
                throw HostCallError(
                    "secrets.get: '\(name)' is not among this plugin's secrets; add it to permissions.secrets in plugin.json")
            }
            guard let value = environment.secret(name) else {
                throw HostCallError("secrets.get: '\(name)' is not set; set MUSTER_SECRET_\(name) in the server's environment")
            }
            return .string(value)
        }
    }
}
