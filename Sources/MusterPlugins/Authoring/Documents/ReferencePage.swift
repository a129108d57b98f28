/// A part of the documentation, before it is set for the terminal or as Markdown.
package struct ReferencePage: Sendable {
    /// One piece.
    package enum Block: Sendable, Hashable {
        case heading(level: Int, String)
        case text(String)
        /// Lua, or JSON.
        case code(String, language: String)
        /// Terms with what they mean.
        case terms([Term])
    }

    /// A term with its meaning.
    package struct Term: Sendable, Hashable {
        package var name: String
        package var meaning: String
    }

    package var blocks: [Block] = []

    /// For the terminal, in lines of at most 80 columns where words allow it.
    package var terminal: String {
        blocks.map { block in
            switch block {
            case .heading(1, let text): text + "\n" + String(repeating: "=", count: text.count)
            case .heading(_, let text): text + "\n" + String(repeating: "-", count: text.count)
            case .text(let text): Self.wrapped(Self.plain(text), indent: 0)
            case .code(let text, _):
                text.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }.joined(separator: "\n")
            case .terms(let terms): Self.columns(terms)
            }
        }.joined(separator: "\n\n") + "\n"
    }

    /// As Markdown.
    package var markdown: String {
        blocks.map { block in
            switch block {
            case .heading(let level, let text): String(repeating: "#", count: level) + " " + text
            case .text(let text): text
            case .code(let text, let language): "```\(language)\n\(text)\n```"
            case .terms(let terms): terms.map { "- `\($0.name)`: \($0.meaning)" }.joined(separator: "\n")
            }
        }.joined(separator: "\n\n") + "\n"
    }

    private static let width = 80

    /// Names stand beside their meanings where they are short, above them where one is long.
    private static func columns(_ terms: [Term]) -> String {
        let longest = terms.map(\.name.count).max() ?? 0
        return terms.map { term in
            guard longest <= 26 else { return "  \(term.name)\n" + wrapped(plain(term.meaning), indent: 6) }
            let indent = longest + 4
            let name = "  " + term.name + String(repeating: " ", count: longest - term.name.count + 2)
            return name + wrapped(plain(term.meaning), indent: indent).dropFirst(indent)
        }.joined(separator: "\n")
    }

    private static func plain(_ text: String) -> String { text.replacing("`", with: "") }

    private static func wrapped(_ text: String, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines = [""]
        for word in text.split(separator: " ") {
            let line = lines[lines.count - 1]
            if !line.isEmpty, indent + line.count + 1 + word.count > width {
                lines.append(String(word))
            } else {
                lines[lines.count - 1] = line.isEmpty ? String(word) : line + " " + word
            }
        }
        return lines.map { margin + $0 }.joined(separator: "\n")
    }
}
