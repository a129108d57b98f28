import SCIM

extension FuzzTarget {
    static func checkPath(_ input: [UInt8]) throws(FuzzFinding) {
        guard let text = String(validating: input, as: UTF8.self) else { return }
        try checkSelection(text)
        let path: AttributePath
        do throws(SCIMError) {
            path = try AttributePath(parsing: text)
        } catch {
            return try error.checkAnswers(input, as: ["invalidPath"])
        }
        let written = path.description
        // The path's limits cannot be widened; what is written may be longer or deeper than they allow.
        if let again = try? AttributePath(parsing: written) {
            try require(again == path && again.description == written, "'\(written)' reads as '\(again)'")
        } else {
            try require(input.count > 1000 || path.valueFilter.map { $0.depth > 15 } ?? false, "'\(written)' is refused")
        }
        if path.valueFilter == nil { try require(written == text, "'\(text)' is written as '\(written)'") }
        for (type, _) in Samples.all { try checkResolving(path, type) }
    }

    /// What a path leads to has a name that leads there too, and case does not matter.
    private static func checkResolving(_ path: AttributePath, _ type: ResourceType) throws(FuzzFinding) {
        guard let resolved = SchemaRegistry.standard.resolve(path, in: type) else { return }
        let named = (try? AttributePath(parsing: resolved.name)).flatMap { SchemaRegistry.standard.resolve($0, in: type) }
        try require(named == resolved, "'\(path)' is called '\(resolved.name)', which leads to \(named?.name ?? "nothing")")
        var shouted = path
        shouted.schema = path.schema?.asciiUppercased
        shouted.attribute = path.attribute?.asciiUppercased
        shouted.subAttribute = path.subAttribute?.asciiUppercased
        try require(SchemaRegistry.standard.resolve(shouted, in: type) == resolved, "'\(path)' is another in capitals")
    }

    /// The same text as a list of attributes to answer with: a part of the whole, always with its id, and with what is
    /// left out by `excludedAttributes` no longer there.
    private static func checkSelection(_ text: String) throws(FuzzFinding) {
        guard text.utf8.count <= 300 else { return }  // Long lists take longer, and show nothing new.
        for (wanted, excluded) in [(text, nil), (nil, text)] as [(String?, String?)] {
            guard let selection = try? AttributeSelection(attributes: wanted, excludedAttributes: excluded) else { continue }
            for (type, resource) in Samples.all {
                let answer = selection.applied(to: resource, of: type, in: .standard)
                try require(answer.id == resource.id && answer["schemas"] == resource["schemas"], "the id is left out")
                try require(selection.applied(to: answer, of: type, in: .standard) == answer, "selecting twice selects less")
                let names = resource.attributes.members.map(\.name)
                try require(answer.attributes.members.allSatisfy { names.contains($0.name) }, "the answer has more")
            }
        }
    }
}

extension String {
    fileprivate var asciiUppercased: String {
        String(decoding: utf8.map { $0 >= 0x61 && $0 <= 0x7A ? $0 - 0x20 : $0 }, as: UTF8.self)
    }
}

extension Filter {
    fileprivate var depth: Int {
        switch self {
        case .comparison, .present: 0
        case .valuePath(_, let filter), .not(let filter): filter.depth + 1
        case .and(let filters), .or(let filters): (filters.map(\.depth).max() ?? 0) + 1
        }
    }
}
