import Testing

@testable import MusterPlugins

@Suite("Mocks of specs") struct StubTests {
    static let manifest = """
        "permissions": {"http": ["https://api.example.com/*"], "kv": true}
        """
    /// Sends `ctx.user.title` as JSON to `ctx.user.nickName`, as often as `ctx.user.userName` says.
    static let lua = """
        local function send(ctx)
          local answers = {}
          for i = 1, tonumber(ctx.user.userName) do
            local ended, reply = pcall(muster.http.post, "https://api.example.com/" .. (ctx.user.nickName or "x"), {
              json = { to = ctx.user.title, list = { 1, 2 } }, headers = { ["x-kind"] = "a" }, timeout = 2,
            })
            answers[i] = ended and tostring(reply.status) or reply
          end
          ctx.user.displayName = table.concat(answers, " ")
        end
        return {
          onCreate = function(ctx) send(ctx) ctx.fail { reason = ctx.user.displayName } end,
          mapUser = send,
          onUpdate = function(ctx) ctx.fail { reason = muster.crypto.random(4) .. " " .. muster.crypto.uuid():sub(-2) } end,
          onDelete = function(ctx) ctx.fail { reason = tostring(muster.kv.get("k")) } end,
        }
        """

    /// What the hook got, one after the other.
    private func answers(_ stubs: String, count: Int = 3, more: String = "") async throws -> String? {
        try await SpecBench.message(
            """
            local function run(hook, user) user.id, user.userName = "u1", tostring(user.count or \(count)) user.count = nil
              return test.run(hook, { user = user }).reason
            end
            \(stubs)
            error(run("onCreate", { title = "ada" })\(more), 0)
            """, lua: Self.lua, manifest: Self.manifest)
    }

    @Test("a stub answers in sequence, once, so many times, or where the request fits")
    func answering() async throws {
        #expect(try await answers("test.http.stub('POST', '*', { { status = 503 }, { status = 429 }, {} })", count: 4) == "503 429 200 200")
        #expect(
            try await answers("test.http.stub('POST', '*') test.http.stub('POST', '*', { status = 409 }, { once = true })") == "409 200 200"
        )
        #expect(try await answers("test.http.stub('*', '*') test.http.stub('*', '*', { status = 201 }, { times = 2 })") == "201 201 200")
        let fitting = """
            test.http.stub("POST", "*", { status = 500 })
            test.http.stub("POST", "https://api.example.com/x", { status = 200 }, { MATCH })
            """
        for (match, status) in [
            ("json = { to = 'ada' }", "200"), ("json = { to = 'bob' }", "500"), ("json = { list = { 1, 2 } }", "200"),
            ("json = { list = { 1 } }", "500"), ("json = { none = 1 }", "500"), ("body = '\"ada\"'", "200"), ("body = 'eve'", "500"),
            ("headers = { ['X-Kind'] = 'a' }", "200"), ("headers = { ['x-kind'] = 'b' }", "500"), ("headers = { other = 'b' }", "500"),
        ] {
            #expect(try await answers(fitting.replacing("MATCH", with: match), count: 1) == status, "\(match)")
        }
    }

    @Test("the network can fail, stay silent or be slow, on the clock of the spec")
    func network() async throws {
        let failed = try await answers("test.http.stub('POST', '*', { failure = 'connection refused' })", count: 1)
        #expect(failed?.hasSuffix("http.request: connection refused") == true)
        let clock = #" .. " " .. muster.time.now() - 1767225600"#
        let silent = try await answers("test.http.stub('POST', '*', { silent = true })", count: 1, more: clock)
        #expect(silent?.contains("did not answer in time") == true)
        let late = try await answers("test.http.stub('POST', '*', { latency = 5 })", count: 1, more: clock)
        #expect(late?.contains("did not answer in time") == true)
        #expect(try await answers("test.http.stub('POST', '*', { latency = 1.5 })", count: 2, more: clock) == "200 200 3")
    }

    @Test("a request that no stub answers fails the spec, also where the plugin catches the error, and says what to do")
    func unanswered() async throws {
        func message(_ stubs: String) async throws -> String? {
            try await SpecBench.message(
                stubs + "\ntest.run('onCreate', { user = { id = 'u1', userName = '1', title = 'ada' } })", lua: Self.lua,
                manifest: Self.manifest)
        }
        #expect(
            try await message("")
                == #"no stub for POST https://api.example.com/x; add test.http.stub("POST", "https://api.example.com/x", {...})"#)
        let objection = "no stub for POST https://api.example.com/x; the newest one for this address does not fit: "
        #expect(
            try await message("test.http.stub('POST', '*', {}, { json = { to = 'bob' } })") == objection + #"json.to is "ada", not "bob""#)
        #expect(
            try await message("test.http.stub('POST', '*', {}, { json = { list = { 1 } } })") == objection
                + "json.list has 2 elements, not 1")
        #expect(
            try await message("test.http.stub('POST', '*', {}, { headers = { ['X-Kind'] = 'b' } })") == objection
                + "the header x-kind is 'a', not 'b'")
        #expect(try await message("test.http.stub('GET', '*', {})")?.contains("add test.http.stub") == true)
    }

    @Test(
        "a stub that makes no sense is refused",
        arguments: [
            ("'POST', '*', { statsu = 1 }", "a reply has no 'statsu'; did you mean 'status'?"),
            ("'POST', '*', {}, { onec = true }", "a stub's match has no 'onec'; did you mean 'once'?"),
            ("'POST', '*', { status = 7 }", "'status' is a whole number from 100 to 599"),
            ("'POST', '*', { latency = -1 }", "'latency' is a number"),
            ("'POST', '*', {}, { times = 0 }", "'times' is a whole number above 0"), ("'POST', '*', { 1 }", "a reply is a table"),
            ("nil, '*'", "the method must be a string"),
        ])
    func refused(_ arguments: String, _ message: String) async throws {
        let problem = try await SpecBench.message("test.http.stub(\(arguments))", lua: Self.lua, manifest: Self.manifest)
        #expect(problem?.contains(message) == true, "\(problem ?? "")")
    }

    @Test("the second run of a hook before the commit meets the same answers and the same time as the first one")
    func replay() async throws {
        let problem = try await SpecBench.message(
            """
            test.http.stub("POST", "*", { { status = 503, latency = 1 }, { status = 200 }, { status = 404 } })
            local run = test.run("mapUser", { user = { userName = "2" } })
            expect(run.user.displayName).equals("503 200")
            expect(test.http.calls).has_length(2)
            expect(muster.time.now()).equals(1767225601)
            expect(test.run("mapUser", { user = { userName = "1" } }).user.displayName).equals("404")
            """, lua: Self.lua, manifest: Self.manifest)
        #expect(problem == nil, "\(problem ?? "")")
    }

    @Test("chance is the same in each spec, and another one with a seed; values end with the clock")
    func chance() async throws {
        let problem = try await SpecBench.message(
            """
            local function draw() return test.run("onUpdate", { user = { id = "u1" } }).reason end
            local first, second = draw(), draw()
            expect(first).matches("^%x%x%x%x%x%x%x%x 01$")
            expect(second).matches(" 02$")
            test.random.seed(1)
            expect(draw():sub(1, 8)).equals(first:sub(1, 8))
            test.random.seed(2)
            expect(draw():sub(1, 8)).differs(first:sub(1, 8))
            test.kv.set("k", 5, { ttl = 60 })
            local function value() return test.run("onDelete", { user = { id = "u1" } }).reason end
            expect(value()).equals("5")
            test.clock.advance(61)
            expect(value()).equals("nil")
            """, lua: Self.lua, manifest: Self.manifest)
        #expect(problem == nil, "\(problem ?? "")")
    }
}
