import Foundation

/// A test as Runscope exports it, in so far as Okta's SPEC test uses the format.
struct RunscopeTest: Decodable, Sendable {
    /// A request, or a pause that a fast server does not need.
    enum Step: Decodable, Sendable {
        case request(Request)
        case pause

        private enum Keys: String, CodingKey { case step_type, skipped }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            let isSkipped = try container.decode(Bool.self, forKey: .skipped)
            switch (try container.decode(String.self, forKey: .step_type), isSkipped) {
            case ("request", false): self = .request(try Request(from: decoder))
            case ("pause", _): self = .pause
            case (let kind, _):
                throw DecodingError.dataCorruptedError(
                    forKey: .step_type, in: container, debugDescription: "unknown or skipped step \(kind)")
            }
        }
    }

    /// A request with what its answer must hold, in this order: assertions, variables, scripts.
    struct Request: Decodable, Sendable {
        var note: String
        var method: String
        var url: String
        var headers: [String: [String]]
        var body: String?
        var assertions: [Assertion]
        var variables: [Extraction]
        var scripts: [String]
        var before_scripts: [String]
    }

    /// What must hold at one place of an answer.
    struct Assertion: Decodable, Sendable {
        /// How the value that is found compares with the one that is wanted.
        enum Comparison: String, Decodable, Sendable {
            case contains, equal, equal_number, has_value, is_a_number, is_less_than, not_empty
        }

        var comparison: Comparison
        var source: Source
        var property: String?
        var value: String?
    }

    /// A value of an answer that later requests use as `{{name}}`.
    struct Extraction: Decodable, Sendable {
        var name: String
        var source: Source
        var property: String
    }

    /// The part of an answer in which to look.
    enum Source: String, Decodable, Sendable { case response_json, response_status, response_time }

    var name: String
    var steps: [Step]

    /// The requests in their order.
    var requests: [Request] {
        steps.compactMap { step in
            guard case .request(let request) = step else { return nil }
            return request
        }
    }

    /// Reads an export.
    init(json: Data) throws { self = try JSONDecoder().decode(RunscopeTest.self, from: json) }
}
