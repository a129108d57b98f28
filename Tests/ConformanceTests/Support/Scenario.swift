import Foundation
import SCIM
import Testing

/// Traffic of a real client as a list of steps with what the answers must hold; one JSON file of `Scenarios/`.
struct Scenario: Sendable, CustomTestStringConvertible {
    var name: String
    var idp: String
    var headers: AttributeMap
    var steps: [AttributeValue]

    var testDescription: String { name }

    /// Every scenario of the project, by name.
    static func all() throws -> [Scenario] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Scenarios")
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .map { try Scenario(json: [UInt8](Data(contentsOf: $0))) }
    }

    init(json: [UInt8]) throws {
        let document = try AttributeValue(json: json)
        name = document["name"]?.string ?? "unnamed"
        idp = document["idp"]?.string ?? ""
        headers = document["headers"]?.complex ?? [:]
        steps = document["steps"]?.array ?? []
    }
}

/// The values that `{{name}}` stands for.
struct Variables {
    var values: [String: String]

    /// Replaces every `{{name}}` in a text.
    func replaced(_ text: String) throws -> String {
        guard text.contains("{{") else { return text }
        var out = ""
        var rest = Substring(text)
        while let open = rest.range(of: "{{"), let close = rest.range(of: "}}", range: open.upperBound..<rest.endIndex) {
            let name = String(rest[open.upperBound..<close.lowerBound])
            guard let value = values[name] else { throw ScenarioFailure("unknown variable {{\(name)}}") }
            out += rest[..<open.lowerBound] + value
            rest = rest[close.upperBound...]
        }
        return out + rest
    }

    /// Replaces in every string and name of a value.
    func replaced(_ value: AttributeValue) throws -> AttributeValue {
        switch value {
        case .string(let text): .string(try replaced(text))
        case .array(let values): .array(try values.map(replaced))
        case .complex(let map):
            .complex(AttributeMap(try map.members.map { .init(name: try replaced($0.name), value: try replaced($0.value)) }))
        default: value
        }
    }
}

/// Why a scenario did not pass.
struct ScenarioFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
