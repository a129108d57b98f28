/// The article that says for each requirement whether we follow it.
struct ConformanceArticle {
    private let requirements: [Requirement]

    init(_ requirements: [Requirement]) { self.requirements = requirements }

    /// The whole article.
    var text: String {
        var lines = [
            "# Conformance", "",
            "What RFC 7644 §3 and RFC 9865 ask of a service provider, and whether Muster does it.", "",
            "## Overview", "",
            """
            The table is made from the conformance tests: behind every row that says *yes* stands a test of that row, which runs \
            against a whole server; behind one that says *no*, a test that it is so. The words are ours; the RFCs have the last one. \
            SHALL and REQUIRED are listed as MUST, and "–" marks what an RFC describes without such a word.
            """, "",
        ]
        lines += summary
        for (rfc, title) in [("7644", "RFC 7644 §3, the protocol"), ("9865", "RFC 9865, paging by cursor")] {
            lines += ["", "## \(title)"]
            for section in sections(of: rfc) {
                lines += ["", "### §\(section)", "", "| Level | Asked for | Followed |", "| --- | --- | --- |"]
                lines += requirements.filter { $0.section == "\(rfc) §\(section)" }.map(\.row)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var summary: [String] {
        var lines = ["| Level | Followed | Not followed | Not ours to follow |", "| --- | --- | --- | --- |"]
        for level in [Requirement.Level.must, .mustNot, .should, .shouldNot, .may, .described] {
            let own = requirements.filter { $0.level == level }
            let counts = ["yes", "no", "n/a"].map { answer in String(own.count { $0.answer == answer }) }
            if !own.isEmpty { lines.append("| \(level.rawValue) | " + counts.joined(separator: " | ") + " |") }
        }
        return lines
    }

    private func sections(of rfc: String) -> [String] {
        var sections: [String] = []
        for requirement in requirements where requirement.section.hasPrefix(rfc + " §") {
            let section = String(requirement.section.dropFirst(rfc.count + 2))
            if !sections.contains(section) { sections.append(section) }
        }
        return sections
    }
}

extension Requirement {
    fileprivate var answer: String {
        switch follows {
        case .yes: "yes"
        case .no: "no"
        case .notApplicable: "n/a"
        }
    }

    fileprivate var row: String {
        let reason =
            switch follows {
            case .yes: note
            case .no(let reason), .notApplicable(let reason): reason
            }
        return "| \(level.rawValue) | \(text.cell) | \(answer)\(reason.isEmpty ? "" : ": \(reason.cell)") |"
    }
}

extension String {
    /// As the text of a cell of a table.
    fileprivate var cell: String { replacing("|", with: "\\|") }
}
