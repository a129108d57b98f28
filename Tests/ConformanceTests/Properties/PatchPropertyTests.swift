import HTTPTypes
import Testing

@Suite("PATCH over HTTP and a reference of RFC 7644 §3.5.2 (properties)")
struct PatchPropertyTests {
    @Test("random requests leave exactly what the reference leaves, or are refused and leave the user as he was", arguments: 1...30)
    func sequences(seed: UInt64) async throws {
        try await PropertyServer.run { server in
            var generator = PatchGenerator(seed: seed)
            let trial = Trial(server: server, user: generator.user(named: "bjensen"))
            let requests = generator.requests(count: 10)
            guard try await trial.difference(requests) != nil else { return }
            var shrunk = try await Shrinking.shortest(requests) { try await trial.difference($0) != nil }
            for place in shrunk.indices {
                let others = shrunk
                shrunk[place] = try await Shrinking.shortest(shrunk[place]) { steps in
                    var changed = others
                    changed[place] = steps
                    return try await trial.difference(changed) != nil
                }
            }
            let messages = shrunk.map { PatchStep.message($0).text }.joined(separator: "\n")
            let difference = try await trial.difference(shrunk) ?? "it does not fail again"
            Issue.record("seed \(seed)\n\(ReferenceValue.object(trial.user).text)\n\(messages)\n\(difference)")
        }
    }
}

/// One user to whom requests are done, anew each time.
private struct Trial: Sendable {
    let server: PropertyServer
    let user: [String: ReferenceValue]

    /// Where the server differs from the reference; nil when it does not.
    func difference(_ requests: [[PatchStep]]) async throws -> String? {
        var body = user
        body["schemas"] = .array(PatchReference(user: user).schemas)
        let path = "/Users/" + (try await server.create("/Users", .object(body)))
        var reference = PatchReference(user: user)
        var stored = try await server.get(path)
        for steps in requests {
            let before = reference.user
            let expected = Result { () throws(PatchReference.Refusal) in try reference.apply(steps) }
            let (status, answer) = try await server.send(.patch, path, PatchStep.message(steps))
            let now = try await server.get(path)
            switch expected {
            case .success:
                guard status == 200 || status == 204 else { return "\(status) where the reference does it: \(answer.text)" }
                if status == 200, answer != now { return "answered: \(answer.text)\nstored: \(now.text)" }
            case .failure(let refusal):
                guard status == 400 else { return "\(status) where the reference refuses: \(refusal.scimType)" }
                // Which of several faults is named is not compared.
                if steps.count == 1, answer["scimType"]?.string != refusal.scimType {
                    return "refused with \(answer.text), where the reference has \(refusal.scimType)"
                }
            }
            if now["schemas"] != .array(reference.schemas) { return "schemas: \(now["schemas"]?.text ?? "none")" }
            let left = Self.attributes(of: now)
            if left != reference.user {
                return "left: \(ReferenceValue.object(left).text)\nreference: \(ReferenceValue.object(reference.user).text)"
            }
            // What changes nothing changes no timestamp and no version (RFC 7644 §3.5.2.1).
            if reference.user == before, now["meta"] != stored["meta"] { return "nothing has changed but meta: \(now.text)" }
            stored = now
        }
        try await discard(path)
        return nil
    }

    /// Makes room for the next user of this name.
    private func discard(_ path: String) async throws {
        let (status, answer) = try await server.send(.delete, path)
        #expect(status == 204, "\(answer.text)")
    }

    /// What the reference knows of a user.
    private static func attributes(of answer: ReferenceValue) -> [String: ReferenceValue] {
        var attributes = answer.object ?? [:]
        for name in ["schemas", "id", "meta"] { attributes[name] = nil }
        // The server tells more of a manager than the client has said.
        if var part = attributes[PatchReference.extensionURN]?.object, let manager = part["manager"]?["value"] {
            part["manager"] = ["value": manager]
            attributes[PatchReference.extensionURN] = .object(part)
        }
        return attributes
    }
}
