import SCIM

/// Prints differences as they are found, below a progress bar: as text, or as one JSON object `{differences, summary}`.
final class DifferenceList {
    let bar: ProgressBar
    private let json: Bool
    private let limit: Int
    private var shown = 0
    private var hidden = 0

    /// - Parameter limit: How many are shown at most.
    init(title: String, json: Bool, limit: Int? = nil) {
        bar = ProgressBar(title)
        self.json = json
        self.limit = limit ?? .max
        if json { Output.line(#"{"differences":["#) }
    }

    /// Shows one.
    func show(_ lines: @autoclosure () -> [String], _ document: @autoclosure () -> AttributeValue) {
        guard shown < limit else { return hidden += 1 }
        if json {
            bar.line((shown > 0 ? "," : "") + document().jsonText)
        } else {
            for line in lines() { bar.line(Output.harmless(line)) }
        }
        shown += 1
    }

    /// Ends the list with what was found in all.
    func end(_ lines: [String], _ document: AttributeValue) {
        bar.end()
        guard !json else { return Output.line(#"],"summary":"# + document.jsonText + "}") }
        if hidden > 0 { Output.line("and \(hidden) more") }
        for line in lines { Output.line(Output.harmless(line)) }
    }
}
