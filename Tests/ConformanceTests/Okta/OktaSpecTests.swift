import Foundation
import SCIM
import Testing

/// The test that Okta publishes for servers that shall be in its catalogue ("Okta SCIM 2.0 SPEC Test").
@Suite("Okta's SPEC test") struct OktaSpecTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "okta-scim-20-spec-test.json")

    /// The script behind the request for groups: without groups it asserts nothing that could fail; with groups,
    /// `Resources` must be an array. Either way it is one assertion.
    private static let checkGroups: RunscopeRunner.Script = { reply in
        let total = reply.json?["totalResults"]?.integer
        if total == 0 { return [("nogroups", nil)] }
        let isArray = reply.json?["Resources"]?.array != nil
        return [("Resources is of type Array", isArray && (total ?? 0) >= 1 ? nil : "Resources is no array")]
    }

    @Test("all 53 assertions hold", arguments: [false, true])
    func assertionsHold(withGroup: Bool) async throws {
        let test = try RunscopeTest(json: Data(contentsOf: Self.file))
        let script = try #require(test.requests.flatMap(\.scripts).first { !$0.isEmpty })
        #expect(script.contains(#"assert.ok(exists, "Resources is of type Array")"#))
        try await TestServer.run { server in
            // Okta asks that there be a user with these attributes before the test begins.
            let user = try await server.send(
                "POST", "/Users",
                [
                    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "present@example.com",
                    "name": ["givenName": "Present", "familyName": "User"], "active": true,
                    "emails": [["value": "present@example.com", "type": "work", "primary": true]],
                ])
            #expect(user.status == 201)
            if withGroup {
                let group = try await server.send(
                    "POST", "/Groups", ["schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Everyone"])
                #expect(group.status == 201)
            }
            let runner = RunscopeRunner(
                variables: [
                    "SCIMBaseURL": "", "auth": "Bearer " + server.token, "InvalidUserEmail": "nobody@example.com",
                    "UserIdThatDoesNotExist": "010101001010101011001010101011", "randomEmail": "Random.Runscope42@example.com",
                    "randomUsername": "random.runscope42@example.com", "randomUsernameCaps": "RANDOM.RUNSCOPE42@EXAMPLE.COM",
                    "randomGivenName": "Runscope42", "randomFamilyName": "Okta42",
                ],
                scripts: [script: Self.checkGroups],
                send: { try await server.send($0, $1, headers: $2, body: $3) })
            let outcomes = try await runner.run(test)
            for outcome in outcomes where outcome.failure != nil {
                Issue.record("\(outcome.step): \(outcome.assertion): \(outcome.failure ?? "")")
            }
            #expect(outcomes.count == 53)
        }
    }

    @Test("an answer that is wrong fails the assertion")
    func wrongAnswerFails() async throws {
        let test = try RunscopeTest(
            json: Data(
                """
                {"name": "n", "steps": [{"step_type": "pause", "skipped": false}, {"step_type": "request", "skipped": false, "note": "s",
                "method": "GET", "url": "/Users", "headers": {}, "variables": [], "scripts": [], "before_scripts": [], "assertions": [
                {"comparison": "equal_number", "source": "response_status", "value": "200"},
                {"comparison": "is_a_number", "source": "response_json", "property": "totalResults", "value": null},
                {"comparison": "not_empty", "source": "response_json", "property": "Resources", "value": null},
                {"comparison": "has_value", "source": "response_json", "property": "schemas", "value": "urn:a"},
                {"comparison": "contains", "source": "response_json", "property": "schemas", "value": "urn:a"},
                {"comparison": "equal", "source": "response_json", "property": "detail", "value": "x"}]}]}
                """.utf8))
        let right = #"{"totalResults": 1, "Resources": [1], "schemas": ["urn:a"], "detail": "x"}"#
        let wrong = #"{"totalResults": "1", "Resources": [], "schemas": ["urn:ab"], "detail": "X"}"#
        for (status, body, failures) in [(200, right, 0), (404, wrong, 6)] {
            let runner = RunscopeRunner(variables: [:]) { _, _, _, _ in Reply(status: status, headers: [:], body: Array(body.utf8)) }
            #expect(try await runner.run(test).count { $0.failure != nil } == failures)
        }
    }
}
