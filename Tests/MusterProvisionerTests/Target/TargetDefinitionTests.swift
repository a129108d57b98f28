import MusterCore
import MusterProvisioner
import SCIM
import Testing

@Suite("Reading what an administrator decided about a target")
struct TargetDefinitionTests {
    private static func read(
        _ more: String = "", base: String = "https://app.example.com/scim/v2/"
    ) throws -> (TargetDefinition?, [Finding]) {
        let text = #"""
            {"name":"app","preset":"clarizen","baseURL":"\#(base)","authentication":{"type":"bearer","token":"APP_TOKEN"}\#(more)}
            """#
        let read = TargetDefinition.read(try AttributeValue(json: Array(text.utf8)))
        return (read.definition, read.findings)
    }

    @Test("what is left out is as the preset has it")
    func defaults() throws {
        let (definition, findings) = try Self.read()
        #expect(findings.isEmpty)
        #expect(definition?.baseURL == "https://app.example.com/scim/v2")
        #expect(definition?.dialect == TargetPreset.clarizen.dialect && definition?.leaving == .deactivate)
        #expect(definition?.approval.approvers == 1 && definition?.matching == ["userName"])
    }

    @Test("everything can be decided")
    func everything() throws {
        let (definition, findings) = try Self.read(
            #"""
            ,"headers":{"X-Site":"7"},"parameters":{"title":"{$user.title}"},"customFields":{"Weight":"{$user.custom_fields.Weight}"},
            "matching":["externalId","userName"],"scope":{"everyone":true,"groups":["Engineering"],"filter":"active eq true"},
            "leaving":{"deleteAfterDays":30},"groups":{"mirror":true,"create":true},
            "approval":{"create":false,"update":false,"delete":true,"groups":false,"approvers":2},"updates":"only-changes",
            "guard":{"count":3,"percent":2.5,"windowMinutes":5},"dialect":{"patch":false,"memberRemoval":"filter","timeoutSeconds":5}
            """#)
        #expect(findings.isEmpty, "\(findings)")
        #expect(definition?.leaving == .deleteAfter(days: 30) && definition?.updates == .onlyChanges)
        #expect(definition?.scope.everyone == true && definition?.scope.groups == ["Engineering"] && definition?.scope.filter != nil)
        #expect(definition?.approval.create == false && definition?.approval.approvers == 2)
        #expect(definition?.guard.percent == 2.5 && definition?.guard.window == .seconds(300))
        #expect(definition?.dialect.patch == false && definition?.dialect.memberRemoval == .filter)
        #expect(definition?.dialect.timeout == .seconds(5) && definition?.dialect.mediaType == "application/json")
    }

    @Test(
        "what is wrong is told with its place",
        arguments: [
            (#","leavin":"delete""#, "leavin"), (#","leaving":"archive""#, "leaving"), (#","approval":{"creat":false}"#, "approval.creat"),
            (#","updates":"sometimes""#, "updates"), (#","scope":{"filter":"active eq"}"#, "scope.filter"),
            (#","dialect":{"pageSize":0}"#, "dialect.pageSize"), (#","headers":{"Authorization":"x"}"#, "headers.Authorization"),
            (#","approval":{"approvers":0}"#, "approval.approvers"), (#","matching":[]"#, "matching"),
            (#","matching":["emails[typ eq \"work\"].value"]"#, "matching[0]"),
            (#","template":{"userName":"x","active":false}"#, "template.active"),
        ])
    func wrong(more: String, path: String) throws {
        let (definition, findings) = try Self.read(more)
        #expect(definition == nil && findings.map(\.path) == [path])
    }

    @Test("all findings come at once, with what was probably meant")
    func atOnce() throws {
        let (_, findings) = try Self.read(#","aproval":{},"guard":{"cont":1},"leaving":"keep""#, base: "ftp://x")
        #expect(Set(findings.map(\.path)) == ["aproval", "guard.cont", "leaving", "baseURL"])
        #expect(findings.first { $0.path == "aproval" }?.detail.contains("approval") == true)
    }

    @Test("a secret in the place of its name is refused, and not repeated")
    func literalSecret() throws {
        let text = #"{"name":"app","baseURL":"https://x.example","authentication":{"type":"bearer","token":"eyJhbGciOi.secret"}}"#
        let read = TargetDefinition.read(try AttributeValue(json: Array(text.utf8)))
        #expect(read.definition == nil && read.findings.map(\.path) == ["authentication.token"])
        #expect(!"\(read.findings)".contains("eyJhbGciOi"))
    }

    @Test("a URL without TLS is taken only where a private address is allowed")
    func plain() throws {
        #expect(try Self.read(base: "http://127.0.0.1:8080/scim").0 == nil)
        #expect(try Self.read(#","allowPrivateAddress":true"#, base: "http://127.0.0.1:8080/scim").0 != nil)
    }

    @Test("each preset says what it is, and comes with a template without errors", arguments: TargetPreset.allCases)
    func presets(preset: TargetPreset) throws {
        #expect(!preset.description.isEmpty)
        let text = #"{"name":"app","preset":"\#(preset.rawValue)","baseURL":"https://x.example","authentication":{"type":"none"}}"#
        let read = TargetDefinition.read(try AttributeValue(json: Array(text.utf8)))
        #expect(read.findings.isEmpty && read.definition?.dialect == preset.dialect)
    }
}
