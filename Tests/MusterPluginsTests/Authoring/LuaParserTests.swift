import Foundation
import MusterLua
import Testing

@testable import MusterPlugins

@Suite("Lua parser")
struct LuaParserTests {
    /// Whether Lua's own compiler takes a source.
    private static func compiles(_ source: String) -> Bool { LuaCoverage.executable(file: "probe.lua", source: source) != nil }

    private static func parses(_ source: String) -> Bool { (try? LuaChunk(source)) != nil }

    @Test(
        "takes what Lua takes",
        arguments: [
            "", ";;;", "return", "return;", "return 1, 2;", "local a <const>, b <close> = 1, nil", "local function f(...) return ... end",
            "goto done do local x end ::done::", "for i = 1, 3 do if i == 2 then goto continue end ::continue:: end",
            "do goto l1 local a ::l1:: ; ::l2:: end", "repeat local x = 1 until x == 1", "while true do break end",
            "x = 0x.8p-3 + 0xA + 3e-2 + .5 + 5. + 0xffffffffffffffffff", "a = 7 // 2 >> 1 << 3 & 4 | 5 ~ ~6",
            "s = [==[ ]] ]=] ]==] .. [[\nx]] .. '\\x41\\u{48}\\065\\z   \n  b\\\n'", "t = { 1, 2; x = 3, ['y'] = 4, f(), [1] = 2, }",
            "a.b:c 'x' { 1 } [[y]] (2)", "function a.b.c:d(x, ...) return self end", "local t = {} ; (t).x = 1 ; t['y'].z = 2",
            "if a then elseif b then else end", "--[[ long\n]] --[==[ other ]] ]==] x = 1 -- end", "a = -2 ^ -3 .. 'x' .. not y",
            "local x <const> = 1 do local x = 2 x = 3 end", "return function(a, b) return a and b or c end",
        ])
    func accepted(source: String) {
        #expect(Self.compiles(source), "the test itself is wrong")
        #expect(throws: Never.self) { try LuaChunk(source) }
    }

    @Test("passes over a byte order mark, as our machines do")
    func byteOrderMark() { #expect(Self.parses("\u{FEFF}return 1") && !Self.parses(" \u{FEFF}return 1")) }

    @Test(
        "refuses what Lua refuses, with the line",
        arguments: [
            ("x =", 1), ("\nlocal 1", 2), ("if x then", 1), ("a + 1", 1), ("(a) = 1", 1), ("f() = 1", 1), ("break", 1),
            ("goto nowhere", 1), ("\n::a:: ::a::", 2), ("goto l local x ::l:: print(x)", 1), ("local x <const> = 1 x = 2", 1),
            ("local x <konst> = 1", 1), ("local a <close>, b <close> = nil, nil", 1), ("function f() return ... end", 1),
            ("return 1 return 2", 1), ("x = 3x", 1), ("x = 0x", 1), ("x = 1..2", 1), ("x = 3e", 1), ("x = 'a\nb'", 1), ("x = '\\q'", 1),
            ("x = '\\300'", 1), ("x = '\\u{80000000}'", 1), ("x = [==[ ]=]", 1), ("--[[", 1), ("x = [=", 1), ("x = $", 1),
            ("a.b:c", 1), ("for x do end", 1), ("for i = 1 do end", 1), ("end", 1), ("x = {1 2}", 1), ("local function a.b() end", 1),
            ("do local x goto l ::m:: end", 1), ("repeat goto l; local x; ::l:: until x", 1), ("function f(a,) end", 1), ("!", 1),
            ("\nx = function() goto out end ::out::", 2), ("a, b() = 1, 2", 1), ("local t = { [1] }", 1),
        ])
    func refused(source: String, line: Int) throws {
        #expect(!Self.compiles(source), "the test itself is wrong")
        let error = try #require(throws: LuaSyntaxError.self) { _ = try LuaChunk(source) }
        #expect(error.line == line || source.contains("--[[") || source.contains("[="), "\(error)")
        #expect(!error.message.isEmpty)
    }

    @Test("agrees with Lua's compiler on every Lua file of ours")
    func corpus() throws {
        let files = try Self.files()
        #expect(files.count > 70)
        for (name, source) in files { #expect(Self.parses(source) == Self.compiles(source), "\(name)") }
    }

    @Test("never crashes on sources that were cut, doubled or stirred, and agrees with Lua's compiler on them")
    func mutations() throws {
        var random = Steps(state: 20_261_126)
        let pieces = [
            "end", "(", ")", "{", "}", "'", "\"", "[[", "]]", "function ", " = ", "::", "local ", "\\", "0x", "..", "--", "\n", "goto ",
        ]
        let files = try Self.files().map { Array($0.source.utf8) }.filter { $0.count < 6000 }
        for round in 0..<1000 {
            var bytes = files[round % files.count]
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                guard !bytes.isEmpty else { break }
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &random)))
                case 1: bytes.insert(contentsOf: pieces.randomElement(using: &random).map { Array($0.utf8) } ?? [], at: place)
                case 2: bytes[place] = UInt8.random(in: 1..<128, using: &random)
                default: bytes.removeSubrange(place...)
                }
            }
            let source = String(decoding: bytes, as: UTF8.self)
            #expect(Self.parses(source) == Self.compiles(source), "round \(round): \(source.debugDescription.prefix(2000))")
        }
    }

    @Test(
        "stops at its limits instead of at the end of the stack",
        arguments: [
            String(repeating: "(", count: 100_000), "x = " + String(repeating: "{", count: 100_000),
            "x = " + String(repeating: "-", count: 1) + String(repeating: "not ", count: 100_000) + "y",
            String(repeating: "do ", count: 100_000), String(repeating: "if x then ", count: 50_000),
            "x = 1" + String(repeating: " + 1", count: 100_000), "f" + String(repeating: "()", count: 100_000),
            "x = a" + String(repeating: ".b", count: 100_000), "x = 1" + String(repeating: " .. 1", count: 100_000),
            String(repeating: "x = function() return ", count: 5000), String(repeating: "a", count: 2 << 20),
            String(repeating: "function() ", count: 2000),
        ])
    func limits(source: String) throws {
        let error = try #require(throws: LuaSyntaxError.self) { _ = try LuaChunk(source) }
        #expect(error.message.count < 200)
    }

    @Test("long files that nest nothing are no trouble")
    func length() throws {
        let chunk = try LuaChunk(String(repeating: "it('x', function() expect(1 + 2).equals(3) end)\n", count: 5000))
        #expect(chunk.block.statements.count == 5000)
    }

    /// The bundled plugins, the attacks on the machine, and our own Lua.
    private static func files() throws -> [(name: String, source: String)] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var found: [(name: String, source: String)] = []
        for folder in ["Plugins", "Tests/MusterLuaTests/Attacks", "Sources/MusterPlugins"] {
            let walker = FileManager.default.enumerator(at: root.appending(path: folder), includingPropertiesForKeys: nil)
            while let file = walker?.nextObject() as? URL {
                guard file.pathExtension == "lua" else { continue }
                found.append((file.lastPathComponent, try String(contentsOf: file, encoding: .utf8)))
            }
        }
        return found.sorted { $0.name < $1.name }
    }
}

/// A generator that gives the same numbers in every run.
private struct Steps: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
    }
}
