import MusterLua
import Testing

@Suite struct LuaValueTests {
    static let borders: [LuaValue] = [
        .null, true, false, 0, -1, .integer(.min), .integer(.max), 0.0, -0.0, 1.0,
        .number(.leastNonzeroMagnitude), .number(.greatestFiniteMagnitude), .number(.pi),
        "", "a", "nul\0inside", "grüße 🙋🏽‍♀️ 漢字", "e\u{301}", .string(String(repeating: "x", count: 100_000)),
        [], [[]], [1, 2.5, "x", .null], .object(LuaObject()), .empty, ["a": [], "b": .object(LuaObject()), "c": .empty], ["1": 1, "": 2],
    ]

    @Test("a value comes back bit for bit", arguments: borders)
    func echo(_ value: LuaValue) async throws {
        let answer = try #require(await evaluate("return ...", [value]))
        #expect(answer.isIdentical(to: value))
    }

    @Test("random values come back bit for bit, and a script can rebuild them")
    func randomValues() async throws {
        let machine = try await machine(
            """
            local function copy(v)
              if type(v) ~= "table" then return v end
              local t = getmetatable(v) == "array" and muster.json.array {} or {}
              for k, x in pairs(v) do t[k] = copy(x) end
              return t
            end
            return { echo = function(v) return v end, rebuild = copy }
            """,
            preludes: [testPrelude]
        )
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<2000 {
            let value = LuaValue.random(using: &generator, depth: 4)
            let echoed = try #require(await machine.call("run", ["echo", value]))
            #expect(echoed.isIdentical(to: value))
            let rebuilt = try #require(await machine.call("run", ["rebuild", value]))
            #expect(rebuilt.isIdentical(to: value.withoutEmptyObjects))
        }
    }

    @Test("nil is no value, null is one")
    func nilAndNull() async throws {
        #expect(try await evaluate("return nil") == nil)
        #expect(try await evaluate("return") == nil)
        #expect(try await evaluate("return null") == .null)
        #expect(try await evaluate("return tostring(null)") == "null")
        #expect(try await evaluate("local v = ... return v.a == null and v.b == nil", [["a": .null]]) == true)
    }

    @Test("an empty table is an array, an object, or left to the schema")
    func empties() async throws {
        #expect(try await evaluate("return {}") == .empty)
        #expect(try await evaluate("local v = ... return v", [[]]) == .array([]))
        #expect(try await evaluate("local v = ... return v", [.object([:])]) == .object([:]))
        #expect(try await evaluate("local v = ... v[1] = nil return v", [["x"]]) == .array([]))
        #expect(try await evaluate("local v = ... v.a = nil return v", [["a": 1]]) == .empty)
        #expect(LuaValue.empty.array == [] && LuaValue.empty.object == [:] && LuaValue.empty.string == nil)
    }

    @Test("a table that came from Swift can be marked as an array, or given a metatable")
    func marking() async throws {
        let machine = try await machine(
            "return { mark = function(t) return muster.json.array(t) end, wrap = function(t) return #setmetatable(t, { __len = rawlen }) end }",
            preludes: [testPrelude]
        )
        for value in [.object([:]), .empty, .array([])] as [LuaValue] {
            #expect(try await machine.call("run", ["mark", value]) == .array([]))
            #expect(try await machine.call("run", ["wrap", value]) == 0)
        }
    }

    @Test(
        "what cannot cross is refused with its place",
        arguments: [
            ("return { user = { emails = { { value = type } } } }", "a function at user.emails[1].value of the result"),
            ("return coroutine.create(type)", "a coroutine as the result"),
            ("return { a = { b = 0/0 } }", "a number that JSON cannot hold (nan or inf) at a.b of the result"),
            ("return { 1, 2, 1/0 }", "a number that JSON cannot hold (nan or inf) at [3] of the result"),
            ("return { name = { 'ok', '\\xff' } }", "a string that is not valid UTF-8 at name[2] of the result"),
            ("return { ['\\xff'] = 1 }", "a string that is not valid UTF-8 at ? of the result"),
            ("return { 1, 2, x = 3 }", "a table with both array elements and named fields as the result"),
            ("return { a = { 1, nil, 3 } }", "an array with holes at a[2] of the result"),
            ("return { [1.5] = 1 }", "a table whose keys are neither 1..n nor all strings as the result"),
        ]
    )
    func refused(_ body: String, _ message: String) async throws {
        let error = try #require(await luaError { try await evaluate(body) })
        #expect(error.kind == .convert)
        #expect(error.message == "cannot convert " + message)
    }

    @Test("48 levels cross in both directions, 49 in none")
    func depth() async throws {
        func nested(_ depth: Int) -> LuaValue { (0..<depth).reduce(1) { value, _ in [value] } }
        #expect(try await evaluate("return ...", [nested(48)]) == nested(48))
        let deeper = await luaError { try await evaluate("return 1", [nested(49)]) }
        #expect(deeper?.kind == .convert)
        let made = await luaError { try await evaluate("local v = 1 for i = 1, 49 do v = { v } end return v") }
        #expect(made?.kind == .convert)
    }

    @Test("a result may have as many bytes as the limit says, and no more")
    func resultSize() async throws {
        let limits = LuaLimits(resultBytes: 10_000)
        #expect(try await evaluate("return ('x'):rep(9900)", limits: limits)?.string?.count == 9900)
        #expect(await luaError { try await evaluate("return ('x'):rep(10000)", limits: limits) }?.kind == .convert)
        let small = await luaError { try await evaluate("local t = {} for i = 1, 5000 do t[i] = true end return { t, t }", limits: limits) }
        #expect(small?.kind == .convert)
    }

    @Test("accessors give a number of either kind, and an integer only when it is one")
    func accessors() {
        #expect(LuaValue.number(3).integer == 3 && LuaValue.number(3.5).integer == nil && LuaValue.integer(3).number == 3)
        let value: LuaValue = ["a": [1, ["b": "x"]]]
        #expect(value["a"]?[1]?["b"]?.string == "x")
        #expect(value["b"] == nil && value["a"]?[2] == nil && value[0] == nil)
        var object: LuaObject = ["a": 1, "b": 2]
        object["a"] = nil
        object["c"] = 3
        object["b"] = 4
        #expect(object == ["c": 3, "b": 4] && object.members.map(\.key) == ["b", "c"])
    }
}

extension LuaValue {
    /// Equality of bits and bytes, where `==` takes -0.0 for 0.0 and compares strings by canonical equivalence.
    func isIdentical(to other: LuaValue) -> Bool {
        switch (self, other) {
        case (.number(let left), .number(let right)): return left.bitPattern == right.bitPattern
        case (.string(let left), .string(let right)): return left.utf8.elementsEqual(right.utf8)
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.isIdentical(to: $1) }
        case (.object(let left), .object(let right)):
            return left.members.count == right.members.count
                && left.members.allSatisfy { member in
                    right.members.contains { $0.key.utf8.elementsEqual(member.key.utf8) && $0.value.isIdentical(to: member.value) }
                }
        default: return self == other
        }
    }

    /// What a script that copies field by field makes of it.
    var withoutEmptyObjects: LuaValue {
        switch self {
        case .array(let elements): .array(elements.map(\.withoutEmptyObjects))
        case .object(let object) where object.members.isEmpty: .empty
        case .object(let object):
            .object(LuaObject(object.members.map { .init(key: $0.key, value: $0.value.withoutEmptyObjects) }))
        default: self
        }
    }

    static func random(using generator: inout SeededGenerator, depth: Int) -> LuaValue {
        switch Int.random(in: 0..<(depth > 0 ? 11 : 8), using: &generator) {
        case 0: return .null
        case 1: return .boolean(Bool.random(using: &generator))
        case 2: return .integer(Int64(bitPattern: generator.next()))
        case 3: return .integer(Int64.random(in: -5...5, using: &generator))
        case 4:
            let number = Double(bitPattern: generator.next())
            return .number(number.isFinite ? number : 0.5)
        case 5, 6: return .string(randomText(using: &generator))
        case 7: return [.empty, .array([]), .object([:])].randomElement(using: &generator) ?? .empty
        case 8, 9:
            let count = Int.random(in: 0...6, using: &generator)
            return .array((0..<count).map { _ in random(using: &generator, depth: depth - 1) })
        default:
            var object = LuaObject()
            for index in 0..<Int.random(in: 0...6, using: &generator) {
                object["\(index)" + randomText(using: &generator)] = random(using: &generator, depth: depth - 1)
            }
            return .object(object)
        }
    }

    private static func randomText(using generator: inout SeededGenerator) -> String {
        let alphabet: [Unicode.Scalar] = ["a", "Z", "0", "\0", "\n", "\"", "é", "\u{301}", "漢", "🙋", "\u{10FFFF}"]
        var text = ""
        for _ in 0..<Int.random(in: 0...12, using: &generator) {
            text.unicodeScalars.append(alphabet.randomElement(using: &generator) ?? "a")
        }
        return text
    }
}
