import Testing

@testable import MusterPlugins

@Suite("expect") struct ExpectationTests {
    @Test(
        "each matcher agrees to what holds, and never denies it",
        arguments: [
            "expect({ a = { 1, 2 } }).equals { a = { 1, 2 } }", "expect('a').differs('b')", "expect(nil).is_nil()",
            "expect(true).is_true()",
            "expect(false).is_false()", "expect('abc').contains('b')", "expect({ { 1 } }).contains { 1 }", "expect('ab').matches('^a')",
            "expect('abc').has_length(3)", "expect({ 1, 2 }).has_length(2)",
            "expect({ a = 1, b = { c = 2, d = 3 } }).includes { b = { c = 2 } }",
            "expect(function() error('no money') end).errors('money')",
            "expect(function() error({ reason = 'late' }) end).errors('^late$')",
            "expect(function() error() end).errors()", "expect(0.1 + 0.2).is_near(0.3)", "expect(10).is_near(12, 2)",
            "expect('x').is_a('string')",
        ])
    func holds(_ line: String) async throws {
        #expect(try await SpecBench.message(line) == nil)
        let denied = line.replacing("expect(", with: "expect(", maxReplacements: 1)
        let name = try #require(line.matches(of: /\)\.(\w+)[ (]/).last?.1)
        let never = denied.replacing(").\(name)", with: ").never.\(name)")
        let message = try #require(try await SpecBench.message(never))
        #expect(message.hasPrefix("expected ") && message.contains(" not to "), "\(message)")
    }

    @Test(
        "a matcher that does not hold says what it found and what it wanted",
        arguments: [
            ("expect(1).equals(2)", "expected 1 to equal 2"), ("expect('a').equals('b')", #"expected "a" to equal "b""#),
            ("expect(nil).is_true()", "expected nil to be true"), ("expect(1).is_nil()", "expected 1 to be nil"),
            ("expect(1).differs(1)", "expected 1 to differ from 1"), ("expect('abc').contains('x')", #"expected "abc" to contain "x""#),
            ("expect(5).matches('x')", #"expected 5 to match "x""#),
            ("expect({ 1 }).has_length(2)", "expected {1} to have length 2\n  its length is 1"),
            ("expect(function() end).errors()", "expected the value to raise an error\n  it ended without one"),
            (
                "local pay = function() error('no money', 0) end expect(pay).errors('time')",
                "expected pay to raise an error that matches \"time\"\n  the error is \"no money\""
            ),
            ("expect(1).is_near(2, 0.5)", "expected 1 to be within 0.5 of 2"), ("expect(1).is_a('table')", "expected 1 to be a table"),
            ("expect({ ['a-b'] = 1, c = 2 }).equals(3)", "expected {[\"a-b\"] = 1, c = 2} to equal 3"),
        ])
    func fails(_ body: String, _ message: String) async throws {
        #expect(try await SpecBench.message(body) == message)
    }

    @Test("differing tables are told apart path by path, in order, and at most ten times")
    func differences() async throws {
        let message = try await SpecBench.message(
            """
            local user = { emails = { { value = "b" } }, name = "Ada", ["urn:x"] = 1, extra = true }
            expect(user).equals { emails = { { value = "a", type = "work" } }, name = "Ada", ["urn:x"] = 2 }
            """)
        #expect(
            message == """
                user is not as expected:
                  at user.emails[1].type: missing, expected "work"
                  at user.emails[1].value: expected "a", got "b"
                  at user["urn:x"]: expected 2, got 1
                  at user.extra: unexpected, got true
                """)
        let part = try await SpecBench.message("local run = { user = { a = 1 } } expect(run.user).includes { a = 2, b = 3 }")
        #expect(
            part == """
                expected {a = 1} to include {a = 2, b = 3}
                  at run.user.a: expected 2, got 1
                  at run.user.b: missing, expected 3
                """)
        let many = try await SpecBench.message(
            "local a, b = {}, {} for i = 1, 30 do a[i], b[i] = i, -i end expect(a) .equals(b)")
        #expect(many?.split(separator: "\n").count == 12)
        #expect(many?.hasSuffix("and 20 more") == true)
    }

    @Test("long texts are cut, and the place is named where they part; a cycle does not hang")
    func long() async throws {
        let message = try #require(try await SpecBench.message("local a = ('x'):rep(2000) expect(a .. 'y').equals(a .. 'z')"))
        #expect(message.utf8.count < 1500 && message.contains("they part at byte 2001"))
        let cycle = try await SpecBench.message("local t = {} t.t = t local u = {} u.u = u expect(t).equals(u)")
        #expect(cycle != nil)
        let same = try await SpecBench.message("local t, u = {}, {} t.t, u.t = t, u expect(t).equals(u)")
        #expect(same == "a value is nested too deeply to be compared")
    }

    @Test(
        "wrong use is named at the spec's line",
        arguments: [
            ("expect(1).equls(1)", "expect(...) has no 'equls'; did you mean 'equals'?"),
            ("expect(1):equals(1)", "call it as expect(...).equals(...), with a dot"),
            ("expect(1).errors()", "errors: expect(...) needs a function, not 1"),
            ("expect('a').matches(1)", "matches needs a string, not 1"), ("expect({}).includes(1)", "includes needs a table, not 1"),
        ])
    func misuse(_ line: String, _ message: String) async throws {
        let bench = try SpecBench(["probe": "it('probes', function()\n\(line)\nend)"])
        let result = try #require(try await bench.run().results.first)
        #expect(result.message == message && result.place == "probe/spec/probe_spec.lua:2")
    }
}
