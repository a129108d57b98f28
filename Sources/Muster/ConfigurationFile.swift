import Foundation
import MusterPlugins
import SCIM
import Yams

/// A YAML file as texts by key, with their lines, and the plugins' settings; with every finding.
struct ConfigurationFile {
    /// What stands at a key.
    struct Value {
        var text: String
        var line: Int
    }

    /// What a file says about one tenant.
    struct TenantSection {
        /// Values of `directory`, by the names of the site's keys.
        var values: [String: Value] = [:]
        /// Settings of plugins, if there are any.
        var plugins: [String: Configuration.Plugin]?
        /// Where its clients may come from, if it is said.
        var allowedAddresses: [String]?
    }

    /// The values by the names of keys, lists as texts with commas.
    private(set) var values: [String: Value] = [:]
    /// The plugins' settings by name.
    private(set) var plugins: [String: Configuration.Plugin] = [:]
    /// What differs for tenants, by their names.
    private(set) var tenants: [String: TenantSection] = [:]
    /// The objects of keys that hold several, by the keys' names.
    private(set) var objects: [String: [ConfigurationObject]] = [:]
    /// What is wrong, each with file and line.
    private(set) var findings: [String] = []
    private let path: String

    /// No file.
    init() { path = "" }

    /// Reads a file.
    init(path: String) {
        self.path = path
        guard let data = FileManager.default.contents(atPath: path) else {
            findings.append("\(path): the file cannot be read")
            return
        }
        do {
            switch try Yams.compose(yaml: String(decoding: data, as: UTF8.self)) {
            case nil: break
            case .mapping(let mapping): read(mapping, below: "")
            case .some(let node) where node.null != nil: break
            default: findings.append("\(path): keys and values are wanted, such as 'server:' with 'port: 8080' below it")
            }
        } catch { findings.append(describe(error)) }
    }

    /// Where a key's value stands, for an error.
    func place(of key: String) -> String { "\(path):\(values[key]?.line ?? 0)" }

    // MARK: Sections and values

    private mutating func read(_ mapping: Node.Mapping, below prefix: String) {
        for (key, value) in mapping {
            let name = prefix + (key.string ?? "")
            let line = key.mark?.line ?? 0
            let inner = Self.names(below: name + ".")
            if name == "plugins" {
                plugins = readPlugins(value, name, at: line)
            } else if name == "tenants" {
                readTenants(value, at: line)
            } else if ConfigurationObject.keys[name] != nil {
                var found: [(line: Int, text: String, hint: String)] = []
                objects[name] = ConfigurationObject.read(value, at: name, line: line) { found.append(($0, $1, $2)) }
                for finding in found { find(finding.line, finding.text, hint: finding.hint) }
            } else if let known = ConfigurationKey.all.first(where: { $0.name == name }) {
                readValue(value, of: known, at: line)
            } else if inner.isEmpty {
                find(line, "unknown key '\(name)'", hint: NearestName.hint(name, among: Self.names(below: prefix)))
            } else if let mapping = value.mapping {
                read(mapping, below: name + ".")
            } else if value.null == nil {
                find(line, "\(name): keys are wanted below it: \(inner.map { $0.dropFirst(name.count + 1) }.joined(separator: ", "))")
            }
        }
    }

    private mutating func readValue(_ value: Node, of key: ConfigurationKey, at line: Int) {
        if let read = self.value(value, of: key, at: line) { values[key.name] = read }
    }

    private mutating func value(_ value: Node, of key: ConfigurationKey, at line: Int) -> Value? {
        switch value {
        // A key without a value is as good as none.
        case .scalar where value.null != nil: return nil
        case .scalar(let scalar): return Value(text: scalar.string, line: line)
        case .sequence(let elements) where key.isList && elements.allSatisfy({ $0.scalar != nil }):
            return Value(text: elements.compactMap(\.scalar?.string).joined(separator: ","), line: line)
        default: find(line, "\(key.name): \(key.wanted) is wanted")
        }
        return nil
    }

    // MARK: Tenants

    private mutating func readTenants(_ node: Node, at line: Int) {
        guard let mapping = node.mapping else {
            if node.null == nil { find(line, "tenants: names of tenants are wanted below it") }
            return
        }
        for (key, value) in mapping {
            let (name, line) = (key.string ?? "", key.mark?.line ?? 0)
            if !Tenant.isValid(name: name) { find(line, "tenants.\(name): \(Tenant.nameRule)") }
            if let section = value.mapping {
                tenants[name] = readTenant(section, name: "tenants.\(name)")
            } else if value.null == nil {
                find(line, "tenants.\(name): keys are wanted below it: \(Self.tenantKeys.joined(separator: ", "))")
            }
        }
    }

    private static let tenantKeys = ["allowedAddresses", "directory", "plugins"]

    private mutating func readTenant(_ section: Node.Mapping, name: String) -> TenantSection {
        var tenant = TenantSection()
        for (key, value) in section {
            let (setting, line) = (key.string ?? "", key.mark?.line ?? 0)
            switch (setting, value.mapping) {
            case ("plugins", _): tenant.plugins = readPlugins(value, "\(name).plugins", at: line)
            case ("directory", let keys?):
                for (key, value) in keys {
                    let (own, line) = ("directory." + (key.string ?? ""), key.mark?.line ?? 0)
                    if let known = ConfigurationKey.all.first(where: { $0.name == own }) {
                        if let read = self.value(value, of: known, at: line) { tenant.values[own] = read }
                    } else {
                        let hint = NearestName.hint(own, among: Self.names(below: "directory."))
                        find(line, "unknown key '\(name).\(own)'", hint: hint)
                    }
                }
            case ("allowedAddresses", _):
                let key = ConfigurationKey.addresses("\(name).\(setting)", \.authentication.allowedAddresses)
                guard let read = self.value(value, of: key, at: line) else { continue }
                var parsed = Configuration()
                if !key.apply(read.text, &parsed) { find(line, "\(key.name): \(key.wanted) is wanted, not '\(read.text)'") }
                tenant.allowedAddresses = parsed.authentication.allowedAddresses
            case ("directory", nil): find(line, "\(name).directory: keys are wanted below it")
            default: find(line, "unknown key '\(name).\(setting)'", hint: NearestName.hint(setting, among: Self.tenantKeys))
            }
        }
        return tenant
    }

    /// The keys and sections directly below a section, with their whole names.
    private static func names(below prefix: String) -> [String] {
        let all = ConfigurationKey.all.map(\.name) + ConfigurationObject.keys.keys.sorted() + ["plugins", "tenants"]
        var names: [String] = []
        for name in all where name.hasPrefix(prefix) {
            let whole = prefix + name.dropFirst(prefix.count).prefix { $0 != "." }
            if !names.contains(whole) { names.append(whole) }
        }
        return names
    }

    // MARK: Plugins

    private mutating func readPlugins(_ node: Node, _ section: String, at line: Int) -> [String: Configuration.Plugin] {
        var plugins: [String: Configuration.Plugin] = [:]
        guard let mapping = node.mapping else {
            if node.null == nil { find(line, "\(section): names of plugins are wanted below it") }
            return plugins
        }
        for (key, value) in mapping {
            let name = key.string ?? ""
            if let settings = value.mapping {
                plugins[name] = readPlugin(settings, name: "\(section).\(name)")
            } else {
                find(key.mark?.line ?? 0, "\(section).\(name): keys are wanted below it: \(Self.pluginKeys.joined(separator: ", "))")
            }
        }
        return plugins
    }

    private static let pluginKeys = ["enabled", "config", "privateHosts", "shadow"]

    private mutating func readPlugin(_ settings: Node.Mapping, name: String) -> Configuration.Plugin {
        var plugin = Configuration.Plugin()
        for (key, value) in settings {
            let setting = key.string ?? ""
            let line = key.mark?.line ?? 0
            switch setting {
            case "enabled":
                plugin.isEnabled = value.bool
                if value.bool == nil { find(line, "\(name).enabled: true or false is wanted") }
            case "config":
                plugin.config = AttributeValue(yaml: value)
                if plugin.config.complex == nil { find(line, "\(name).config: keys and values are wanted below it") }
            case "privateHosts":
                plugin.privateHosts = value.sequence?.compactMap(\.scalar?.string) ?? []
                if plugin.privateHosts.count != value.sequence?.count { find(line, "\(name).privateHosts: a list of names is wanted") }
            case "shadow":
                plugin.shadow = value.null == nil ? value.scalar?.string : nil
                if value.scalar == nil { find(line, "\(name).shadow: the path of a folder is wanted") }
            default:
                find(line, "unknown key '\(name).\(setting)'", hint: NearestName.hint(setting, among: Self.pluginKeys))
            }
        }
        return plugin
    }

    // MARK: Findings

    private mutating func find(_ line: Int, _ text: String, hint: String = "") {
        findings.append("\(path):\(line): \(text)" + (hint.isEmpty ? "" : "; \(hint)"))
    }

    /// What is wrong with the YAML itself, in one line.
    private func describe(_ error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            "\(path):\(mark.line): \(problem)"
        case .duplicatedKeysInMapping(let duplicates, let context):
            "\(path):\(context.mark.line): a key stands there twice: \(duplicates.joined(separator: ", "))"
        default: "\(path): \(error)".replacing("\n", with: " ")
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
            if scalar.style == .singleQuoted || scalar.style == .doubleQuoted {
                self = .string(scalar.string)
            } else if node.null != nil {
                self = .null
            } else if let flag = node.bool {
                self = .boolean(flag)
            } else if let number = node.int {
                self = .integer(Int64(number))
            } else if let number = node.float {
                self = .decimal(number)
            } else {
                self = .string(scalar.string)
            }
        case .alias: self = .null
        }
    }
}
