import Configuration
import MusterCore
import MusterServer
import SCIM

extension Configuration {
    /// Reads a configuration from a file, the environment and flags, in rising precedence.
    /// - Parameters:
    ///   - file: A YAML file; nil for none.
    ///   - environment: Variables such as `MUSTER_SERVER_PORT`. `MUSTER_SECRET_…` are the plugins' and left alone.
    ///   - flags: Values by the names of keys, such as `server.port`.
    /// - Throws: ``ConfigurationError`` with every finding: a file that cannot be read, unknown keys with the nearest
    ///   known one, values that do not fit.
    public static func load(
        file: String? = nil, environment: [String: String] = [:], flags: [String: String] = [:]
    ) throws -> Configuration {
        let document = file.map { ConfigurationFile(path: $0) } ?? ConfigurationFile()
        var findings = document.findings + unknownVariables(environment)
        var configuration = Configuration()
        configuration.plugins = document.plugins

        let keys = ConfigurationKey.all
        let known = Dictionary(uniqueKeysWithValues: keys.map { ($0.variable, $0.name) })
        let variables = environment.compactMap { name, value in known[name].map { ($0, value) } }
        let reader = ConfigReader(providers: [
            provider("flags", flags), provider("environment", Dictionary(variables) { first, _ in first }),
            provider(file ?? "no file", document.values.mapValues(\.text)),
        ])
        for key in keys {
            guard let text = reader.string(forKey: ConfigKey(key.name)) else { continue }
            if key.apply(text, &configuration) { continue }
            let isFlag = flags[key.name] != nil
            let place = isFlag ? key.name : environment[key.variable] != nil ? key.variable : "\(document.place(of: key.name)): \(key.name)"
            findings.append("\(place): \(key.wanted) is wanted, not '\(text)'")
        }
        for (name, section) in document.tenants {
            var site = configuration
            for (key, value) in section.values {
                guard let known = keys.first(where: { $0.name == key }), !known.apply(value.text, &site) else { continue }
                findings.append("\(file ?? ""):\(value.line): tenants.\(name).\(key): \(known.wanted) is wanted, not '\(value.text)'")
            }
            var tenant = Tenant()
            tenant.directory = site.directory
            tenant.plugins = section.plugins
            tenant.allowedAddresses = section.allowedAddresses
            configuration.tenants[name] = tenant
        }
        configuration.authentication.read(document.objects) { findings.append("\(file ?? ""):\($0): \($1)") }
        if findings.isEmpty { findings = authenticationFindings(configuration, document.objects, file: file ?? "") }
        guard findings.isEmpty else { throw ConfigurationError(findings) }
        return configuration
    }

    /// What is wrong with authentication taken together, with the lines of the objects.
    private static func authenticationFindings(
        _ configuration: Configuration, _ objects: [String: [ConfigurationObject]], file: String
    ) -> [String] {
        do throws(ConfigurationError) {
            _ = try AuthenticationSettings(configuration)
            return []
        } catch {
            return error.findings.map { finding in
                guard let object = objects.values.joined().first(where: { finding.hasPrefix($0.name + ".") }) else { return finding }
                let field = finding.dropFirst(object.name.count + 1).prefix { $0 != ":" && $0 != "." }
                return "\(file):\(object.fields[String(field)]?.line ?? object.line): \(finding)"
            }
        }
    }

    private static func provider(_ name: String, _ values: [String: String]) -> InMemoryProvider {
        InMemoryProvider(
            name: name,
            values: Dictionary(
                uniqueKeysWithValues: values.map { key, value in
                    (AbsoluteConfigKey(ConfigKey(key)), ConfigValue(.string(value), isSecret: false))
                }))
    }

    /// Variables that the project's own scripts read.
    private static let scriptVariables: Set<String> = ["MUSTER_SCRATCH"]

    private static func unknownVariables(_ environment: [String: String]) -> [String] {
        let known = ConfigurationKey.all.map(\.variable)
        let unknown = environment.keys.filter { name in
            name.hasPrefix("MUSTER_") && !name.hasPrefix("MUSTER_SECRET_") && !known.contains(name) && !scriptVariables.contains(name)
        }
        return unknown.sorted().map { "unknown environment variable \($0); \(NearestName.hint($0, among: known))" }
    }
}
