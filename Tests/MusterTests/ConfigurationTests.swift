import Testing

@testable import Muster

@Suite("Configuration")
struct ConfigurationTests {
    /// A key, a value that is not its default, and where the value goes.
    struct Row: Sendable, CustomTestStringConvertible {
        let key: String
        let variable: String
        let text: String
        let isApplied: @Sendable (Configuration) -> Bool

        var testDescription: String { key }

        /// The key in a file: a line for each level.
        var yaml: String {
            let parts = key.split(separator: ".")
            let lines = parts.enumerated().map { String(repeating: "  ", count: $0) + $1 + ":" }
            return lines.joined(separator: "\n") + " " + text + "\n"
        }
    }

    static let rows: [Row] =
        [
            Row(key: "server.host", variable: "MUSTER_SERVER_HOST", text: "0.0.0.0") { $0.server.host == "0.0.0.0" },
            Row(key: "server.port", variable: "MUSTER_SERVER_PORT", text: "9090") { $0.server.port == 9090 },
            Row(key: "server.publicURL", variable: "MUSTER_SERVER_PUBLIC_URL", text: "https://a.example/scim/v2") {
                $0.server.publicURL == "https://a.example/scim/v2"
            },
            Row(key: "server.trustForwardedHeaders", variable: "MUSTER_SERVER_TRUST_FORWARDED_HEADERS", text: "true") {
                $0.server.trustForwardedHeaders
            },
            Row(key: "server.maximumBodyBytes", variable: "MUSTER_SERVER_MAXIMUM_BODY_BYTES", text: "4096") {
                $0.server.maximumBodyBytes == 4096
            },
            Row(key: "server.requestTimeoutSeconds", variable: "MUSTER_SERVER_REQUEST_TIMEOUT_SECONDS", text: "7") {
                $0.server.requestTimeoutSeconds == 7
            },
            Row(key: "server.maximumConnections", variable: "MUSTER_SERVER_MAXIMUM_CONNECTIONS", text: "5") {
                $0.server.maximumConnections == 5
            },
            Row(key: "server.metrics", variable: "MUSTER_SERVER_METRICS", text: "open") { $0.server.metrics == "open" },
            Row(key: "directory.defaultCount", variable: "MUSTER_DIRECTORY_DEFAULT_COUNT", text: "20") { $0.directory.defaultCount == 20 },
            Row(key: "directory.maximumCount", variable: "MUSTER_DIRECTORY_MAXIMUM_COUNT", text: "200") {
                $0.directory.maximumCount == 200
            },
            Row(key: "directory.patchBodyMemberLimit", variable: "MUSTER_DIRECTORY_PATCH_BODY_MEMBER_LIMIT", text: "0") {
                $0.directory.patchBodyMemberLimit == 0
            },
            Row(key: "directory.uniqueGroupNames", variable: "MUSTER_DIRECTORY_UNIQUE_GROUP_NAMES", text: "yes") {
                $0.directory.uniqueGroupNames
            },
            Row(key: "directory.dialect", variable: "MUSTER_DIRECTORY_DIALECT", text: "okta") { $0.directory.dialect == "okta" },
            Row(key: "directory.unknownAttributes", variable: "MUSTER_DIRECTORY_UNKNOWN_ATTRIBUTES", text: "refuse") {
                $0.directory.unknownAttributes == "refuse"
            },
            Row(key: "directory.patchAnswer", variable: "MUSTER_DIRECTORY_PATCH_ANSWER", text: "noContent") {
                $0.directory.patchAnswer == "noContent"
            },
            Row(key: "directory.schemas", variable: "MUSTER_DIRECTORY_SCHEMAS", text: "schemas") { $0.directory.schemas == "schemas" },
            Row(key: "directory.passwords", variable: "MUSTER_DIRECTORY_PASSWORDS", text: "drop") { $0.directory.passwords == "drop" },
            Row(key: "directory.cursorLifetimeSeconds", variable: "MUSTER_DIRECTORY_CURSOR_LIFETIME_SECONDS", text: "60") {
                $0.directory.cursorLifetimeSeconds == 60
            },
            Row(key: "directory.bulkMaximumOperations", variable: "MUSTER_DIRECTORY_BULK_MAXIMUM_OPERATIONS", text: "10") {
                $0.directory.bulkMaximumOperations == 10
            },
            Row(key: "directory.bulkMaximumPayloadBytes", variable: "MUSTER_DIRECTORY_BULK_MAXIMUM_PAYLOAD_BYTES", text: "4096") {
                $0.directory.bulkMaximumPayloadBytes == 4096
            },
            Row(key: "directory.indexUser", variable: "MUSTER_DIRECTORY_INDEX_USER", text: "title, nickName") {
                $0.directory.indexUser == ["title", "nickName"]
            },
            Row(key: "directory.indexGroup", variable: "MUSTER_DIRECTORY_INDEX_GROUP", text: "externalId") {
                $0.directory.indexGroup == ["externalId"]
            },
            Row(key: "delivery.concurrency", variable: "MUSTER_DELIVERY_CONCURRENCY", text: "3") { $0.delivery.concurrency == 3 },
            Row(key: "delivery.retentionDays", variable: "MUSTER_DELIVERY_RETENTION_DAYS", text: "30") { $0.delivery.retentionDays == 30 },
            Row(key: "delivery.graceSeconds", variable: "MUSTER_DELIVERY_GRACE_SECONDS", text: "1") { $0.delivery.graceSeconds == 1 },
            Row(key: "delivery.recordCalls", variable: "MUSTER_DELIVERY_RECORD_CALLS", text: "no") { !$0.delivery.recordCalls },
            Row(key: "events.mode", variable: "MUSTER_EVENTS_MODE", text: "full") { $0.events.mode == "full" },
            Row(key: "events.audience", variable: "MUSTER_EVENTS_AUDIENCE", text: "siem") { $0.events.audience == "siem" },
            Row(key: "events.advertised", variable: "MUSTER_EVENTS_ADVERTISED", text: "yes") { $0.events.isAdvertised },
            Row(key: "events.signingKey", variable: "MUSTER_EVENTS_SIGNING_KEY", text: "EVENTS") { $0.events.signingKey == "EVENTS" },
            Row(key: "mail.sendmail", variable: "MUSTER_MAIL_SENDMAIL", text: "/usr/bin/msmtp") { $0.mail.sendmail == "/usr/bin/msmtp" },
            Row(key: "mail.from", variable: "MUSTER_MAIL_FROM", text: "Muster <muster@example.com>") {
                $0.mail.from == "Muster <muster@example.com>"
            },
            Row(key: "pluginReload", variable: "MUSTER_PLUGIN_RELOAD", text: "signal") { $0.pluginReload == "signal" },
            Row(key: "pluginPins", variable: "MUSTER_PLUGIN_PINS", text: "required") { $0.pluginPins == "required" },
            Row(key: "secretsFolder", variable: "MUSTER_SECRETS_FOLDER", text: "/run/secrets") { $0.secretsFolder == "/run/secrets" },
            Row(key: "trustedAuthorities", variable: "MUSTER_TRUSTED_AUTHORITIES", text: "/etc/ca.pem") {
                $0.trustedAuthorities == "/etc/ca.pem"
            },
            Row(key: "logLevel", variable: "MUSTER_LOG_LEVEL", text: "debug") { $0.logLevel == "debug" },
        ] + AuthenticationConfigurationTests.rows

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Reads a file with this text.
    private func load(
        _ yaml: String, environment: [String: String] = [:], flags: [String: String] = [:]
    ) throws -> Configuration {
        try Configuration.load(file: folder.write("muster.yaml", yaml), environment: environment, flags: flags)
    }

    /// What is found wrong, without the folder's path.
    private func findings(_ yaml: String?, environment: [String: String] = [:], flags: [String: String] = [:]) throws -> [String] {
        let file = try yaml.map { try folder.write("muster.yaml", $0) }
        let error = try #require(throws: ConfigurationError.self) {
            try Configuration.load(file: file, environment: environment, flags: flags)
        }
        return error.findings.map { $0.replacing(folder.path(""), with: "") }
    }

    @Test("Without any source, everything has its default")
    func defaults() throws {
        #expect(try Configuration.load() == Configuration())
        #expect(try load("") == Configuration())
        #expect(try load("# nothing yet\n") == Configuration())
        #expect(try load("server:\nplugins:\n") == Configuration())
    }

    @Test("Each key can be given in the file, by a variable and as a flag", arguments: rows)
    func sources(_ row: Row) throws {
        #expect(!row.isApplied(Configuration()), "the value of the test is the default")
        #expect(row.isApplied(try load(row.yaml)))
        #expect(row.isApplied(try Configuration.load(environment: [row.variable: row.text])))
        #expect(row.isApplied(try Configuration.load(flags: [row.key: row.text])))
    }

    @Test("Every key is in the table above, and in the help of 'muster serve'")
    func completeness() async throws {
        #expect(Self.rows.map(\.key) == ConfigurationKey.all.map(\.name))
        #expect(Self.rows.map(\.variable) == ConfigurationKey.all.map(\.variable))
        let help = try await MusterCommand.run("serve", "--help").output
        let words = Set(help.split { !$0.isLetter })
        for key in Self.rows.map(\.key) {
            for part in key.split(separator: ".") { #expect(words.contains(part), "\(key)") }
        }
    }

    @Test("A variable beats the file, and a flag beats both")
    func precedence() throws {
        let file = "server:\n  port: 1001\n  host: file\n"
        #expect(try load(file).server.port == 1001)
        let environment = ["MUSTER_SERVER_PORT": "1002"]
        #expect(try load(file, environment: environment).server.port == 1002)
        let all = try load(file, environment: environment, flags: ["server.port": "1003"])
        #expect(all.server.port == 1003)
        #expect(all.server.host == "file", "what nobody overrides stays")
    }

    @Test("Lists are written in either YAML form")
    func lists() throws {
        #expect(try load("directory:\n  indexUser: [title, nickName]\n").directory.indexUser == ["title", "nickName"])
        #expect(try load("directory:\n  indexUser:\n    - title\n    - nickName\n").directory.indexUser == ["title", "nickName"])
        let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
        #expect(try load("directory:\n  indexUser: [\"\(urn)\"]\n").directory.indexUser == [urn])
    }

    @Test(
        "An unknown key is refused with file, line and the nearest known one",
        arguments: [
            ("server:\n  host: a\n  prot: 1\n", "muster.yaml:3: unknown key 'server.prot'; did you mean 'server.port'?"),
            ("logLevle: info\n", "muster.yaml:1: unknown key 'logLevle'; did you mean 'logLevel'?"),
            ("sever:\n  port: 1\n", "muster.yaml:1: unknown key 'sever'; did you mean 'server'?"),
            (
                "plugins:\n  welcome-mail:\n    enable: true\n",
                "muster.yaml:3: unknown key 'plugins.welcome-mail.enable'; did you mean 'enabled'?"
            ),
            ("server:\n  port:\n    number: 1\n", "muster.yaml:2: server.port: a whole number from 0 to 65535 is wanted"),
        ])
    func unknownKeys(yaml: String, finding: String) throws {
        let found = try findings(yaml)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(finding) == true, "\(found)")
    }

    @Test("An unknown variable is refused; those of secrets and scripts are not ours")
    func unknownVariables() throws {
        #expect(
            try findings(nil, environment: ["MUSTER_SERVER_PROT": "1"])
                == ["unknown environment variable MUSTER_SERVER_PROT; did you mean 'MUSTER_SERVER_PORT'?"])
        let others = ["MUSTER_SECRET_MAIL_TOKEN": "x", "MUSTER_SCRATCH": "/tmp/x", "HOME": "/root", "PORT": "1"]
        #expect(try Configuration.load(environment: others) == Configuration())
    }

    @Test(
        "A value that does not fit is refused with key, what is wanted, and the value",
        arguments: [
            ("server:\n  port: eighty\n", "muster.yaml:2: server.port: a whole number from 0 to 65535 is wanted, not 'eighty'"),
            ("server:\n  port: 65536\n", "muster.yaml:2: server.port: a whole number from 0 to 65535 is wanted, not '65536'"),
            ("server:\n  port: 80.5\n", "muster.yaml:2: server.port: a whole number from 0 to 65535 is wanted, not '80.5'"),
            (
                "server:\n  trustForwardedHeaders: maybe\n",
                "muster.yaml:2: server.trustForwardedHeaders: true or false is wanted, not 'maybe'"
            ),
            ("server:\n  host: ''\n", "muster.yaml:2: server.host: a text that is not empty is wanted, not ''"),
            ("delivery:\n  concurrency: 0\n", "muster.yaml:2: delivery.concurrency: a whole number from 1 to 10000 is wanted, not '0'"),
            (
                "logLevel: loud\n",
                "muster.yaml:1: logLevel: one of trace, debug, info, notice, warning, error, critical is wanted, not 'loud'"
            ),
            ("mail:\n  sendmail: sendmail\n", "muster.yaml:2: mail.sendmail: an absolute path is wanted, not 'sendmail'"),
            ("mail:\n  from: muster\n", "muster.yaml:2: mail.from: a mail address such as Muster <muster@example.com> is wanted, not"),
            ("server:\n  port: [80, 81]\n", "muster.yaml:2: server.port: a whole number from 0 to 65535 is wanted"),
            ("directory:\n  indexUser:\n    - a: b\n", "muster.yaml:2: directory.indexUser: a list"),
            ("plugins:\n  a:\n    enabled: perhaps\n", "muster.yaml:3: plugins.a.enabled: true or false is wanted"),
            ("plugins:\n  a:\n    config: [1]\n", "muster.yaml:3: plugins.a.config: keys and values are wanted"),
            ("plugins:\n  a:\n    privateHosts: 7\n", "muster.yaml:3: plugins.a.privateHosts: a list"),
            ("plugins:\n  a: true\n", "muster.yaml:2: plugins.a: keys are wanted below it"),
            ("plugins: [a]\n", "muster.yaml:1: plugins: names of plugins are wanted below it"),
            ("server: 80\n", "muster.yaml:1: server: keys are wanted below it: host, port, publicURL"),
            ("- server\n", "muster.yaml: keys and values are wanted"),
        ])
    func wrongValues(yaml: String, finding: String) throws {
        let found = try findings(yaml)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(finding) == true, "\(found)")
    }

    @Test("A wrong variable and a wrong flag are named as such")
    func wrongElsewhere() throws {
        #expect(
            try findings("server:\n  port: 1\n", environment: ["MUSTER_SERVER_PORT": "x"])
                == ["MUSTER_SERVER_PORT: a whole number from 0 to 65535 is wanted, not 'x'"])
        #expect(
            try findings(nil, flags: ["server.port": "70000"]) == ["server.port: a whole number from 0 to 65535 is wanted, not '70000'"])
    }

    @Test("Everything that is wrong is told at once")
    func allAtOnce() throws {
        let found = try findings(
            "server:\n  port: x\n  prot: 1\nlogLevel: loud\n", environment: ["MUSTER_SERVER_HSOT": "a"])
        #expect(found.count == 4)
    }

    @Test("A file that cannot be read or is no YAML is refused by its name")
    func badFiles() throws {
        let missing = folder.path("none.yaml")
        let error = try #require(throws: ConfigurationError.self) { try Configuration.load(file: missing) }
        #expect(error.findings == ["\(missing): the file cannot be read"])
        let found = try findings("server: [1\n")
        #expect(found.count == 1)
        #expect(found[0] == "muster.yaml:2: did not find expected ',' or ']'", "\(found)")
        let twice = try findings("server:\n  port: 1\n  port: 2\n")
        #expect(twice == ["muster.yaml:2: a key stands there twice: port"])
    }

    @Test("A plugin's settings keep their types")
    func plugins() throws {
        let plugin = try #require(
            load(
                """
                plugins:
                  welcome-mail:
                    enabled: no
                    privateHosts: [127.0.0.1, mail.internal]
                    config:
                      webhook: https://mail.example.com
                      count: 3
                      ratio: 0.5
                      on: true
                      text: "3"
                      list: [a, 1]
                      inner: { key: value }
                      nothing: ~
                """
            ).plugins["welcome-mail"])
        #expect(plugin.isEnabled == false)
        #expect(plugin.privateHosts == ["127.0.0.1", "mail.internal"])
        #expect(
            plugin.config == [
                "webhook": "https://mail.example.com", "count": 3, "ratio": .decimal(0.5), "on": true, "text": "3", "list": ["a", 1],
                "inner": ["key": "value"], "nothing": .null,
            ])
    }

    @Test("A plugin that is only named has the defaults, and no plugin is no error")
    func barePlugins() throws {
        #expect(try load("plugins:\n  a: {}\n").plugins == ["a": Configuration.Plugin()])
        #expect(try load("plugins: {}\n").plugins.isEmpty)
    }
}
