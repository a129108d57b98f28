import MusterCore

/// A finding about a plugin that a person repairs: always what is wrong, where, and what to do.
package struct Diagnostic: Sendable, Hashable {
    /// How bad it is.
    package enum Severity: String, Sendable, Hashable {
        /// The plugin cannot run.
        case error
        /// The plugin runs, but something is probably not meant so.
        case warning
    }

    /// How bad it is.
    package var severity: Severity
    /// What is wrong, in one line.
    package var summary: String
    /// What to do about it; "" where the summary says it.
    package var detail: String
    /// The place inside a document, such as `permissions.http[1]`.
    package var path: String?
    /// The file, as `PLUGIN/init.lua`.
    package var file: String?
    /// The line, counted from 1.
    package var line: Int?
    /// The rule of ``LintRule`` that found it; nil where none did.
    package var rule: String?

    package init(
        _ severity: Severity = .error, _ summary: String, detail: String = "", path: String? = nil, file: String? = nil,
        line: Int? = nil, rule: String? = nil
    ) {
        self.severity = severity
        self.summary = summary
        self.detail = detail
        self.path = path
        self.file = file
        self.line = line
        self.rule = rule
    }
}

extension Diagnostic: CustomStringConvertible {
    /// One line: `welcome-mail/plugin.json:4: error: permissions.htp: unknown field; did you mean 'http'?`
    package var description: String {
        let place = [file, line.map(String.init)].compactMap(\.self).joined(separator: ":")
        let text = [place, severity.rawValue, path ?? "", summary + (detail.isEmpty ? "" : "; " + detail)]
        return text.filter { !$0.isEmpty }.joined(separator: ": ") + (rule.map { " [\($0)]" } ?? "")
    }
}

/// Gathers the findings about one file, so that a person sees all of them at once.
struct Findings {
    /// The file, as it stands in each finding.
    let file: String?
    /// Its text, to find lines in; "" when there is none.
    let text: String
    /// What was found so far.
    private(set) var list: [Diagnostic] = []

    init(file: String?, text: String = "") {
        self.file = file
        self.text = text
    }

    /// Whether the file cannot be used.
    var hasErrors: Bool { list.contains { $0.severity == .error } }

    mutating func error(_ path: String, _ summary: String, _ detail: String = "") {
        list.append(Diagnostic(.error, summary, detail: detail, path: path.isEmpty ? nil : path, file: file, line: line(of: path)))
    }

    /// Adds what a reader of the document found.
    mutating func add(_ found: [Finding]) {
        for finding in found { error(finding.path, finding.summary, finding.detail) }
    }

    /// The line of a field, where its name stands in the text exactly once.
    func line(of path: String) -> Int? {
        guard let name = path.split(whereSeparator: { $0 == "." || $0 == "[" }).last(where: { !$0.hasSuffix("]") }) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let hits = lines.indices.filter { lines[$0].contains("\"\(name)\"") }
        return hits.count == 1 ? hits[0] + 1 : nil
    }
}
