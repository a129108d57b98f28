import SCIM

/// An attribute that a column fills.
struct ImportedAttribute: Sendable, Hashable {
    /// Why a cell is none of its values, or why no column can fill it.
    struct Problem: Error {
        var text: String
    }

    /// Its canonical path, such as `name.givenName` or `emails[type eq "work"].value`.
    let path: String
    private let parsed: AttributePath
    private let type: AttributeType
    private let isList: Bool
    private let isListOfComplex: Bool

    /// The attribute at a path, if a cell can hold it.
    static func make(_ path: AttributePath, _ resolved: ResolvedAttribute) -> Result<ImportedAttribute, Problem> {
        guard let attribute = resolved.attribute else {
            return .failure(Problem(text: "it names a whole extension; name an attribute of it"))
        }
        let last = resolved.subAttribute ?? attribute
        if attribute.returned == .never || last.mutability == .writeOnly { return .failure(Problem(text: "passwords are not imported")) }
        if attribute.mutability == .readOnly || last.mutability == .readOnly { return .failure(Problem(text: "the attribute is readOnly")) }
        let example = attribute.subAttributes.first?.name ?? "value"
        if attribute.isMultiValued, attribute.type == .complex {
            if resolved.subAttribute != nil, path.valueFilter == nil {
                return .failure(Problem(text: "which of several is meant? write \(attribute.name)[type eq \"work\"].\(last.name)"))
            }
            if resolved.subAttribute == nil, path.valueFilter != nil || attribute.subAttribute("value") == nil {
                return .failure(Problem(text: "name a part of it, such as \(attribute.name)[type eq \"work\"].\(example)"))
            }
        } else if last.type == .complex {
            return .failure(Problem(text: "name a part of it, such as \(resolved.name).\(example)"))
        }
        let isList = attribute.isMultiValued && resolved.subAttribute == nil && path.valueFilter == nil
        return .success(
            ImportedAttribute(
                path: path.valueFilter == nil ? resolved.name : "\(path)", parsed: path,
                type: isList && last.type == .complex ? last.subAttribute("value")?.type ?? .string : last.type, isList: isList,
                isListOfComplex: isList && last.type == .complex))
    }

    /// What a cell does to a person: an empty one takes the value away.
    /// - Returns: Nil where it does nothing: a status that is not given stays.
    func operation(_ cell: String) throws(Problem) -> PatchOperation? {
        if cell.isEmpty { return path == "active" ? nil : PatchOperation(.remove, path: parsed) }
        guard isList else { return PatchOperation(.replace, path: parsed, value: try value(cell)) }
        var values: [AttributeValue] = []
        for part in cell.listed {
            let value = try value(part)
            values.append(isListOfComplex ? ["value": value] : value)
        }
        return PatchOperation(.replace, path: parsed, value: .array(values))
    }

    private func value(_ text: String) throws(Problem) -> AttributeValue {
        switch type {
        case .boolean:
            switch text.lowercased() {
            case "true", "yes", "y", "1", "active": return true
            case "false", "no", "n", "0", "inactive": return false
            default: throw Problem(text: "'\(text.prefix(100))' is neither true nor false")
            }
        case .integer:
            guard let number = Int64(text) else { throw Problem(text: "'\(text.prefix(100))' is no whole number") }
            return .integer(number)
        case .decimal:
            guard let number = Double(text), number.isFinite else { throw Problem(text: "'\(text.prefix(100))' is no number") }
            return .decimal(number)
        case .string, .dateTime, .binary, .reference, .complex: return .string(text)
        }
    }
}

extension ImportedAttribute {
    static func == (left: ImportedAttribute, right: ImportedAttribute) -> Bool { left.path == right.path }
    func hash(into hasher: inout Hasher) { hasher.combine(path) }
}

extension String {
    /// The parts of a list with semicolons between them, each once.
    var listed: [String] {
        var found: [String] = []
        for part in split(separator: ";") {
            let name = String(part.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
            if !name.isEmpty, !found.contains(name) { found.append(name) }
        }
        return found
    }
}
