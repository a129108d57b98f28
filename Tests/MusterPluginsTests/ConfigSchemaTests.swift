import SCIM
import Testing

@testable import MusterPlugins

@Suite struct ConfigSchemaTests {
    static let schema: AttributeValue = [
        "type": "object", "required": ["webhook"],
        "properties": [
            "webhook": ["type": "string", "format": "uri"],
            "template": ["type": "string", "default": "welcome-v1", "pattern": "^[a-z0-9-]+$"],
            "size": ["type": "integer", "minimum": 1, "maximum": 10], "mode": ["enum": ["fast", "slow"], "default": "fast"],
            "tags": ["type": "array", "items": ["type": "string", "minLength": 2], "maxItems": 2],
            "groups": ["type": "object", "additionalProperties": ["type": "array", "items": ["type": "string"]]],
            "limits": ["type": "object", "properties": ["perDay": ["type": "number", "default": 5]], "default": [:]],
        ],
    ]

    private func check(_ value: AttributeValue) throws -> (value: AttributeValue, findings: [ConfigFinding]) {
        var findings = Findings(file: nil)
        let schema = ConfigSchema(Self.schema, at: "config", &findings)
        try #require(findings.list.isEmpty)
        return schema.check(value)
    }

    @Test("settings that fit are given the defaults, nested ones too")
    func defaults() throws {
        let (value, findings) = try check(["webhook": "https://x.example/a", "groups": ["Sales": ["a", "b"]], "size": 10])
        #expect(findings.isEmpty)
        #expect(
            value == [
                "webhook": "https://x.example/a", "groups": ["Sales": ["a", "b"]], "size": 10, "template": "welcome-v1", "mode": "fast",
                "limits": ["perDay": 5],
            ])
    }

    @Test(
        "each wrong setting is named with its place",
        arguments: [
            (["webhook": "nowhere"], "webhook is not an absolute http or https URL: the URL 'nowhere' is not absolute"),
            (["webhook": 1], "webhook is not a text"), (["template": "UPPER"], "template does not match the pattern ^[a-z0-9-]+$"),
            (["size": 0], "size is less than 1"), (["size": 11], "size is more than 10"), (["size": 1.5], "size is not a whole number"),
            (["mode": "quick"], #"mode is not one of "fast", "slow""#),
            (["tags": ["ab", "c"]], "tags[2] has 1 characters, which is fewer than 2"),
            (["tags": ["ab", "cd", "ef"]], "tags has 3 elements, which is more than 2"),
            (["groups": ["Sales": "x"]], "groups.Sales is not a list"),
            (["limits": ["perDay": "x"]], "limits.perDay is not a number"),
            (["webhok": "https://x.example"], "webhok is no setting of this plugin; did you mean 'webhook'?"),
        ] as [(AttributeValue, String)])
    func wrong(_ change: AttributeValue, _ expected: String) throws {
        var settings: AttributeMap = ["webhook": "https://x.example"]
        for member in try #require(change.complex).members { settings[member.name] = member.value }
        let findings = try check(.complex(settings)).findings
        #expect(findings.map { "\($0.path) \($0.problem)" } == [expected])
        #expect(findings.allSatisfy { $0.kind == .wrong })
    }

    @Test("a missing setting is told from a wrong one")
    func missing() throws {
        #expect(try check([:]).findings == [ConfigFinding(kind: .missing, path: "webhook", problem: "is missing")])
    }
}
