import SCIM
import Testing

@Suite("Dialects of clients")
struct ClientDialectTests {
    @Test("names are kebab-case and there once, summaries are one sentence, and each quirk has a client")
    func documented() {
        #expect(Set(Quirk.all.map(\.name)).count == Quirk.all.count)
        for quirk in Quirk.all {
            #expect(quirk.name.allSatisfy { ($0.isLowercase && $0.isASCII) || $0 == "-" || $0.isNumber }, "\(quirk)")
            #expect(quirk.summary.hasSuffix(".") && quirk.summary.first?.isLowercase == false, "\(quirk)")
            #expect(!quirk.clients.isEmpty, "\(quirk)")
            #expect(Quirk(named: quirk.name.uppercased()) == quirk)
        }
        #expect(Quirk(named: "nonsense") == nil)
    }

    @Test("presets are found by name in any case")
    func presets() {
        let names = ["auto", "rfc", "onelogin", "okta", "entra", "jumpcloud", "google", "ping", "sailpoint"]
        #expect(ClientDialect.presets.map(\.name) == names)
        for name in names { #expect(ClientDialect(named: name.uppercased())?.name == name) }
        #expect(ClientDialect(named: "") == nil)
        #expect(ClientDialect(named: "entraid") == nil)
    }

    @Test("auto understands every quirk, rfc none; each client those that it is known to send")
    func quirks() {
        #expect(ClientDialect.auto.quirks == Set(Quirk.all))
        #expect(ClientDialect.rfc.quirks.isEmpty)
        for dialect in ClientDialect.presets where dialect != .rfc {
            #expect(Set(Quirk.all.filter { $0.clients.contains(dialect.name) }).isSubset(of: dialect.quirks))
        }
        #expect(ClientDialect.onelogin.quirks.isSuperset(of: [.managerIDOfSCIM1, .legacySchemaURN, .membersRemoveByValue]))
        #expect(!ClientDialect.okta.quirks.contains(.jsonInText))
    }

    @Test("the settings that contradict the RFC are as each client needs them")
    func settings() {
        let auto = ClientDialect.auto
        #expect(auto.unknownAttributes == .ignore && auto.patchAnswer == .resource && auto.groupNames == .distinctForSameExternalID)
        let rfc = ClientDialect.rfc
        #expect(rfc.unknownAttributes == .refuse && rfc.patchAnswer == .resource && rfc.groupNames == .any)
        #expect(ClientDialect.entra.patchAnswer == .noContent && ClientDialect.entra.groupNames == .distinct)
        #expect(ClientDialect.okta.patchAnswer == .resource)
    }

    @Test("whether unknown attributes are ignored is the quirk of that name")
    func unknownAttributes() {
        var dialect = ClientDialect(name: "mine", quirks: [.operationCase])
        #expect(dialect.quirks == [.operationCase, .unknownAttributes])
        dialect.unknownAttributes = .refuse
        #expect(dialect.quirks == [.operationCase])
        #expect(dialect.unknownAttributes == .refuse)
        #expect(ClientDialect(name: "mine", quirks: Set(Quirk.all), unknownAttributes: .refuse).unknownAttributes == .refuse)
    }

    @Test(
        "an unknown attribute that is refused is named with the nearest known spelling, and where it belongs",
        arguments: [
            (#","user_name":"z""#, "user_name: ", "'userName'"), (#","tilte":"z""#, "tilte: ", "'title'"),
            (#","emial":[]"#, "emial: ", "'emails'"), (#","department":"IT""#, "department: ", "'\(Schema.enterpriseUser.id):department'"),
            (#","name":{"givenname1":"A"}"#, "name.givenname1: ", "'givenName'"), (#","weight":5"#, "weight: ", "no such attribute"),
            (#","emails":[{"value":"a","typ":"work"}]"#, "emails.typ: ", "'type'"),
        ])
    func refusedNames(members: String, start: String, hint: String) {
        var dialect = ClientDialect.auto
        dialect.unknownAttributes = .refuse
        dialect.quirks.remove(.extensionAttributeAtTop)
        let error = #expect(throws: SCIMError.self) { try DialectBench(.user, dialect).read(DialectBench.post(members)) }
        #expect(error == .invalidValue(""))
        #expect(error?.detail.hasPrefix(start) == true && error?.detail.contains(hint) == true, "\(error?.detail ?? "")")
    }

    @Test(
        "so is one in the path of a PATCH, whatever the dialect",
        arguments: [("usrName", "'userName'"), ("deparment", "'department'"), ("zzzzzz", "no such attribute")])
    func refusedPaths(path: String, hint: String) {
        for dialect in ClientDialect.presets {
            for operation in [#"{"op":"replace","path":"\#(path)","value":"x"}"#, #"{"op":"replace","value":{"\#(path)":"x"}}"#] {
                let error = #expect(throws: SCIMError.self) { try DialectBench(.user, dialect).read(DialectBench.patch(operation)) }
                #expect(error == .invalidPath(""))
                #expect(error?.detail.contains(hint) == true, "\(error?.detail ?? "")")
            }
        }
    }

    @Test("what is refused is bounded in the error, and a hostile body is refused quickly")
    func hostile() throws {
        let name = String(repeating: "k", count: 100_000)
        for members in [#","\#(name)":1"#, #","name":{"\#(name)":1}"#] {
            let error = #expect(throws: SCIMError.self) { try DialectBench(.user, .rfc).read(DialectBench.post(members)) }
            #expect((error?.detail.utf8.count ?? .max) < 400)
        }
    }
}
