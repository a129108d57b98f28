import Configuration
import Foundation
import MusterPlugins
import SCIM
import Yams

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
        var findings: [String] = []
        var configuration = Configuration()
        var document = ConfigurationFile()
        if let file { document = ConfigurationFile(path: file, findings: &findings) }
        configuration.plugins = document.plugins
        checkVariables(environment, &findings)

        let keys = ConfigurationKey.all
        let known = Dictionary(uniqueKeysWithValues: keys.map { ($0.variable, $0.name) })
        let variables = environment.compactMap { name, value in known[name].map { ($0, value) } }
        let reader = ConfigReader(providers: [
            provider("flags", flags), provider("environment", Dictionary(variables) { first, _ in first }),
            provider(file ?? "no file", document.values.mapValues(\.text)),
        ])
        for key in keys {
            guard let text = reader.string(forKey: ConfigKey(key.name)) else { continue }
            if !key.apply(text, &configuration) {
                let isFromFile = flags[key.name] == nil && environment[key.variable] == nil
                let place = isFromFile ? "\(file ?? ""):\(document.values[key.name]?.line ?? 0): " : ""
                findings.append("\(place)\(key.name): \(key.wanted) is wanted, not '\(text)'")
            }
        }
        guard findings.isEmpty else { throw ConfigurationError(findings) }
        return configuration
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

    private static func checkVariables(_ environment: [String: String], _ findings: inout [String]) {
        let known = ConfigurationKey.all.map(\.variable)
        for name in environment.keys.sorted() where name.hasPrefix("MUSTER_") && !name.hasPrefix("MUSTER_SECRET_") {
            guard !known.contains(name), !scriptVariables.contains(name) else { continue }
            let hint = NearestName.hint(name, among: known)
            findings.append("unknown environment variable \(name)" + (hint.isEmpty ? "" : "; \(hint)"))
        }
    }
}

/// A YAML file as values by key, with lines, and the plugins' settings.
struct ConfigurationFile {
    struct Value {
        var text: String
        var line: Int
    }

    var values: [String: Value] = [:]
    var plugins: [String: Configuration.Plugin] = [:]

    init() {}

    init(path: String, findings: inout [String]) {
        guard let data = FileManager.default.contents(atPath: path) else {
            findings.append("\(path): the file cannot be read")
            return
        }
        do {
            guard let root = try Yams.compose(yaml: String(decoding: data, as: UTF8.self)) else { return }
            guard case .mapping(let mapping) = root else {
                findings.append("\(path): keys and values are wanted, such as 'server:' with 'port: 8080' below it")
                return
            }
            read(mapping, prefix: "", path: path, &findings)
        } catch {
            findings.append("\(path): \(error)")
        }
    }

    private mutating func read(_ mapping: Node.Mapping, prefix: String, path: String, _ findings: inout [String]) {
        let known = ConfigurationKey.all.map(\.name) + ["plugins"]
        for (key, value) in mapping {
            let name = prefix + (key.string ?? "")
            let line = key.mark?.line ?? 0
            switch value {
            case .mapping(let inner) where name == "plugins": readPlugins(inner, path: path, &findings)
            case .mapping(let inner) where known.contains { $0.hasPrefix(name + ".") }:
                read(inner, prefix: name + ".", path: path, &findings)
            case .scalar(let scalar) where known.contains(name) && name != "plugins":
                values[name] = Value(text: value.null == nil ? scalar.string : "", line: line)
            case .sequence(let elements) where known.contains(name) && name != "plugins":
                values[name] = Value(text: elements.compactMap(\.string).joined(separator: ","), line: line)
            default:
                if name == "plugins", value.null != nil { continue }
                let hint = NearestName.hint(name, among: known)
                findings.append("\(path):\(line): unknown key '\(name)'" + (hint.isEmpty ? "" : "; \(hint)"))
            }
        }
    }

    private mutating func readPlugins(_ mapping: Node.Mapping, path: String, _ findings: inout [String]) {
        for (key, value) in mapping {
            let name = key.string ?? ""
            var plugin = Configuration.Plugin()
            guard case .mapping(let settings) = value else {
                findings.append("\(path):\(key.mark?.line ?? 0): plugins.\(name): keys are wanted below it: enabled, config, privateHosts")
                continue
            }
            for (key, value) in settings {
                let setting = key.string ?? ""
                let place = "\(path):\(key.mark?.line ?? 0): plugins.\(name).\(setting)"
                switch setting {
                case "enabled":
                    plugin.isEnabled = value.bool
                    if value.bool == nil { findings.append("\(place): true or false is wanted") }
                case "config":
                    plugin.config = AttributeValue(yaml: value)
                    if plugin.config.complex == nil { findings.append("\(place): keys and values are wanted below it") }
                case "privateHosts": plugin.privateHosts = value.sequence?.compactMap(\.string) ?? []
                default:
                    let hint = NearestName.hint(setting, among: ["enabled", "config", "privateHosts"])
                    findings.append(
                        "\(path):\(key.mark?.line ?? 0): unknown key 'plugins.\(name).\(setting)'" + (hint.isEmpty ? "" : "; \(hint)"))
                }
            }
            plugins[name] = plugin
        }
    }
}

extension AttributeValue {
    /// A YAML value as JSON has it; what is quoted is a string.
    fileprivate init(yaml node: Node) {
        switch node {
        case .mapping(let mapping):
            self = .complex(AttributeMap(mapping.map { .init(name: $0.key.string ?? "", value: AttributeValue(yaml: $0.value)) }))
        case .sequence(let elements): self = .array(elements.map { AttributeValue(yaml: $0) })
        case .scalar(let scalar):
            if scalar.style == .singleQuoted || scalar.style == .doubleQuoted { self = .string(scalar.string); return }
            if node.null != nil { self = .null; return }
            if let flag = node.bool { self = .boolean(flag); return }
            if let number = node.int { self = .integer(Int64(number)); return }
            if let number = node.float { self = .decimal(number); return }
            self = .string(scalar.string)
        case .alias: self = .null
        }
    }
}
