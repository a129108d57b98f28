package import SCIM

/// What a template made of a person.
package struct Rendering: Sendable, Hashable {
    /// The document.
    package var document: AttributeValue
    /// Whether the person's manager was left out, who has no account at the target.
    package var awaitsManager = false
    /// What a person should know, such as that a custom field is there in another spelling.
    package var notes: [String] = []
}

extension ProvisioningTemplate {
    static let longestText = 10_000

    /// Makes the document of a person.
    ///
    /// A text that is nothing but one macro takes the value's own type, or that of its place: `"active": "{$user.active}"` becomes
    /// true or false. What a person has no value for is left out, with the element around it where nothing but its `type` and
    /// `primary` would be left, and with the object around it where it is the manager's account that is missing.
    /// - Parameter settings: What the mapping rules set, as if the person had it so.
    package func render(_ person: Person, settings: [MappingOutcome.Setting] = []) -> Rendering {
        var renderer = Renderer(template: self, person: person.setting(settings))
        guard case .complex(let map) = document else { return Rendering(document: document) }
        var members = AttributeMap()
        for member in map.members where member.name != "id" && member.name != "meta" {
            if let value = renderer.render(member.value, at: member.name) { members.append(member.name, value) }
        }
        if members["schemas"] == nil {
            members = AttributeMap([.init(name: "schemas", value: Self.schemas(of: members))] + members.members)
        }
        return Rendering(document: .complex(members), awaitsManager: renderer.awaitsManager, notes: renderer.notes)
    }

    /// One value with macros, filled in for a person; nil where its macros stand for nothing.
    static func fill(_ value: AttributeValue, at path: String, for person: Person) -> AttributeValue? {
        var renderer = Renderer(template: ProvisioningTemplate(document: .null), person: person)
        return renderer.render(value, at: path)
    }

    private static func schemas(of map: AttributeMap) -> AttributeValue {
        .array(([Schema.user.id] + map.members.map(\.name).filter { $0.hasPrefix("urn:") }).map { .string($0) })
    }

    private struct Renderer {
        let template: ProvisioningTemplate
        let person: Person
        var awaitsManager = false
        var notes: [String] = []
        /// What the object that is being filled in tells so far.
        private var content = Content()

        /// What the macros of an object came to.
        private struct Content {
            /// Whether the account of a manager stood for nothing.
            var lacksManager = false
            /// Whether something about the person themselves stands in it.
            var tellsOfPerson = false
        }

        init(template: ProvisioningTemplate, person: Person) {
            self.template = template
            self.person = person
        }

        /// A value of the template, filled in; nil where nothing is left of it.
        mutating func render(_ value: AttributeValue, at path: String) -> AttributeValue? {
            switch value {
            case .null: return nil
            case .string(let text): return fill(text, at: path)
            case .array(let elements):
                let rendered = elements.compactMap { render($0, at: path) }
                // In a ternary, nil would be a value's null.
                if rendered.isEmpty, !elements.isEmpty { return nil }
                return .array(rendered)
            case .complex(let map):
                let around = content
                content = Content()
                defer {
                    content.tellsOfPerson = content.tellsOfPerson || around.tellsOfPerson
                    content.lacksManager = around.lacksManager
                }
                let isExtension = isExtension(path)
                var kept = AttributeMap()
                for member in map.members {
                    let place = path + (isExtension ? ":" : ".") + member.name
                    if let part = render(member.value, at: place) { kept.append(member.name, part) }
                }
                // A manager's name without their account would name nobody.
                if content.lacksManager, !content.tellsOfPerson, !isExtension { return nil }
                // A type alone says nothing.
                let says = kept.members.contains { !["type", "primary", "display"].contains($0.name) }
                guard says || kept.count == map.count && !map.isEmpty else { return nil }
                return .complex(kept)
            default: return Self.typed(value, at: path)
            }
        }

        /// A text with macros, filled in. Where one stands for nothing, the blanks around it become one, and none at the ends.
        private mutating func fill(_ text: String, at path: String) -> AttributeValue? {
            let parsed = MacroText(text)
            guard !parsed.macros.isEmpty else { return Self.typed(.string(text), at: path) }
            if let only = parsed.only { return value(of: only).flatMap { Self.typed($0, at: path) } }
            var (filled, hasValue, isBehindNothing) = ("", false, false)
            for part in parsed.parts {
                switch part {
                case .text(let text):
                    let dropsBlanks = isBehindNothing && filled.last?.isWhitespace ?? true
                    let kept = dropsBlanks ? text.drop { $0.isWhitespace } : text[...]
                    if !kept.isEmpty { isBehindNothing = false }
                    filled += kept
                case .macro(let name):
                    guard let value = value(of: name) else {
                        isBehindNothing = true
                        continue
                    }
                    (hasValue, isBehindNothing) = (true, false)
                    filled += value.plain
                }
                if filled.utf8.count > longestText { break }
            }
            guard hasValue else { return nil }
            while isBehindNothing, filled.last?.isWhitespace ?? false { filled.removeLast() }
            return Self.typed(.string(String(filled.prefix(longestText))), at: path)
        }

        private mutating func value(of name: String) -> AttributeValue? {
            let value = found(name)
            if value != nil, Macro.named(name)?.isOfManager != true, !name.hasPrefix(ProvisioningTemplate.parameter) {
                content.tellsOfPerson = true
            }
            return value
        }

        private mutating func found(_ name: String) -> AttributeValue? {
            if name.hasPrefix(ProvisioningTemplate.custom) {
                return customField(String(name.dropFirst(ProvisioningTemplate.custom.count)))
            }
            if name.hasPrefix(ProvisioningTemplate.parameter) {
                return parameter(String(name.dropFirst(ProvisioningTemplate.parameter.count)))
            }
            guard let macro = Macro.named(name) else { return nil }
            if let value = macro.value(person), !value.isUnassigned, value != "" { return value }
            if macro.isManagerAccount {
                content.lacksManager = true
                if person.manager != nil { awaitsManager = true }
            }
            return nil
        }

        /// What the administrator named, or else what OneLogin has by itself.
        private mutating func parameter(_ name: String) -> AttributeValue? {
            if let text = template.parameters[name] {
                // A parameter holds no parameters, which ends this here.
                return fill(text, at: "")
            }
            return Macro.parameters.first { $0.name == name }.flatMap { value(of: $0.macro) }
        }

        private mutating func customField(_ name: String) -> AttributeValue? {
            if let value = person.customField(name) { return value }
            if let other = person.customField(like: name) {
                notes.append("there is no custom field '\(name)', but '\(other)': names count with their case")
            }
            return nil
        }

        /// Whether a path is the URN of an extension, behind which a colon stands.
        private func isExtension(_ path: String) -> Bool {
            path.hasPrefix("urn:") && (template.document[path] != nil || path.isSameName(as: Schema.enterpriseUser.id))
        }

        /// The value in the type that its place wants, where it can be read so.
        private static func typed(_ value: AttributeValue, at path: String) -> AttributeValue {
            guard let type = type(at: path) else { return value }
            if type == .string { return value.scalarText.map { .string($0) } ?? value }
            guard case .string(let text) = value else { return value }
            switch type {
            case .boolean:
                switch text.lowercased() {
                case "true": return true
                case "false": return false
                default: return value
                }
            case .integer: return Int64(text).map { .integer($0) } ?? value
            case .decimal: return Double(text).map { .decimal($0) } ?? value
            default: return value
            }
        }

        /// The type of a place by the schemas of the RFC; nil where they know none.
        private static func type(at path: String) -> AttributeType? {
            guard !path.isEmpty, let parsed = try? AttributePath(parsing: path),
                let resolved = SchemaRegistry.standard.resolve(parsed, in: .user)
            else { return nil }
            return (resolved.subAttribute ?? resolved.attribute)?.type
        }
    }
}

extension AttributeValue {
    /// The value inside a longer text.
    fileprivate var plain: String {
        switch self {
        case .string(let text): text
        case .array(let elements): elements.map(\.plain).joined(separator: ", ")
        case .null: ""
        default: jsonText
        }
    }
}

extension Person {
    /// The person with what rules set, as if they had it so.
    func setting(_ settings: [MappingOutcome.Setting]) -> Person {
        var person = self
        for setting in settings {
            let path = try? AttributePath(parsing: setting.path)
            let operation =
                setting.value.isUnassigned
                ? PatchOperation(.remove, path: path) : PatchOperation(.replace, path: path, value: setting.value)
            if let patched = try? PatchRequest(operations: [operation]).applied(to: person.user, of: .user, in: .standard) {
                person.user = patched
            } else {
                // A site's own field, which the RFC's schemas do not know.
                let value: AttributeValue? = if setting.value.isUnassigned { nil } else { setting.value }
                person.user.attributes.set(value, at: setting.path)
            }
        }
        return person
    }
}
