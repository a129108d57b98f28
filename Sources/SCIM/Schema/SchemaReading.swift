/// Reads members of a site's schema file and collects what is wrong with it.
struct SchemaReading {
    /// The name of the file.
    let file: String
    /// What was found so far.
    private(set) var findings: [SchemaFinding] = []

    init(file: String) { self.file = file }

    var hasErrors: Bool { findings.contains { $0.severity == .error } }

    mutating func error(_ path: String, _ problem: String) {
        findings.append(SchemaFinding(.error, file: file, path: path, problem: problem))
    }

    mutating func warning(_ path: String, _ problem: String) {
        findings.append(SchemaFinding(.warning, file: file, path: path, problem: problem))
    }

    // MARK: Members

    /// The value of a member; nil when it is missing or null.
    private func value(_ name: String, of map: AttributeMap) -> AttributeValue? {
        guard let value = map[name], value != .null else { return nil }
        return value
    }

    /// The text of a member; nil when it is missing or, with a finding, no text.
    mutating func text(_ name: String, of map: AttributeMap, at path: String) -> String? {
        guard let value = value(name, of: map) else { return nil }
        guard let text = value.string else {
            error(Self.join(path, name), "a string is wanted")
            return nil
        }
        return text
    }

    /// The text of a member that must be there.
    mutating func demandedText(_ name: String, of map: AttributeMap, at path: String) -> String? {
        if value(name, of: map) == nil || map[name] == "" {
            error(Self.join(path, name), "a value is required")
            return nil
        }
        return text(name, of: map, at: path)
    }

    /// The boolean of a member; nil when it is missing or, with a finding, none.
    mutating func flag(_ name: String, of map: AttributeMap, at path: String) -> Bool? {
        guard let value = value(name, of: map) else { return nil }
        guard let flag = value.boolean else {
            error(Self.join(path, name), "true or false is wanted")
            return nil
        }
        return flag
    }

    /// The elements of a member; nil when it is missing or, with a finding, no array.
    mutating func elements(_ name: String, of map: AttributeMap, at path: String) -> [AttributeValue]? {
        guard let value = value(name, of: map) else { return nil }
        guard let elements = value.array else {
            error(Self.join(path, name), "an array is wanted")
            return nil
        }
        return elements
    }

    /// The texts of a member, none of them twice.
    mutating func texts(_ name: String, of map: AttributeMap, at path: String) -> [String]? {
        guard let elements = elements(name, of: map, at: path) else { return nil }
        var texts: [String] = []
        for (number, element) in elements.enumerated() {
            let place = Self.join(path, "\(name)[\(number)]")
            if let text = element.string, !text.isEmpty {
                if texts.contains(text) { error(place, "'\(text)' occurs twice") } else { texts.append(text) }
            } else {
                error(place, "a string is wanted")
            }
        }
        return texts
    }

    /// The member as one of the words of an enumeration; nil when it is missing or, with a finding, none of them.
    mutating func choice<Choice>(_ name: String, of map: AttributeMap, at path: String, as: Choice.Type = Choice.self) -> Choice?
    where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        guard let word = text(name, of: map, at: path) else { return nil }
        if let choice = Choice.allCases.first(where: { $0.rawValue.isSameName(as: word) }) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        error(
            Self.join(path, name),
            "'\(word)' is none of \(words.joined(separator: ", "))" + NearestName.suffix(word, among: words))
        return nil
    }

    /// Finds members that nobody reads.
    mutating func checkMembers(of map: AttributeMap, at path: String, known: [String]) {
        for member in map.members where !known.contains(where: { $0.isSameName(as: member.name) }) {
            error(Self.join(path, member.name), "there is no such member" + NearestName.suffix(member.name, among: known))
        }
        for (number, member) in map.members.enumerated()
        where map.members[..<number].contains(where: { $0.name.isSameName(as: member.name) }) {
            error(Self.join(path, member.name), "the member occurs twice")
        }
    }

    static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : path + "." + name }
}
