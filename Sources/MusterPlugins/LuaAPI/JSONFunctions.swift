import MusterLua
import SCIM

extension HostAPI {
    /// The longest JSON text that a plugin may read or write at once.
    static let jsonLimit = 2 << 20

    /// `json_encode(value)` and `json_decode(text)`.
    mutating func addJSON() {
        sync("json_encode") { _, arguments in .string((arguments[0] ?? .null).attributeValue.jsonText) }
        sync("json_decode") { _, arguments in
            let text = try arguments.string(0, "json.decode: the argument")
            do {
                return LuaValue(exactly: try AttributeValue(json: text, limits: JSONLimits(maximumDepth: 40, maximumBytes: Self.jsonLimit)))
            } catch { throw HostCallError("json.decode: \(error)") }
        }
    }
}

extension LuaValue {
    /// A JSON value with its nulls, as `muster.json` gives it.
    init(exactly value: AttributeValue) {
        switch value {
        case .array(let elements): self = .array(elements.map { LuaValue(exactly: $0) })
        case .complex(let map): self = .object(LuaObject(map.members.map { .init(key: $0.name, value: LuaValue(exactly: $0.value)) }))
        default: self = LuaValue(value)
        }
    }
}
