extension APIModule {
    static let describing = APIModule(
        name: "", sentence: "How a file spec/NAME_spec.lua is built.",
        functions: [
            APIFunction(
                "describe", [.required("name", "string", "What it is about."), .required("body", "fun()", "Declares specs.")],
                "Groups specs; can be nested.",
                example: """
                    describe("welcome mail", function()
                      it("is written once", function() end)
                    end)
                    """),
            APIFunction(
                "it", [.required("name", "string", "What holds."), .required("body", "fun()", "Fails by an error.")],
                "Declares a spec. Each runs in a fresh world: no calls, no values, no secrets.",
                example: """
                    it("adds", function() expect(1 + 1).equals(2) end)
                    """),
            APIFunction(
                "pending", [.required("name", "string", "What will hold, or why."), .optional("body", "fun()", "Not run.")],
                "Declares a spec that is still to be written; it counts, and never fails. Within a spec: ends it so, with the reason.",
                example: """
                    pending("waits for the new mail service")
                    """),
            APIFunction(
                "before_each", [.required("body", "fun()", "Runs before each spec of this group.")], "Prepares each spec of a group.",
                example: """
                    before_each(function() test.clock.set("2026-01-02T03:04:05Z") end)
                    """),
            APIFunction(
                "after_each", [.required("body", "fun()", "Runs after each spec of this group, also one that fails.")],
                "Looks at what each spec of a group has left.",
                example: """
                    after_each(function() expect(test.logs.error).has_length(0) end)
                    """),
            APIFunction(
                "expect", [.required("value", "any", "What was found.")],
                returns: [APIReturn("muster.Expectation", "what can be said of it")],
                "Begins an expectation.",
                example: """
                    expect({ 1, 2 }).equals { 1, 2 }
                    """),
        ])

    static let test = APIModule(
        name: "test", sentence: "Runs hooks in a made-up world with the permissions and guards of the server.",
        functions: [
            APIFunction(
                "run",
                [.required("hook", "muster.HookName", "The hook."), .optional("ctx", "table<string, any>", "Fields of its `ctx`.")],
                returns: [APIReturn("muster.Run", "how it ended")],
                "Runs a hook. An error in the plugin fails the spec with the plugin's line. Hooks before the commit run twice and must answer alike.",
                example: """
                    local run = test.run("onCreate", { user = { id = "u1", userName = "ada", active = true } })
                    expect(run.outcome).equals("done")
                    """),
            APIFunction(
                "error_of",
                [.required("hook", "muster.HookName", "The hook."), .optional("ctx", "table<string, any>", "Fields of its `ctx`.")],
                returns: [APIReturn("string", "the error")], "Runs a hook that is meant to fail by an error.",
                example: """
                    expect(test.error_of("onUpdate", { user = { id = "u1" } })).contains("no time")
                    """),
            APIFunction(
                "config", [.optional("settings", "table<string, any>", "As the site would write them.")],
                returns: [APIReturn("table<string, any>", "with the defaults")],
                "Gives the plugin its settings, checked against plugin.json.",
                example: """
                    local config = test.config { greeting = "hello" }
                    expect(config.greeting).equals("hello")
                    """),
            APIFunction(
                "secret", [.required("name", "string", "One of `permissions.secrets`."), .required("value", "string", "Made up.")],
                "Gives the plugin a secret.",
                example: """
                    test.secret("API_TOKEN", "made-up")
                    """),
            .openWorld,
        ], values: [.required("logs", "muster.Logs", "What was logged, by level: `test.logs.warn[1].message`.")])

    static let testHTTP = APIModule(
        name: "test.http", sentence: "The world behind `muster.http`.",
        functions: [
            APIFunction(
                "stub",
                [
                    .required("method", "string", "Such as `POST`; `*` for any."),
                    .required("url", "string", "The whole address, or its beginning and `*`."),
                    .optional(
                        "reply", "muster.StubReply|muster.StubReply[]",
                        "200 without a body where it is left out. Of a list each in turn, the last one again and again."),
                    .optional("matching", "muster.StubMatching", "Which requests to this address it answers; all where it is left out."),
                ], "Says how a request is answered; the newest stub that fits counts. A request without one fails its spec.",
                example: """
                    test.http.stub("POST", "https://api.example.com/*", { status = 503, headers = { ["retry-after"] = "30" } })
                    test.http.stub("POST", "https://api.example.com/people", { { failure = "connection refused" }, { status = 201 } })
                    test.http.stub("POST", "https://api.example.com/people", { status = 409 }, { json = { name = "Ada" }, once = true })
                    """)
        ], values: [.required("calls", "muster.Call[]", "The requests so far: `test.http.calls[1].json`.")])

    static let testMail = APIModule(
        name: "test.mail", sentence: "The world behind `muster.mail`. Mails without a `from` come from `muster@example.com`.",
        functions: [
            APIFunction(
                "fail",
                [
                    .optional("reason", "string", "What the machine says."),
                    .optional("count", "integer", "How many mails; 1 where it is left out."),
                ], "Lets the machine refuse the next mail, or so many; what is refused is not among `test.mail.sent`.",
                example: """
                    test.mail.fail("the queue is full", 2)
                    """)
        ], values: [.required("sent", "muster.SentMail[]", "The mails so far: `test.mail.sent[1].subject`.")])

    static let testSCIM = APIModule(
        name: "test.scim", sentence: "The directory behind `muster.scim`.",
        functions: [
            APIFunction(
                "add",
                [
                    .required("type", "\"User\"|\"Group\"", "The resource type."),
                    .required("resource", "table<string, any>", "With an id."),
                ],
                "Puts a resource into the directory.",
                example: """
                    test.scim.add("User", { id = "m1", userName = "boss", active = true })
                    """),
            APIFunction(
                "changed", [.required("change", "table<string, any>", "As `muster.scim.changes` gives it; its number is set.")],
                "Adds a change to those that `muster.scim.changes` reads.",
                example: """
                    test.scim.changed { actor = "onelogin", operation = "create", resource = { type = "User", id = "u1" } }
                    """),
        ])

    static let testClock = APIModule(
        name: "test.clock", sentence: "The clock behind `muster.time`; it stands still.",
        functions: [
            APIFunction(
                "set", [.required("time", "string", "As SCIM writes it.")], "Sets the clock.",
                example: """
                    test.clock.set("2026-01-02T03:04:05Z")
                    expect(muster.time.iso()).matches("^2026%-01%-02")
                    """),
            APIFunction(
                "advance", [.required("seconds", "number", "How far, at most ten years.")], "Moves the clock on.",
                example: """
                    local before = muster.time.now()
                    test.clock.advance(60)
                    expect(muster.time.now() - before).equals(60)
                    """),
        ])

    static let testRandom = APIModule(
        name: "test.random", sentence: "The chance behind `muster.crypto.random`; each spec draws the same. UUIDs count from 1.",
        functions: [
            APIFunction(
                "seed", [.required("number", "integer", "Draws another row.")], "Draws other bytes.",
                example: """
                    test.random.seed(1)
                    local first = muster.crypto.random(8)
                    test.random.seed(1)
                    expect(muster.crypto.random(8)).equals(first)
                    """)
        ])

    static let testKV = APIModule(
        name: "test.kv", sentence: "The values behind `muster.kv`.",
        functions: [
            APIFunction(
                "get", [.required("key", "string", "The key.")], returns: [APIReturn("any", "the value, or nil")], "Gives a value.",
                example: """
                    expect(test.kv.get("badge:u1")).is_nil()
                    """),
            APIFunction(
                "set",
                [
                    .required("key", "string", "The key."), .required("value", "any", "The value."),
                    .optional("options", "{ttl?: number}", "How many seconds it is kept."),
                ], "Keeps a value.",
                example: """
                    test.kv.set("badge:u1", 7)
                    expect(test.kv.get("badge:u1")).equals(7)
                    """),
        ])

    /// What `expect(value)` answers; called `expect(value).equals(…)`.
    static let expectation = APIModule(
        name: "expect(value)", sentence: "What can be said of a value, and by `expect(value).never` denied.",
        functions: [
            APIFunction(
                "equals", [.required("want", "any", "Compared as a whole, tables by their content.")], "It equals another.",
                example: """
                    expect({ name = "Ada" }).equals { name = "Ada" }
                    """),
            APIFunction(
                "differs", [.required("want", "any", "Compared as a whole.")], "It differs from another.",
                example: """
                    expect("ada").differs("Ada")
                    """),
            APIFunction(
                "includes", [.required("part", "table", "Compared key by key, lists element by element.")],
                "It is a table that holds a part.",
                example: """
                    expect({ userName = "ada", active = true }).includes { active = true }
                    """),
            APIFunction(
                "is_nil", [], "It is nil.",
                example: """
                    expect(nil).is_nil()
                    """),
            APIFunction(
                "is_true", [], "It is true, and not merely true in a condition.",
                example: """
                    expect(1 < 2).is_true()
                    """),
            APIFunction(
                "is_false", [], "It is false, and not nil.",
                example: """
                    expect(2 < 1).is_false()
                    """),
            APIFunction(
                "is_a", [.required("type", "string", "As `type` gives it.")], "It has a type.",
                example: """
                    expect(muster.time.now()).is_a("number")
                    """),
            APIFunction(
                "is_near",
                [.required("want", "number", "The number."), .optional("tolerance", "number", "A billionth where it is left out.")],
                "It is a number close to another.",
                example: """
                    expect(0.1 + 0.2).is_near(0.3)
                    """),
            APIFunction(
                "has_length", [.required("length", "integer", "As `#` gives it.")], "It is a text or a list of that length.",
                example: """
                    expect(test.http.calls).has_length(0)
                    """),
            APIFunction(
                "errors", [.optional("pattern", "string", "A part of the error, or a Lua pattern.")],
                "It is a function that raises an error.",
                example: """
                    expect(function() error("no money") end).errors("money")
                    """),
            APIFunction(
                "contains", [.required("part", "any", "A part of a text, or a value of a table.")], "It holds something.",
                example: """
                    expect({ "a", "b" }).contains("b")
                    """),
            APIFunction(
                "matches", [.required("pattern", "string", "A Lua pattern.")], "It is a text that fits a pattern.",
                example: """
                    expect("e1:revoke-access:1").matches("^e1:")
                    """),
            APIFunction(
                "matches_snapshot", [.required("name", "string", "Names the snapshot in spec/NAME.snap.json.")],
                "It equals what was kept; `muster test --update` renews it.",
                example: """
                    expect({ name = "Ada" }).matches_snapshot("ada")
                    """),
        ])
}

extension APIShape {
    /// What functions of specs take and return.
    static let specs: [APIShape] = [
        APIShape(
            name: "muster.Run", sentence: "How a hook ended.",
            fields: [
                .required("outcome", "\"done\"|\"skip\"|\"reject\"|\"retry\"|\"fail\"", "Its outcome."),
                .optional("user", "muster.User", "As a map hook left it."), .optional("group", "muster.Group", "As a map hook left it."),
                .optional("groups", "{op: \"add\"|\"remove\", group: string}[]", "What a map hook did by `ctx.groups`."),
                .optional("reason", "string", "As the hook gave it."), .optional("after", "number", "As the hook gave it."),
                .optional("status", "integer", "As the hook gave it."), .optional("scimType", "string", "As the hook gave it."),
                .optional("detail", "string", "As the hook gave it."),
            ]),
        APIShape(
            name: "muster.StubReply", sentence: "A made-up answer.",
            fields: [
                .optional("status", "integer", "200 where it is left out."), .optional("headers", "table<string, string>", "By name."),
                .optional("body", "string", "As it is."), .optional("json", "any", "A value that becomes the body."),
                .optional("latency", "number", "By how many seconds the clock goes on before it comes."),
                .optional("failure", "string", "No answer, but this problem with the connection."),
                .optional("silent", "boolean", "No answer within the request's time."),
            ]),
        APIShape(
            name: "muster.StubMatching", sentence: "Which requests a stub answers.",
            fields: [
                .optional("json", "any", "What the body holds, compared key by key."),
                .optional("body", "string", "A text that the body holds."),
                .optional("headers", "table<string, string>", "Headers that are there."),
                .optional("once", "boolean", "Only the first of them."), .optional("times", "integer", "Only so many."),
            ]),
        APIShape(
            name: "muster.Call", sentence: "A request that a hook made.",
            fields: [
                .required("method", "string", "In upper case."), .required("url", "string", "The address."),
                .required("headers", "table<string, string>", "By their names in lower case."),
                .required("body", "string", "As it was sent."),
                .optional("json", "any", "The body, where it is JSON."),
            ]),
        APIShape(
            name: "muster.SentMail", sentence: "A mail that a hook sent. Addresses are as they were given: `Ada <ada@example.com>`.",
            fields: [
                .required("message_id", "string", "In angle brackets."), .required("from", "string", "From whom it comes."),
                .optional("reply_to", "string", "Whom an answer goes to."), .required("to", "string[]", "Whom it is meant for."),
                .required("cc", "string[]", "Who gets a copy."), .required("bcc", "string[]", "Who gets a copy unseen."),
                .required("subject", "string", "The subject."), .required("text", "string", "The text."),
                .optional("html", "string", "The text as HTML."),
                .required("headers", "table<string, string>", "Further headers, by their names in lower case."),
            ]),
        APIShape(
            name: "muster.Logs", sentence: "What was logged.",
            fields: ["debug", "info", "warn", "error"].map {
                .required($0, "{message: string, fields: table<string, string>}[]", "Lines at the level \($0).")
            }),
    ]
}
