package import MusterCore
package import SCIM

extension ProvisioningTemplate {
    private static let (mostBytes, mostParameters, longestParameter) = (64 << 10, 100, 2000)
    static let (custom, parameter) = ("user.custom_fields.", "parameters.")

    /// Reads a template, and finds everything that a person has to repair: unknown macros, names in another case, macros that are
    /// not closed.
    /// - Parameter path: Where it stands, for the findings.
    package static func read(
        _ json: AttributeValue, parameters: [String: String], at path: String
    ) -> (template: ProvisioningTemplate, findings: [Finding]) {
        let template = ProvisioningTemplate(document: json, parameters: parameters)
        guard case .complex(let map) = json else { return (template, [Finding(.error, path, "is not a JSON object")]) }
        var findings: [Finding] = []
        if json.jsonBytes.count > mostBytes { findings.append(Finding(.error, path, "is larger than \(mostBytes) bytes")) }
        if parameters.count > mostParameters { findings.append(Finding(.error, "parameters", "are more than \(mostParameters)")) }
        if map["userName"] == nil {
            findings.append(Finding(.warning, path, "has no userName", #"most targets want one, such as "userName": "{$user.username}""#))
        }
        template.check(json, at: path, &findings)
        if let active = map["active"] { template.checkActive(active, at: "\(path).active", &findings) }
        for (name, text) in parameters.sorted(by: { $0.key < $1.key }) {
            let place = "parameters.\(name)"
            if text.utf8.count > longestParameter { findings.append(Finding(.error, place, "is longer than \(longestParameter) bytes")) }
            template.check(.string(text), at: place, &findings, isParameter: true)
        }
        return (template, findings)
    }

    /// Puts a field of the site into the template; its name counts with its case.
    /// - Parameters:
    ///   - name: The attribute; behind an extension's URN and a colon where it is one of its.
    ///   - macro: What stands there, usually `{$user.custom_fields.NAME}`.
    /// - Returns: What a person has to repair.
    package mutating func addField(named name: String, macro: String, at path: String) -> [Finding] {
        guard case .complex(var map) = document else { return [] }
        var findings: [Finding] = []
        check(.string(macro), at: path, &findings)
        if name.isSameName(as: "active") { checkActive(.string(macro), at: path, &findings) }
        let colon = name.hasPrefix("urn:") ? name.lastIndex(of: ":") : nil
        let attribute = colon.map { String(name[name.index(after: $0)...]) } ?? name
        guard !attribute.isEmpty, attribute.utf8.count <= 100,
            attribute.utf8.allSatisfy({ byte in
                0x41...0x5A ~= byte || 0x61...0x7A ~= byte || 0x30...0x39 ~= byte || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            })
        else { return findings + [Finding(.error, path, "'\(attribute)' cannot be the name of a field", "letters, digits, _ and -")] }
        let holder = colon.map { String(name[..<$0]) }
        var place = holder.map { map[$0]?.complex ?? [:] } ?? map
        if let present = place.members.first(where: { $0.name.isSameName(as: attribute) }) {
            return findings + [Finding(.error, path, "the template has '\(present.name)' already", "change it in the template")]
        }
        place.append(attribute, .string(macro))
        if let holder {
            map[holder] = .complex(place)
            // A target may pass over an extension that `schemas` does not name.
            if let schemas = map["schemas"]?.array, !schemas.contains(.string(holder)) {
                map["schemas"] = .array(schemas + [.string(holder)])
            }
        } else {
            map = place
        }
        document = .complex(map)
        return findings
    }

    private func check(_ value: AttributeValue, at path: String, _ findings: inout [Finding], isParameter: Bool = false) {
        switch value {
        case .complex(let map):
            for member in map.members { check(member.value, at: "\(path).\(member.name)", &findings) }
        case .array(let elements):
            for (index, element) in elements.enumerated() { check(element, at: "\(path)[\(index)]", &findings) }
        case .string(let text):
            let parsed = MacroText(text)
            if parsed.isUnclosed { findings.append(Finding(.error, path, "a macro is opened and not closed", "write {$user.NAME}")) }
            for name in parsed.macros { checkName(name, at: path, &findings, isParameter: isParameter) }
        default: break
        }
    }

    /// Refuses what would switch off everybody, where nothing holds it up and nobody is asked.
    private func checkActive(_ value: AttributeValue, at path: String, _ findings: inout [Finding]) {
        var value = value
        if let name = value.string.flatMap({ MacroText($0).only }), name.hasPrefix(Self.parameter),
            let text = parameters[String(name.dropFirst(Self.parameter.count))]
        {
            value = .string(text)
        }
        guard value.scalarText?.isSameName(as: "false") ?? false else { return }
        findings.append(
            Finding(
                .error, path, "switches everybody off: who is active is decided by the person and the scope", "write {$user.active}"))
    }

    private func checkName(_ name: String, at path: String, _ findings: inout [Finding], isParameter: Bool) {
        if name.hasPrefix(Self.custom), name.count > Self.custom.count { return }
        if name.hasPrefix(Self.parameter), !isParameter {
            let wanted = String(name.dropFirst(Self.parameter.count))
            let known = Array(parameters.keys) + Macro.parameters.map(\.name)
            guard !known.contains(wanted) else { return }
            findings.append(unknown(name, near: known.map { Self.parameter + $0 }, at: path))
            return
        }
        if isParameter, name.hasPrefix(Self.parameter) {
            findings.append(Finding(.error, path, "{$\(name)} stands in a parameter", "parameters may not refer to each other"))
            return
        }
        guard Macro.named(name) == nil else { return }
        findings.append(unknown(name, near: Macro.all.map(\.name) + [Self.custom + "NAME"], at: path))
    }

    private func unknown(_ name: String, near known: [String], at path: String) -> Finding {
        if let same = known.first(where: { $0.isSameName(as: name) }) {
            return Finding(.error, path, "unknown macro {$\(name)}", "names count with their case: write {$\(same)}")
        }
        let near = NearestName.of(name, among: known).map { "did you mean {$\($0)}?" }
        return Finding(.error, path, "unknown macro {$\(name)}", near ?? "'muster target macros' lists all")
    }
}
