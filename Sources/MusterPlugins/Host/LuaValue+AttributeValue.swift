import MusterLua
import SCIM

extension LuaValue {
    /// The value as Lua sees it. Null means unassigned (RFC 7643 §2.5) and is left out.
    init(_ value: AttributeValue) {
        switch value {
        case .null: self = .null
        case .boolean(let flag): self = .boolean(flag)
        case .integer(let number): self = .integer(number)
        case .decimal(let number): self = .number(number)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .array(elements.compactMap { $0 == .null ? nil : LuaValue($0) })
        case .complex(let map): self = .object(LuaObject(map))
        }
    }

    /// The value as JSON, with null, `{}` and `[]` as they are; a table that was left
    /// empty becomes `{}`.
    var attributeValue: AttributeValue {
        switch self {
        case .null: .null
        case .boolean(let flag): .boolean(flag)
        case .integer(let number): .integer(number)
        case .number(let number): .decimal(number)
        case .string(let text): .string(text)
        case .array(let elements): .array(elements.map(\.attributeValue))
        case .object(let object): .complex(AttributeMap(object.members.map { .init(name: $0.key, value: $0.value.attributeValue) }))
        case .empty: .complex([:])
        }
    }

    /// A part of a resource as a hook left it; nil when it is unassigned: null, or an empty table, of which nobody can
    /// say whether it was meant as a list or as an object.
    var assignedValue: AttributeValue? {
        switch self {
        case .null, .empty: return nil
        case .array(let elements):
            let assigned = elements.compactMap(\.assignedValue)
            return assigned.isEmpty ? nil : .array(assigned)
        case .object(let object):
            let members = object.members.compactMap { member in
                member.value.assignedValue.map { AttributeMap.Member(name: member.key, value: $0) }
            }
            return members.isEmpty ? nil : .complex(AttributeMap(members))
        default: return attributeValue
        }
    }
}

extension LuaObject {
    /// The members, those that are null left out.
    init(_ map: AttributeMap) {
        self.init(map.members.compactMap { $0.value == .null ? nil : .init(key: $0.name, value: LuaValue($0.value)) })
    }
}

extension Resource {
    /// The resource as Lua sees it.
    var luaValue: LuaValue { .object(LuaObject(attributes)) }

    /// The resource as a hook left it, or nil when the value is no object.
    init?(hookResult value: LuaValue) {
        guard value.object != nil else { return nil }
        self.init(attributes: value.assignedValue?.complex ?? [:])
    }
}
