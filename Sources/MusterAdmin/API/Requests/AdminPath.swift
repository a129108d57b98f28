import MusterCore
import MusterServer

/// A path below `/admin/api` with names for what varies, such as `/targets/{name}/groups`.
struct AdminPath: Sendable, Hashable, ExpressibleByStringLiteral {
    private enum Part: Sendable, Hashable {
        case word(String)
        case name(String)
    }

    /// Longer names belong to nothing and are not looked for.
    private static let longestName = 512

    /// The path as it is written.
    let text: String
    private let parts: [Part]

    init(stringLiteral value: String) {
        text = value
        parts = value.split(separator: "/").map { part in
            part.hasPrefix("{") && part.hasSuffix("}") ? .name(String(part.dropFirst().dropLast())) : .word(String(part))
        }
    }

    /// The names of what varies, in order.
    var names: [String] { parts.compactMap { if case .name(let name) = $0 { name } else { nil } } }

    /// What stands for the names in a path; nil where the path is another one. Slashes at either end mean nothing.
    func match(_ path: Substring) -> [String: String]? {
        let given = path.split(separator: "/")
        guard given.count == parts.count else { return nil }
        var names: [String: String] = [:]
        for (part, text) in zip(parts, given) {
            switch part {
            case .word(let word):
                guard text == word else { return nil }
            case .name(let name):
                guard text.utf8.count <= Self.longestName, let value = PercentEncoding.decode(text, plusIsSpace: false) else { return nil }
                names[name] = value
            }
        }
        return names
    }
}
