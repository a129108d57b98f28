import HTTPTypes
import MusterCore
import SCIM
import Testing

@testable import MusterAdmin

@Suite("Mapping rules over the administration door")
struct MappingRouteTests {
    private static let rules: AttributeValue = [
        [
            "name": "Admins", "match": "all", "if": [["source": "username", "operator": "starts_with", "value": "ada"]],
            "then": [["action": "set", "attribute": "title", "value": "Engineer"], ["action": "add_groups", "groups": ["Admins"]]],
            "stop": false,
        ]
    ]

    @Test("rules are saved in versions, shown as they were, tried and reapplied")
    func life() async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            #expect(try await client.send(.get, "/mappings").body == ["version": 0, "rules": []])
            #expect(try await client.send(.put, "/mappings", ["rules": Self.rules]).body == ["version": 1, "findings": []])
            let saved = try await client.send(.get, "/mappings")
            #expect(saved.body == ["version": 1, "rules": Self.rules])
            // What was answered may be sent back.
            #expect(try await client.send(.put, "/mappings", saved.body)["version"] == 2)
            #expect(try await client.send(.put, "/mappings", saved.body).isError(409, "version 2"))
            let ada = try await client.send(.post, "/mappings/test", ["user": "ada@example.com"])
            #expect(ada["rules"]?.array?.first?["fired"] == true && ada["groups"] == ["Admins"], "\(ada.text)")
            let bob = try await client.send(.post, "/mappings/test", ["user": "u2"])
            #expect(bob["rules"]?.array?.first?["fired"] == false && bob["groups"] == .null)
            #expect(try await client.send(.post, "/mappings/test", ["user": "u1", "rules": []])["rules"] == [])
            try await client.connectApp(["scope": ["everyone": true]])
            let batches = try await client.send(.post, "/mappings/reapply")["batches"]?.array
            #expect(batches?.count == 1 && batches?.first?["target"] == "app" && batches?.first?["people"] == 2)
            #expect(
                try await client.acts() == [
                    "mapping.save version 1", "mapping.save version 2", "target.create app", "target.connect app",
                    "mapping.reapply all targets",
                ])
        }
    }

    @Test("rules that cannot be used are 400 with all findings, whether saved or tried")
    func refused() async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            let rules: AttributeValue = [["if": [["source": "nose", "operator": "equals", "value": "red"]], "then": []]]
            for (path, more) in [("/mappings", [:]), ("/mappings/test", ["user": "u1"])] as [(String, AttributeMap)] {
                let body = AttributeValue.complex(AttributeMap(more.members + [.init(name: "rules", value: rules)]))
                let refused = try await client.send(path == "/mappings" ? .put : .post, path, body)
                #expect(refused.isError(400))
                #expect(refused["findings"]?.array?.compactMap { $0["path"]?.string } == ["rules[0].if[0].source", "rules[0].then"])
            }
            #expect(try await client.send(.put, "/mappings", [:]).isError(400, "rules"))
            #expect(try await client.send(.put, "/mappings", ["rules": "none"]).isError(400))
            #expect(try await client.send(.put, "/mappings", ["rules": [], "version": "0"]).isError(400, "version"))
            #expect(try await client.send(.post, "/mappings/test", ["user": "nobody"]).isError(404, "nobody"))
            #expect(try await client.send(.post, "/mappings/test", [:]).isError(400, "user"))
            #expect(try await client.acts().isEmpty)
            #expect(try await client.send(.get, "/mappings")["version"] == 0)
        }
    }

    @Test("presets and macros are there to be looked up")
    func reference() async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            let presets = try await client.send(.get, "/presets").items
            #expect(presets.contains { $0["name"] == "clarizen" && $0["template"]?["userName"] != nil })
            let macros = try await client.send(.get, "/macros?limit=5")
            #expect(macros.items.count == 5 && macros.items.contains { $0["macro"] == "{$user.firstname}" })
            let next = try #require(macros["next"]?.string)
            #expect(try await client.send(.get, "/macros?limit=5&after=\(next)").items.first?["name"]?.string?.hasPrefix("user.") == true)
        }
    }
}
