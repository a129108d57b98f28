import Foundation
import SCIM

/// An answer as a scenario looks at it.
struct Reply: Sendable {
    /// The HTTP status.
    var status: Int
    /// The headers, names in lower case.
    var headers: [String: String]
    /// The body.
    var body: [UInt8]

    /// The body as JSON, or nil.
    var json: AttributeValue? { try? AttributeValue(json: body, limits: JSONLimits(maximumDepth: 200, maximumBytes: 1 << 28)) }
}

/// Plays a scenario against a server: sends each step and compares each answer.
struct ScenarioRunner: Sendable {
    typealias Send = @Sendable (_ method: String, _ path: String, _ headers: [(String, String)], _ body: [UInt8]?) async throws -> Reply

    /// The token that every step carries unless it says otherwise.
    let token: String
    /// Sends one request; the path is below the base URL.
    let send: Send

    /// Plays the whole scenario.
    /// - Throws: ``ScenarioFailure`` naming the step.
    func run(_ scenario: Scenario) async throws {
        let unique = "q" + UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "").prefix(10)
        var variables = Variables(values: ["u": unique, "U": unique.uppercased(), "token": token, "base": "/scim/v2"])
        for number in 1...6 { variables.values["uuid\(number)"] = UUID().uuidString.lowercased() }
        for (number, step) in scenario.steps.enumerated() {
            for turn in 1...Int(step["repeat"]?.integer ?? 1) {
                variables.values["i"] = String(turn)
                do {
                    try await play(step, of: scenario, &variables)
                } catch let failure as ScenarioFailure {
                    let place = "\(step["method"]?.string ?? "") \(step["path"]?.string ?? "")"
                    throw ScenarioFailure("step \(number + 1) (\(place), \(step["note"]?.string ?? "")): \(failure)")
                }
            }
        }
    }

    private func play(_ step: AttributeValue, of scenario: Scenario, _ variables: inout Variables) async throws {
        let method = step["method"]?.string ?? "GET"
        let body = try body(of: step, variables)
        var headers = [("Accept", "application/scim+json"), ("Authorization", "Bearer " + token)]
        if body != nil { headers.append(("Content-Type", "application/scim+json")) }
        for (extra, isScenario) in [(scenario.headers, true), (step["headers"]?.complex ?? [:], false)] {
            for member in extra.members {
                if isScenario, body == nil, member.name.isSameName(as: "Content-Type") { continue }
                headers.removeAll { $0.0.isSameName(as: member.name) }
                if let value = member.value.string { headers.append((member.name, try variables.replaced(value))) }
            }
        }
        let reply = try await send(method, try target(of: step, variables), headers, body)
        if let expectation = step["expect"] {
            if let failure = try mismatch(variables.replaced(expectation), reply) { throw ScenarioFailure(failure) }
        }
        for member in step["save"]?.complex?.members ?? [] {
            let source = member.value.string ?? ""
            let saved =
                source.hasPrefix("header:")
                ? reply.headers[source.dropFirst(7).lowercased()]
                : try reply.json.flatMap { try lookup($0, variables.replaced(source)) }.map { $0.string ?? $0.jsonText }
            guard let saved else { throw ScenarioFailure("save \(member.name): nothing at \(source)") }
            variables.values[member.name] = saved
        }
    }

    private func target(of step: AttributeValue, _ variables: Variables) throws -> String {
        var path = try variables.replaced(step["path"]?.string ?? "")
        let unreserved = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
        for member in step["query"]?.complex?.members ?? [] {
            let value = try variables.replaced(member.value.string ?? member.value.jsonText)
            path += path.contains("?") ? "&" : "?"
            path += member.name + "=" + (value.addingPercentEncoding(withAllowedCharacters: unreserved) ?? "")
        }
        // Sent as written, but for what may not stand in a request line.
        return path.utf8.map { byte in
            byte > 32 && byte < 127 && byte != UInt8(ascii: "\"")
                ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    private func body(of step: AttributeValue, _ variables: Variables) throws -> [UInt8]? {
        if let body = step["body"] { return try variables.replaced(body).jsonBytes }
        if let raw = step["raw"]?.string { return Array(try variables.replaced(raw).utf8) }
        if let encoded = step["rawB64"]?.string { return Data(base64Encoded: encoded).map { [UInt8]($0) } }
        return try step["gen"].map { try generated($0, variables) }
    }

    /// Bodies too big to write down.
    private func generated(_ recipe: AttributeValue, _ variables: Variables) throws -> [UInt8] {
        let count = Int(recipe["n"]?.integer ?? 0)
        let name = try variables.replaced(recipe["userName"]?.string ?? "gen-{{u}}")
        let core = "urn:ietf:params:scim:schemas:core:2.0:User"
        let patch = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
        func repeated(_ text: String) -> String { String(repeating: text, count: count) }
        func operations(_ operations: [AttributeValue]) -> [UInt8] {
            let message: AttributeValue = ["schemas": [.string(patch)], "Operations": .array(operations)]
            return message.jsonBytes
        }
        let user = "{\"schemas\":[\"\(core)\"],\"userName\":\"\(name)\""
        switch recipe["kind"]?.string {
        case "nestArray": return Array("\(user),\"x\":\(repeated("["))\(repeated("]"))}".utf8)
        case "nestObject": return Array("\(user),\"name\":\(repeated("{\"a\":"))1\(repeated("}"))}".utf8)
        case "nestUnclosed": return Array(repeated("[").utf8)
        case "longString": return Array("\(user),\"\(recipe["attribute"]?.string ?? "title")\":\"\(repeated("x"))\"}".utf8)
        case "longUserName": return Array("{\"schemas\":[\"\(core)\"],\"userName\":\"\(name)\(repeated("x"))\"}".utf8)
        case "sameMember":
            let member: AttributeValue = ["value": .string(try variables.replaced(recipe["value"]?.string ?? ""))]
            let members = Array(repeating: member, count: count)
            return operations([["op": "add", "path": "members", "value": .array(members)]])
        case "patchOps":
            let path = recipe["path"] ?? "title"
            return operations((1...max(1, count)).map { ["op": "replace", "path": path, "value": .string("v\($0)")] })
        default: throw ScenarioFailure("unknown recipe \(recipe.jsonText)")
        }
    }

    private func mismatch(_ expectation: AttributeValue, _ reply: Reply) throws -> String? {
        if let options = expectation["one_of"]?.array {
            let failures = try options.map { try mismatch($0, reply) }
            if !failures.contains(where: { $0 == nil }) {
                return "none of the allowed answers: " + failures.compactMap { $0 }.joined(separator: "; ")
            }
        }
        if let wanted = expectation["status"] {
            let fits = (wanted.array ?? [wanted]).contains { option in
                if let text = option.string, text.hasSuffix("xx") { return text.first == String(reply.status).first }
                return option.integer == Int64(reply.status)
            }
            let text = String(decoding: reply.body.prefix(200), as: UTF8.self)
            if !fits { return "status: wanted \(wanted.jsonText), got \(reply.status); body \(text)" }
        }
        for member in expectation["headers"]?.complex?.members ?? [] {
            let got = reply.headers[member.name.lowercased()].map { AttributeValue.string($0) }
            if let failure = Matcher(member.value).mismatch(got) { return "header \(member.name): \(failure)" }
        }
        if let matcher = expectation["text"] {
            let text = AttributeValue.string(String(decoding: reply.body, as: UTF8.self))
            if let failure = Matcher(matcher).mismatch(text) { return "body: \(failure)" }
        }
        for key in ["json", "jsonIfBody"] where key == "json" || !reply.body.isEmpty {
            for member in expectation[key]?.complex?.members ?? [] {
                guard let json = reply.json else { return "\(member.name): the answer (\(reply.status)) has no JSON body" }
                if let failure = Matcher(member.value).mismatch(try lookup(json, member.name)) {
                    return "\(member.name): \(failure)"
                }
            }
        }
        return nil
    }
}
