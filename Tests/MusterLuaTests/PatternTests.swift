import MusterLua
import Testing

@Suite struct PatternTests {
    @Test(
        "patterns mean what the manual says",
        arguments: [
            ("('hello world'):find('o w')", [5, 7]),
            ("('hello'):find('l+')", [3, 4]),
            ("('hello'):find('xyz') == nil", [true]),
            ("('hello'):find('l', 1, true)", [3, 3]),
            ("('a.b'):find('.', 2, true)", [2, 2]),
            ("('hello'):find('', 10) == nil", [true]),
            ("('hello'):find('', 6)", [6, 5]),
            ("('hello'):find('l', -2)", [4, 4]),
            ("('key = value'):match('^(%w+)%s*=%s*(%w+)$')", ["key", "value"]),
            ("('  trim  '):match('^%s*(.-)%s*$')", ["trim"]),
            ("('2024-05-13'):match('(%d+)-(%d+)-(%d+)')", ["2024", "05", "13"]),
            ("('hello'):match('()ll()')", [3, 5]),
            ("('f(a(b)c)d'):match('%b()')", ["(a(b)c)"]),
            ("('THE (quick) fox'):find('%f[%a]%a+%f[%A]', 5)", [6, 10]),
            ("('abcabc'):match('(abc)%1')", ["abc"]),
            ("('[x]'):match('[%]]')", ["]"]),
            ("('a-b'):match('[a%-]+')", ["a-"]),
            ("('x^y'):match('[x^]+')", ["x^"]),
            ("('aXb'):match('[^%l]')", ["X"]),
            ("('a\\0b'):match('%z') == '\\0'", [true]),
            ("('aaa'):match('a-b') == nil", [true]),
            ("('aaab'):match('a-b')", ["aaab"]),
            ("('ab'):match('a?ab?')", ["ab"]),
            ("('price: $5'):match('%$%d')", ["$5"]),
            ("('a$'):match('a$') == nil", [true]),
            ("('x'):gsub('', '-')", ["-x-", 2]),
            ("('hello'):gsub('l', 'L')", ["heLLo", 2]),
            ("('hello'):gsub('l', 'L', 1)", ["heLlo", 1]),
            ("('hello'):gsub('(h)(e)', '%2%1%0%%')", ["ehhe%llo", 1]),
            ("('$name is'):gsub('%$(%w+)', { name = 'Ada' })", ["Ada is", 1]),
            ("('abc'):gsub('%w', function(c) if c == 'b' then return 'B' end end)", ["aBc", 3]),
            ("('abc'):gsub('()b', '%1')", ["a2c", 1]),
            ("('abc def'):gsub('^%a', 'X')", ["Xbc def", 1]),
            ("('a,b,,c'):gsub(',', ';')", ["a;b;;c", 3]),
            ("('aé'):gsub('[\\x80-\\xff]', '')", ["a", 2]),
            ("(function() local t = '' for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do t = t .. k .. v end return t end)()", ["a1b2"]),
            ("(function() local n = 0 for w in ('one two'):gmatch('%a*') do n = n + 1 end return n end)()", [2]),
        ] as [(String, LuaValue)]
    )
    func known(_ expression: String, _ expected: LuaValue) async throws {
        #expect(try await evaluate("return { \(expression) }") == expected)
    }

    @Test(
        "a malformed pattern is named",
        arguments: [
            ("(", "unfinished capture"), (")", "invalid pattern capture"), ("[a", "malformed pattern (missing ']')"),
            ("%", "malformed pattern (ends with '%')"), ("%b", "malformed pattern (missing arguments to '%b')"),
            ("%f", "missing '[' after '%f' in pattern"), ("%1", "invalid capture index %1"), ("(%1)", "invalid capture index %1"),
            ("[%", "malformed pattern (missing ']')"),
        ]
    )
    func malformed(_ pattern: String, _ message: String) async throws {
        let error = try #require(await luaError { try await evaluate("return ('x'):match((...))", [.string(pattern)]) })
        #expect(error.message == "test/init.lua:1: " + message)
    }

    @Test(
        "a wrong replacement is named",
        arguments: [
            ("'%2'", "invalid capture index %2 in replacement string"), ("'%x'", "invalid use of '%' in replacement string"),
            ("function() return {} end", "invalid replacement value (a table)"),
        ]
    )
    func replacement(_ replacement: String, _ message: String) async throws {
        let error = try #require(await luaError { try await evaluate("return ('x'):gsub('x', \(replacement))") })
        #expect(error.message == "test/init.lua:1: " + message)
    }

    @Test("random patterns find, match and replace as a plain recursive reading of the manual does")
    func random() async throws {
        let machine = try await machine(
            """
            return function(s, p)
              local all = {}
              for a in s:gmatch(p) do all[#all + 1] = a end
              return { find = { s:find(p) }, match = { s:match(p) }, gsub = { s:gsub(p, '<%0>') }, gmatch = all }
            end
            """
        )
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<1500 {
            let pattern = PatternReference.randomPattern(using: &generator)
            let text = PatternReference.randomText(using: &generator)
            let answer = try await machine.call(nil, [.string(text), .string(pattern)])
            let reference = PatternReference(text: text, pattern: pattern)
            #expect(answer?["find"]?.array == reference.find(), "\(pattern) in \(text)")
            #expect(answer?["match"]?.array == reference.match(), "\(pattern) in \(text)")
            #expect(answer?["gsub"]?.array == reference.gsub(), "\(pattern) in \(text)")
            if !pattern.hasPrefix("^") { #expect(answer?["gmatch"]?.array == reference.gmatch(), "\(pattern) in \(text)") }
        }
    }
}

/// Lua's patterns as a plain recursive function over bytes, without regard to time: what the fast one is compared with.
struct PatternReference {
    private enum Capture {
        case open(Int)
        case position(Int)
        case closed(Int, Int)
    }

    private let text: [UInt8]
    private let pattern: [UInt8]
    private let isAnchored: Bool

    init(text: String, pattern: String) {
        self.text = Array(text.utf8)
        isAnchored = pattern.hasPrefix("^")
        self.pattern = Array(pattern.utf8.dropFirst(isAnchored ? 1 : 0))
    }

    func find() -> [LuaValue] {
        guard let (start, end, captures) = first(from: 0) else { return [] }
        return [.integer(Int64(start + 1)), .integer(Int64(end))] + captures.map(value)
    }

    func match() -> [LuaValue] {
        guard let (start, end, captures) = first(from: 0) else { return [] }
        return captures.isEmpty ? [value(.closed(start, end))] : captures.map(value)
    }

    func gsub() -> [LuaValue] {
        var (result, count, position, last) = ([UInt8](), 0, 0, -1)
        while true {
            var captures: [Capture] = []
            if let end = match(position, 0, &captures), end != last {
                result += [UInt8(ascii: "<")] + text[position..<end] + [UInt8(ascii: ">")]
                count += 1
                (position, last) = (end, end)
            } else if position < text.count {
                result.append(text[position])
                position += 1
            } else {
                break
            }
            if isAnchored { break }
        }
        result += text[min(position, text.count)...]
        return [.string(String(decoding: result, as: UTF8.self)), .integer(Int64(count))]
    }

    func gmatch() -> [LuaValue] {
        var (results, position, last) = ([LuaValue](), 0, -1)
        while position <= text.count {
            var captures: [Capture] = []
            if let end = match(position, 0, &captures), end != last {
                results.append(value(captures.first ?? .closed(position, end)))
                (position, last) = (end, end)
            } else {
                position += 1
            }
        }
        return results
    }

    private func first(from start: Int) -> (Int, Int, [Capture])? {
        for position in start...text.count {
            var captures: [Capture] = []
            if let end = match(position, 0, &captures) { return (position, end, captures) }
            if isAnchored { return nil }
        }
        return nil
    }

    private func value(_ capture: Capture) -> LuaValue {
        switch capture {
        case .position(let position), .open(let position): .integer(Int64(position + 1))
        case .closed(let start, let end): .string(String(decoding: text[start..<end], as: UTF8.self))
        }
    }

    private func match(_ s: Int, _ p: Int, _ captures: inout [Capture]) -> Int? {
        guard p < pattern.count else { return s }
        switch pattern[p] {
        case UInt8(ascii: "("):
            let isPosition = pattern[p + 1] == UInt8(ascii: ")")
            captures.append(isPosition ? .position(s) : .open(s))
            if let end = match(s, isPosition ? p + 2 : p + 1, &captures) { return end }
            captures.removeLast()
            return nil
        case UInt8(ascii: ")"):
            guard let index = captures.lastIndex(where: { if case .open = $0 { true } else { false } }),
                case .open(let start) = captures[index]
            else { return nil }
            captures[index] = .closed(start, s)
            if let end = match(s, p + 1, &captures) { return end }
            captures[index] = .open(start)
            return nil
        case UInt8(ascii: "$") where p + 1 == pattern.count:
            return s == text.count ? s : nil
        case UInt8(ascii: "%") where pattern[p + 1] == UInt8(ascii: "b"):
            guard s < text.count, text[s] == pattern[p + 2] else { return nil }
            var depth = 1
            for end in (s + 1)..<max(s + 1, text.count) {
                if text[end] == pattern[p + 3] { depth -= 1 } else if text[end] == pattern[p + 2] { depth += 1 }
                if depth == 0 { return match(end + 1, p + 4, &captures) }
            }
            return nil
        case UInt8(ascii: "%") where pattern[p + 1] == UInt8(ascii: "f"):
            let end = itemEnd(p + 2)
            let before = s == 0 ? 0 : text[s - 1]
            let after = s < text.count ? text[s] : 0
            return !contains(p + 2, before) && contains(p + 2, after) ? match(s, end, &captures) : nil
        case UInt8(ascii: "%") where pattern[p + 1] == UInt8(ascii: "1"):
            guard case .closed(let start, let end)? = captures.first else { return nil }
            let piece = text[start..<end]
            return text[s...].starts(with: piece) ? match(s + piece.count, p + 2, &captures) : nil
        default:
            return matchItem(s, p, &captures)
        }
    }

    private func matchItem(_ s: Int, _ p: Int, _ captures: inout [Capture]) -> Int? {
        let end = itemEnd(p)
        let fits = { (position: Int) in position < text.count && contains(p, text[position]) }
        switch end < pattern.count ? pattern[end] : 0 {
        case UInt8(ascii: "?"):
            if fits(s), let result = match(s + 1, end + 1, &captures) { return result }
            return match(s, end + 1, &captures)
        case UInt8(ascii: "*"), UInt8(ascii: "+"):
            var most = s
            while fits(most) { most += 1 }
            let least = pattern[end] == UInt8(ascii: "+") ? s + 1 : s
            while most >= least {
                if let result = match(most, end + 1, &captures) { return result }
                most -= 1
            }
            return nil
        case UInt8(ascii: "-"):
            var position = s
            while true {
                if let result = match(position, end + 1, &captures) { return result }
                guard fits(position) else { return nil }
                position += 1
            }
        default:
            return fits(s) ? match(s + 1, end, &captures) : nil
        }
    }

    private func itemEnd(_ p: Int) -> Int {
        switch pattern[p] {
        case UInt8(ascii: "%"): return p + 2
        case UInt8(ascii: "["):
            var end = p + 1
            if pattern[end] == UInt8(ascii: "^") { end += 1 }
            repeat { end += pattern[end] == UInt8(ascii: "%") ? 2 : 1 } while pattern[end] != UInt8(ascii: "]")
            return end + 1
        default: return p + 1
        }
    }

    private func contains(_ p: Int, _ byte: UInt8) -> Bool {
        switch pattern[p] {
        case UInt8(ascii: "."): return true
        case UInt8(ascii: "%"): return isInClass(pattern[p + 1], byte)
        case UInt8(ascii: "["):
            let end = itemEnd(p) - 1
            let isNegated = pattern[p + 1] == UInt8(ascii: "^")
            var (index, found) = (p + (isNegated ? 2 : 1), false)
            while index < end {
                if pattern[index] == UInt8(ascii: "%") {
                    found = found || isInClass(pattern[index + 1], byte)
                    index += 2
                } else if index + 2 < end, pattern[index + 1] == UInt8(ascii: "-") {
                    found = found || (pattern[index]...pattern[index + 2]).contains(byte)
                    index += 3
                } else {
                    found = found || pattern[index] == byte
                    index += 1
                }
            }
            return found != isNegated
        default: return pattern[p] == byte
        }
    }

    private func isInClass(_ letter: UInt8, _ byte: UInt8) -> Bool {
        let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        switch letter {
        case UInt8(ascii: "a"): return isLetter
        case UInt8(ascii: "A"): return !isLetter
        case UInt8(ascii: "d"): return isDigit
        case UInt8(ascii: "w"): return isLetter || isDigit
        case UInt8(ascii: "W"): return !isLetter && !isDigit
        default: return letter == byte
        }
    }

    static func randomText(using generator: inout SeededGenerator) -> String {
        String((0..<Int.random(in: 0...14, using: &generator)).map { _ in "aab1(). ".randomElement(using: &generator) ?? "a" })
    }

    static func randomPattern(using generator: inout SeededGenerator) -> String {
        let items = ["a", "b", "1", ".", "%a", "%A", "%d", "%w", "%W", "%.", "%(", "[ab]", "[^a]", "[%d%.]", "[a-c1]", "[^%w]"]
        let quantifiers = ["", "", "", "?", "*", "+", "-"]
        var pattern = Int.random(in: 0..<6, using: &generator) == 0 ? "^" : ""
        var (open, count, isFirstClosed) = ([Int](), 0, false)
        func close() {
            pattern += ")"
            if open.removeLast() == 0 { isFirstClosed = true }
        }
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            switch Int.random(in: 0..<14, using: &generator) {
            case 0:
                pattern += "(" + (items.randomElement(using: &generator) ?? "a")
                open.append(count)
                count += 1
            case 1 where !open.isEmpty: close()
            case 2:
                pattern += "()"
                if count == 0 { isFirstClosed = true }
                count += 1
            case 3: pattern += "%b()"
            case 4: pattern += "%f[%w]"
            case 5 where isFirstClosed: pattern += "%1"
            default:
                pattern += (items.randomElement(using: &generator) ?? "a") + (quantifiers.randomElement(using: &generator) ?? "")
            }
        }
        while !open.isEmpty { close() }
        return pattern + (Int.random(in: 0..<6, using: &generator) == 0 ? "$" : "")
    }
}
