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
                "pending", [.required("name", "string", "What will hold."), .optional("body", "fun()", "Not run.")],
                "Declares a spec that is still to be written; it counts, and never fails.",
                example: """
                    pending("waits for the new mail service")
                    """),
            APIFunction(
                "before_each", [.required("body", "fun()", "Runs before each spec of this group.")], "Prepares each spec of a group.",
                example: """
                    before_each(function() test.clock.set("2026-01-02T03:04:05Z") end)
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
                    .optional("reply", "muster.StubReply", "200 without a body where it is left out."),
                ], "Says how a request is answered; the newest stub that fits counts. One without a stub fails.",
                example: """
                    test.http.stub("POST", "https://api.example.com/*", { status = 503, headers = { ["retry-after"] = "30" } })
                    """)
        ], values: [.required("calls", "muster.Call[]", "The requests so far: `test.http.calls[1].json`.")])

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
                "advance", [.required("seconds", "number", "How far.")], "Moves the clock on.",
                example: """
                    local before = muster.time.now()
                    test.clock.advance(60)
                    expect(muster.time.now() - before).equals(60)
                    """),
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
                "set", [.required("key", "string", "The key."), .required("value", "any", "The value.")], "Keeps a value.",
                example: """
                    test.kv.set("badge:u1", 7)
                    expect(test.kv.get("badge:u1")).equals(7)
                    """),
        ])

    /// What `expect(value)` answers; called `expect(value).equals(…)`.
    static let expectation = APIModule(
        name: "expect(value)", sentence: "What can be said of a value.",
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
                "contains", [.required("part", "any", "A part of a text, or a value of a table.")], "It holds something.",
                example: """
                    expect({ "a", "b" }).contains("b")
                    """),
            APIFunction(
                "matches", [.required("pattern", "string", "A Lua pattern.")], "It is a text that fits a pattern.",
                example: """
                    expect("e1:sessions:1").matches("^e1:")
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
            name: "muster.Logs", sentence: "What was logged.",
            fields: ["debug", "info", "warn", "error"].map {
                .required($0, "{message: string, fields: table<string, string>}[]", "Lines at the level \($0).")
            }),
    ]
}
