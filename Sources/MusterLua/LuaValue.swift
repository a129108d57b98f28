/// JSON-shaped data: the only thing that crosses between Swift and Lua.
package enum LuaValue: Sendable, Hashable {
    /// JSON's null, which scripts see as the value `null` (and which is true in a condition). Lua's nil is the absence of a value.
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([LuaValue])
    case object(LuaObject)
    /// A table that a script made and left empty, `{}`: an array or an object, as the schema of the place decides.
    ///
    /// An empty array or object that came from Swift keeps its kind, and so does `array(t)` of a prelude that offers the marker.
    case empty
}

/// The members of an object, in order. Equality and hashing ignore the order.
package struct LuaObject: Sendable {
    package struct Member: Sendable, Hashable {
        package var key: String
        package var value: LuaValue

        package init(key: String, value: LuaValue) {
            self.key = key
            self.value = value
        }
    }

    package var members: [Member]

    package init(_ members: [Member] = []) {
        self.members = members
    }

    /// The value of the first member with this key. Setting nil removes the member, setting a new key appends.
    package subscript(key: String) -> LuaValue? {
        get { members.first { $0.key == key }?.value }
        set {
            switch (members.firstIndex { $0.key == key }, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }
}

extension LuaObject: Hashable {
    package static func == (left: LuaObject, right: LuaObject) -> Bool {
        left.members.count == right.members.count && left.members.allSatisfy { right[$0.key] == $0.value }
    }

    package func hash(into hasher: inout Hasher) {
        for key in members.map(\.key).sorted() { hasher.combine(key) }
    }
}

extension LuaObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, LuaValue)...) {
        self.init(elements.map { Member(key: $0.0, value: $0.1) })
    }
}

extension LuaValue {
    /// The member of an object; nil for every other value.
    package subscript(key: String) -> LuaValue? {
        object?[key]
    }

    /// The element of an array; nil when there is none.
    package subscript(index: Int) -> LuaValue? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }

    package var isNull: Bool { self == .null }

    package var boolean: Bool? {
        if case .boolean(let value) = self { value } else { nil }
    }

    /// An integer, or a number that is one exactly.
    package var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int64(exactly: value)
        default: nil
        }
    }

    /// A number of either kind.
    package var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The elements; an empty table counts as an array of none.
    package var array: [LuaValue]? {
        switch self {
        case .array(let elements): elements
        case .empty: []
        default: nil
        }
    }

    /// The members; an empty table counts as an object without any.
    package var object: LuaObject? {
        switch self {
        case .object(let object): object
        case .empty: LuaObject()
        default: nil
        }
    }
}

extension LuaValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    package init(nilLiteral: ()) { self = .null }
    package init(arrayLiteral elements: LuaValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, LuaValue)...) {
        self = .object(LuaObject(elements.map { .init(key: $0.0, value: $0.1) }))
    }
}
