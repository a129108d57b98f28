import SCIM

/// One attribute that Entra ID changes.
struct EntraEdit: Sendable, Hashable {
    /// The path: `title`, `name.givenName`, `emails[type eq "work"].value` or `urn:…:User:department`.
    var path: String
    /// The new value; nil where it goes.
    var value: AttributeValue?
    /// Whether there is a value already.
    var replaces: Bool

    /// What differs between a person and their changes, attribute by attribute.
    static func edits(from person: Person, _ changes: Person) -> [EntraEdit] {
        changes.attributes.members.flatMap { member -> [EntraEdit] in
            let old = person.attributes[member.name]
            switch member.value {
            case .complex(let map):
                let isExtension = member.name.hasPrefix("urn:")
                return map.members.compactMap { inner in
                    edit(member.name + (isExtension ? ":" : ".") + inner.name, old?[inner.name], inner.value)
                }
            case .array(let values) where !values.isEmpty && values.allSatisfy({ $0["type"]?.string != nil }):
                return typed(member.name, old?.array ?? [], values)
            default: return [edit(member.name, old, member.value)].compactMap(\.self)
            }
        }
    }

    private static func edit(_ path: String, _ old: AttributeValue?, _ new: AttributeValue) -> EntraEdit? {
        guard old ?? .null != new else { return nil }
        var edit = EntraEdit(path: path, replaces: old != nil)
        if !new.isUnassigned { edit.value = new }
        return edit
    }

    /// Values of a multi-valued attribute are told apart by their type, and each of their sub-attributes is sent by itself.
    private static func typed(_ name: String, _ old: [AttributeValue], _ new: [AttributeValue]) -> [EntraEdit] {
        new.flatMap { value -> [EntraEdit] in
            guard let type = value["type"]?.string, let map = value.complex else { return [] }
            let known = old.first { $0["type"]?.string == type }
            return map.members.filter { !["type", "primary"].contains($0.name) }.compactMap { member in
                edit("\(name)[type eq \(type.filterQuoted)].\(member.name)", known?[member.name], member.value)
            }
        }
    }

    /// The operation without the flag: capitals, booleans as texts.
    var operation: AttributeValue {
        guard let value else { return ["op": "Remove", "path": .string(path)] }
        let sent: AttributeValue = value.boolean.map { $0 ? "True" : "False" } ?? value
        return ["op": replaces ? "Replace" : "Add", "path": .string(path), "value": sent]
    }

    /// The operations with the flag: paths with filters by themselves, all else in one value with dotted names.
    static func compliant(_ edits: [EntraEdit]) -> [AttributeValue] {
        var (operations, added, replaced): ([AttributeValue], AttributeMap, AttributeMap) = ([], [:], [:])
        for edit in edits {
            guard let value = edit.value else {
                operations.append(["op": "remove", "path": .string(edit.path)])
                continue
            }
            if edit.path.contains("[") {
                operations.append(["op": edit.replaces ? "replace" : "add", "path": .string(edit.path), "value": value])
            } else if edit.replaces {
                replaced.append(edit.path, value)
            } else {
                added.append(edit.path, value)
            }
        }
        if !added.isEmpty { operations.append(["op": "add", "value": .complex(added)]) }
        if !replaced.isEmpty { operations.append(["op": "replace", "value": .complex(replaced)]) }
        return operations
    }
}
