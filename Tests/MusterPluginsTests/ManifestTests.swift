import SCIM
import Testing

@testable import MusterPlugins

@Suite struct ManifestTests {
    private func findings(_ text: String, folder: String = "probe") -> [String] {
        PluginManifest.read(Array(text.utf8), folder: folder).findings.map(\.description)
    }

    @Test("a manifest with every field is read, and what is left out has its default")
    func complete() throws {
        let text = """
            {"name": "probe", "version": "1.2.3", "api": 1, "description": "d", "order": 7, "onFailure": "ignore",
             "permissions": {"http": ["https://api.example.com/*", "{hook}"], "secrets": ["TOKEN_1"], "kv": true, "scim": ["users:read"]},
             "config": {"type": "object", "properties": {"hook": {"type": "string"}}},
             "limits": {"cpuMs": 40, "wallMs": 8000, "memoryMiB": 32},
             "retry": {"maxAttempts": 3, "baseMs": 100, "maxMs": 2000},
             "delivery": {"concurrency": 8, "ratePerSecond": 0.5}}
            """
        let reading = PluginManifest.read(Array(text.utf8), folder: "probe")
        #expect(reading.findings.isEmpty)
        let manifest = reading.manifest
        #expect(manifest.version == "1.2.3" && manifest.description == "d" && manifest.order == 7 && manifest.onFailure == .ignore)
        #expect(manifest.permissions.http.map(\.text) == ["https://api.example.com/*", "{hook}"])
        #expect(manifest.permissions.secrets == ["TOKEN_1"] && manifest.permissions.kv && manifest.permissions.scim == ["users:read"])
        #expect(manifest.limits == .init(cpu: .milliseconds(40), wall: .seconds(8), memoryBytes: 32 << 20))
        #expect(manifest.retry == .init(maximumAttempts: 3, base: .milliseconds(100), maximum: .seconds(2)))

        #expect(manifest.delivery == .init(concurrency: 8, ratePerSecond: 0.5))

        let bare = PluginManifest.read(Array(#"{"name": "probe", "version": "1", "api": 1}"#.utf8), folder: "probe")
        #expect(bare.findings.isEmpty)
        #expect(
            bare.manifest.order == 500 && bare.manifest.onFailure == .refuse && bare.manifest.retry == .init()
                && bare.manifest.delivery == .init())
    }

    @Test(
        "each mistake is named with its place and what to do",
        arguments: [
            (#""permisions": {}"#, "permisions: unknown field; did you mean 'permissions'?"),
            (#""permissions": {"htp": []}"#, "permissions.htp: unknown field; did you mean 'http'?"),
            (#""permissions": {"http": ["ftp://x/*"]}"#, "permissions.http[1]: 'ftp://x/*': the URL's scheme is 'ftp', not http or https"),
            (#""permissions": {"http": ["https://x.example*"]}"#, "a '*' at the end belongs to the path: write https://x.example/*"),
            (#""permissions": {"http": ["https://*.com/*"]}"#, "'*.com' is too wide: name a domain of at least two parts"),
            (#""permissions": {"http": ["{hook}"]}"#, "permissions.http[1]: '{hook}' names no text among the settings; there is none"),
            (#""permissions": {"secrets": ["token"]}"#, "permissions.secrets[1]: 'token' may hold A-Z, 0-9 and '_'"),
            (#""permissions": {"kv": 1}"#, "permissions.kv: is not true or false"),
            (#""permissions": {"mail": "all"}"#, "permissions.mail: is not true, false or a list of domains"),
            (#""permissions": {"mail": ["ada@example.com"]}"#, "permissions.mail[1]: 'ada@example.com' is no domain"),
            (#""permissions": {"mail": ["*.com"]}"#, "permissions.mail[1]: '*.com' is too wide"),
            (#""permissions": {"scim": ["user:read"]}"#, "unknown permission 'user:read'; did you mean 'users:read'?"),
            (#""limits": {"cpuMs": 0}"#, "limits.cpuMs: is not a whole number from 1 to 10000"),
            (#""retry": {"baseMs": 10, "maxMs": 5}"#, "retry.maxMs: is less than baseMs"),
            (#""delivery": {"concurrency": 0}"#, "delivery.concurrency: is not a whole number from 1 to 10000"),
            (#""delivery": {"ratePerSecond": 0}"#, "delivery.ratePerSecond: is not a number from 0.001 to 10000"),
            (#""delivery": {"rate": 1}"#, "delivery.rate: unknown field"),
            (#""onFailure": "crash""#, "onFailure: 'crash' is none of its values; known are: ignore, refuse"),
            (#""order": "first""#, "order: is not a whole number from 0 to 100000"),
            (#""config": {"type": "string"}"#, #"config.type: must be "object""#),
            (#""config": {"type": "object", "propertys": {}}"#, "unknown keyword 'propertys'; did you mean 'properties'?"),
            (#""config": {"type": "object", "required": ["a"]}"#, "config.required: 'a' is not among the properties"),
            (#""config": {"type": "object", "properties": {"a": {"type": "text"}}}"#, "config.properties.a.type: unknown type 'text'"),
            (
                #""config": {"type": "object", "properties": {"a": {"type": "integer", "default": "x"}}}"#,
                "the default is not a whole number"
            ),
            (
                #""config": {"type": "object", "properties": {"a": {"pattern": "("}}}"#,
                "config.properties.a.pattern: is not a regular expression"
            ),
        ])
    func mistakes(_ field: String, _ expected: String) {
        let found = findings("{\"name\": \"probe\", \"version\": \"1\", \"api\": 1, \(field)}")
        #expect(found.count == 1 && found[0].contains(expected), "\(found)")
        #expect(found.allSatisfy { $0.hasPrefix("probe/plugin.json") })
    }

    @Test("all mistakes come at once, with the lines of their fields")
    func all() {
        let found = findings(
            """
            {
              "name": "other",
              "api": 2,
              "colour": "red"
            }
            """)
        #expect(
            found == [
                "probe/plugin.json:2: error: name: 'other' is not the name of the folder, 'probe'; make them equal",
                "probe/plugin.json: error: version: is missing; it is a text",
                "probe/plugin.json:3: error: api: is not 1",
                "probe/plugin.json:4: error: colour: unknown field; known are: api, config, delivery, description, limits, name, onFailure, "
                    + "order, permissions, retry, schedule, scheduleZone, version",
            ])
    }

    @Test("a manifest that is no JSON is named with its line")
    func noJSON() {
        let found = findings("{\n  \"name\": \"probe\",\n  \"api\" 1\n}")
        #expect(found.count == 1 && found[0].hasPrefix("probe/plugin.json:3: error: is not valid JSON: "))
        #expect(findings("[]") == ["probe/plugin.json: error: is not a JSON object"])
    }
}
