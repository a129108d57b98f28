import Foundation
import MusterCore
import MusterProvisioner
import SCIM
import Testing

@Suite("The article Targets and rules")
struct TargetsAndRulesTests {
    private static let article: String = {
        var root = URL(filePath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        return (try? String(contentsOf: root.appending(path: "Sources/Muster/Muster.docc/TargetsAndRules.md"), encoding: .utf8)) ?? ""
    }()

    private static func target(_ more: AttributeMap = [:]) -> AttributeValue {
        var map: AttributeMap = ["name": "app", "baseURL": "https://app.example.com/scim/v2", "authentication": ["type": "none"]]
        for member in more.members { map[member.name] = member.value }
        return .complex(map)
    }

    @Test("each example is read by what reads such documents, and has nothing to repair")
    func examples() throws {
        let blocks = Self.article.components(separatedBy: "```json\n").dropFirst().compactMap { $0.components(separatedBy: "```").first }
        try #require(blocks.count == 8)
        for block in blocks {
            let json = try AttributeValue(json: block)
            let findings =
                if json.array != nil {
                    MappingRules.read(json).findings
                } else if json["type"] != nil {
                    TargetDefinition.read(Self.target(["authentication": json])).findings
                } else if json["baseURL"] != nil {
                    TargetDefinition.read(json).findings
                } else {
                    ProvisioningTemplate.read(json, parameters: [:], at: "template").findings
                }
            #expect(findings.isEmpty, "\(findings)\n\(block)")
        }
    }

    @Test("each member that a definition may have is told, and each value of a choice")
    func members() {
        let known = Vocabulary { document in
            guard case .complex(let map) = document else { return [] }
            return TargetDefinition.read(Self.target(map)).findings
        }.words(at: "") { $0 }
        #expect(known.count > 50)
        for word in known.sorted() { #expect(Self.article.contains("`\(word)`"), "\(word)") }
    }

    @Test("each member, operator and action of a rule is told")
    func rules() {
        let known = Vocabulary { MappingRules.read([$0]).findings }.words(at: "rules[0]") { $0 }
        #expect(known.count > 25)
        for word in known.sorted() {
            let name = word.replacing("rules[0].", with: "").replacing("[0]", with: "")
            #expect(Self.article.contains("`\(name)`"), "\(name)")
        }
    }

    @Test("each macro and each parameter that stands for something by itself is told")
    func macros() {
        for macro in Macro.all { #expect(Self.article.contains("`{$\(macro.name)}`"), "\(macro.name)") }
        for parameter in Macro.parameters { #expect(Self.article.contains("`\(parameter.name)`"), "\(parameter.name)") }
    }

    @Test("each preset is told with all that its dialect sets", arguments: TargetPreset.allCases)
    func presets(preset: TargetPreset) {
        let (usual, own) = (TargetDialect(), preset.dialect)
        var texts: [String] = []
        for (one, other) in zip(Mirror(reflecting: usual).children, Mirror(reflecting: own).children)
        where "\(one.value)" != "\(other.value)" {
            let text: String =
                switch other.value {
                case let version as TargetDialect.Version: version.rawValue
                case let number as Double? where number != nil: AttributeValue.decimal(number ?? 0).jsonText
                default: "\(other.value)"
                }
            texts.append("`\(other.label ?? "")` \(text.hasSuffix(".0") && text != "2.0" ? String(text.dropLast(2)) : text)")
        }
        #expect(Self.article.contains("| `\(preset.rawValue)` | \(preset.description) | \(texts.joined(separator: ", ")) |"), "\(texts)")
    }
}

/// What a reader of documents knows, as it tells somebody who wrote something else.
private struct Vocabulary {
    private static let odd = "qqqqqqqqqqqqqqqqqqqq"

    /// Reads a document.
    let read: (AttributeValue) -> [Finding]

    /// The paths of all members in an object of the document and in those below it, and the values of choices.
    /// - Parameters:
    ///   - path: Where the object stands.
    ///   - wrap: Makes the document with an object in that place.
    func words(at path: String, _ wrap: (AttributeValue) -> AttributeValue) -> Set<String> {
        let prefix = path.isEmpty ? "" : path + "."
        var (words, names) = (Set<String>(), known("unknown field", at: prefix + Self.odd, in: wrap([Self.odd: 1])))
        var open = names
        while let name = open.popLast() {
            let place = prefix + name
            words.insert(place)
            for value in known("'\(Self.odd)' is none of its values", at: place, in: wrap(member(name, .string(Self.odd)))) {
                words.insert(value)
                // Other members may go with another value.
                let all = known("unknown field", at: prefix + Self.odd, in: wrap(member(name, .string(value), Self.odd)))
                let more = all.filter { !names.contains($0) }
                names += more
                open += more
            }
            words.formUnion(self.words(at: place) { wrap(member(name, $0)) })
            words.formUnion(self.words(at: place + "[0]") { wrap(member(name, [$0])) })
        }
        return words
    }

    private func member(_ name: String, _ value: AttributeValue, _ other: String? = nil) -> AttributeValue {
        var map = AttributeMap([.init(name: name, value: value)])
        if let other { map.append(other, 1) }
        return .complex(map)
    }

    /// What is named where something is not known.
    private func known(_ summary: String, at path: String, in document: AttributeValue) -> [String] {
        let start = "known are: "
        let detail = read(document).first { $0.path == path && $0.summary == summary && $0.detail.hasPrefix(start) }?.detail
        return detail.map { $0.dropFirst(start.count).components(separatedBy: ", ") } ?? []
    }
}
