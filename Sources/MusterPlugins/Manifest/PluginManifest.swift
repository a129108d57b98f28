import MusterCore
import SCIM

/// What `plugin.json` says about a plugin, read and checked before any of its Lua runs.
package struct PluginManifest: Sendable, Hashable {
    /// What a plugin may do; everything else is refused with the name of the permission that is missing.
    package struct Permissions: Sendable, Hashable {
        /// Which URLs it may call.
        package var http: [URLPattern] = []
        /// The names of the secrets that it may read.
        package var secrets: [String] = []
        /// Whether it may keep values in the database.
        package var kv = false
        /// Whom it may write mails to.
        package var mail = MailPermission.nobody
        /// What it may do in the directory: `users:read`, `users:write`, `groups:read`, `groups:write`, `changes:read`. Who changes
        /// memberships by `ctx.groups` needs `groups:write` too.
        package var scim: [String] = []
    }

    /// What one run of a hook may cost.
    package struct Limits: Sendable, Hashable {
        /// CPU time; nil for 50 ms before the commit and 250 ms after it.
        package var cpu: Duration?
        /// Time with waiting; nil for 30 s. Hooks before the commit never have more than 2 s.
        package var wall: Duration?
        /// The heap, in bytes, over all runs.
        package var memoryBytes = 16 << 20
    }

    /// When a delivery that asks for it is tried again.
    package struct Retry: Sendable, Hashable {
        /// After so many attempts a delivery is set aside.
        package var maximumAttempts = 12
        /// The first wait; it doubles each time.
        package var base: Duration = .seconds(2)
        /// The longest wait.
        package var maximum: Duration = .seconds(3600)
    }

    /// How fast deliveries come.
    package struct Delivery: Sendable, Hashable {
        /// How many run at the same time; nil for 32. Never two of one person or group.
        package var concurrency: Int?
        /// How many begin in a second on average, and at most at once; nil for no limit.
        package var ratePerSecond: Double?
    }

    /// What a crash or time-out in a map or check hook means.
    package enum FailurePolicy: String, Sendable, Hashable, CaseIterable {
        /// The request is answered with 503 and `Retry-After`, so that the client tries again.
        case refuse
        /// The plugin is passed over, and the log says so.
        case ignore
    }

    /// The name, which is also the folder's.
    package var name: String
    /// The plugin's own version, for people.
    package var version = ""
    /// The level of the `muster.*` API that it is written for.
    package var api = 1
    /// What it does, in a sentence.
    package var description = ""
    /// Lower ones run first; ties by name.
    package var order = 500
    /// What it may do.
    package var permissions = Permissions()
    /// What its settings look like.
    package var config = ConfigSchema.empty
    /// What a run may cost.
    package var limits = Limits()
    /// When deliveries are tried again.
    package var retry = Retry()
    /// When `onSchedule` runs; nil for never.
    package var schedule: CronExpression?
    /// How fast deliveries come.
    package var delivery = Delivery()
    /// What a crash means.
    package var onFailure = FailurePolicy.refuse

    init(name: String) { self.name = name }
}

extension PluginManifest {
    /// The text of a manifest and what a person has to repair in it.
    struct Reading {
        var manifest: PluginManifest
        var findings: [Diagnostic]
    }

    /// The form of a plugin's name.
    static func isName(_ text: String) -> Bool {
        1...40 ~= text.utf8.count && text.first != "-"
            && text.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "-") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
            }
    }

    /// Reads `plugin.json` of the folder called `folder`; all findings at once.
    static func read(_ bytes: [UInt8], folder: String) -> Reading {
        var findings = Findings(file: "\(folder)/plugin.json", text: String(decoding: bytes, as: UTF8.self))
        var manifest = PluginManifest(name: folder)
        do {
            let value = try AttributeValue(json: bytes, limits: JSONLimits(maximumDepth: 24, maximumBytes: 64 << 10))
            if case .complex(let map) = value {
                manifest.read(map, &findings)
            } else {
                findings.error("", "is not a JSON object")
            }
        } catch {
            let line = bytes.prefix(error.offset).count { $0 == UInt8(ascii: "\n") } + 1
            let finding = Diagnostic(.error, "is not valid JSON: \(error.reason)", file: findings.file, line: line)
            return Reading(manifest: manifest, findings: [finding])
        }
        return Reading(manifest: manifest, findings: findings.list)
    }

    private mutating func read(_ map: AttributeMap, _ findings: inout Findings) {
        let folder = name
        var fields = DocumentReader(map, at: "")
        if let text = fields.string("name", isRequired: true) {
            if text != folder { findings.error("name", "'\(text)' is not the name of the folder, '\(folder)'", "make them equal") }
            if !Self.isName(text) { findings.error("name", "may hold a-z, 0-9 and '-', at most 40") }
        }
        version = fields.string("version", isRequired: true) ?? ""
        description = fields.string("description") ?? ""
        if let level = fields.integer("api", in: 1...1, isRequired: true) { api = level }
        order = fields.integer("order", in: 0...100_000) ?? order
        onFailure = fields.choice("onFailure") ?? onFailure
        if let schema = fields.take("config") {
            config = ConfigSchema(schema, at: "config", &findings)
            if config.kind != .object { findings.error("config.type", "must be \"object\"") }
        }
        if let inner = fields.object("permissions") { permissions = Permissions(inner, config: config, &findings) }
        if let inner = fields.object("limits") { limits = Limits(inner, &findings) }
        let zone = fields.string("scheduleZone")
        if let text = fields.string("schedule") {
            do { schedule = try CronExpression(text, zone: zone) } catch { findings.error("schedule", error.message) }
        } else if zone != nil {
            findings.error("scheduleZone", "needs a schedule")
        }
        if let inner = fields.object("retry") { retry = Retry(inner, &findings) }
        if let inner = fields.object("delivery") { delivery = Delivery(inner, &findings) }
        findings.add(fields.finish())
    }
}

extension PluginManifest.Permissions {
    static let scimPermissions = ["users:read", "users:write", "groups:read", "groups:write", "changes:read"]

    fileprivate init(_ map: AttributeMap, config: ConfigSchema, _ findings: inout Findings) {
        var fields = DocumentReader(map, at: "permissions")
        for (number, text) in (fields.strings("http") ?? []).enumerated() {
            let path = "permissions.http[\(number + 1)]"
            do {
                let pattern = try URLPattern(text)
                if let setting = pattern.setting, config.property(setting)?.kind != .string {
                    let names = config.properties.filter { $0.schema.kind == .string }.map(\.name)
                    findings.error(path, "'{\(setting)}' names no text among the settings", NearestName.hint(setting, among: names))
                }
                http.append(pattern)
            } catch { findings.error(path, "'\(text)': \(error.message)") }
        }
        secrets = fields.strings("secrets") ?? []
        for (number, name) in secrets.enumerated() where !SecretName.isValid(name) {
            findings.error("permissions.secrets[\(number + 1)]", "'\(name)' may hold A-Z, 0-9 and '_'")
        }
        kv = fields.boolean("kv") ?? false
        if let value = fields.take("mail") { mail = MailPermission(value, &findings) }
        scim = fields.strings("scim") ?? []
        for (number, name) in scim.enumerated() where !Self.scimPermissions.contains(name) {
            let hint = NearestName.hint(name, among: Self.scimPermissions)
            findings.error("permissions.scim[\(number + 1)]", "unknown permission '\(name)'", hint)
        }
        findings.add(fields.finish())
    }
}

extension PluginManifest.Limits {
    fileprivate init(_ map: AttributeMap, _ findings: inout Findings) {
        self.init()
        var fields = DocumentReader(map, at: "limits")
        cpu = fields.integer("cpuMs", in: 1...10_000).map { .milliseconds($0) }
        wall = fields.integer("wallMs", in: 10...120_000).map { .milliseconds($0) }
        if let number = fields.integer("memoryMiB", in: 1...256) { memoryBytes = number << 20 }
        findings.add(fields.finish())
    }
}

extension PluginManifest.Retry {
    fileprivate init(_ map: AttributeMap, _ findings: inout Findings) {
        self.init()
        var fields = DocumentReader(map, at: "retry")
        maximumAttempts = fields.integer("maxAttempts", in: 1...1000) ?? maximumAttempts
        if let number = fields.integer("baseMs", in: 1...3_600_000) { base = .milliseconds(number) }
        if let number = fields.integer("maxMs", in: 1...604_800_000) { maximum = .milliseconds(number) }
        if base > maximum { findings.error("retry.maxMs", "is less than baseMs") }
        findings.add(fields.finish())
    }
}

extension PluginManifest.Delivery {
    fileprivate init(_ map: AttributeMap, _ findings: inout Findings) {
        self.init()
        var fields = DocumentReader(map, at: "delivery")
        concurrency = fields.integer("concurrency", in: 1...10_000)
        ratePerSecond = fields.number("ratePerSecond", in: 0.001...10_000)
        findings.add(fields.finish())
    }
}
