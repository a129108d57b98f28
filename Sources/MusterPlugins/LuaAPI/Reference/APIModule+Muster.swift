extension APIModule {
    static let muster = APIModule(
        name: "muster", sentence: "The one global of ours; it cannot be changed.",
        functions: [
            APIFunction(
                "once",
                [
                    .required("ctx", "muster.UserEvent|muster.ManagerEvent|muster.GroupEvent|muster.MembershipEvent", "The hook's `ctx`."),
                    .required("name", "string", "The step's name, at most 64 bytes."),
                    .required("step", "fun()", "What is to be done once."),
                ], returns: [APIReturn("boolean", "whether it ran now")], phases: .acting, permission: .kv,
                host: ["once_begin", "once_leave", "once_end"],
                "Runs a step once over all attempts of an event: a step that ended is not repeated. One that failed is, and one whose end "
                    + "could not be noted, since the server was killed in that moment: its requests carry the same Idempotency-Key then.",
                example: """
                    muster.once(ctx, "announce", function() muster.log.info("a new person", { user = ctx.user.id }) end)
                    """)
        ], values: [.required("api", "integer", "The level of this API.")])

    static let log = APIModule(
        name: "muster.log",
        sentence: "Writes into the server's log, with plugin, hook and request. Secrets are blotted out; a run has 100 lines.",
        functions: ["debug", "info", "warn", "error"].map { level in
            APIFunction(
                level,
                [.required("message", "any", "The text."), .optional("fields", "table<string, any>", "At most 20 values to go with it.")],
                host: ["log"], "Logs a line at the level \(level).",
                example: """
                    muster.log.\(level)("badge printed", { user = "u1", printer = 3 })
                    """)
        })

    static let json = APIModule(
        name: "muster.json", sentence: "JSON as Lua values.",
        functions: [
            APIFunction(
                "encode", [.required("value", "any", "Nested at most 40 deep.")], returns: [APIReturn("string", "the JSON text")],
                host: ["json_encode"], "Writes a value as JSON; an empty table becomes `{}` unless it is a `json.array`.",
                example: """
                    local text = muster.json.encode { name = "Ada", tags = muster.json.array {} }
                    assert(text:find('"tags":[]', 1, true))
                    """),
            APIFunction(
                "decode", [.required("text", "string", "At most 2 MiB.")], returns: [APIReturn("any", "the value")],
                host: ["json_decode"], "Reads JSON; `null` in it is `muster.json.null`, which is true in a condition.",
                example: """
                    local value = muster.json.decode('{"left": null, "count": 2}')
                    assert(value.left == muster.json.null and value.count == 2)
                    """),
            APIFunction(
                "array", [.optional("t", "any[]", "The elements.")], returns: [APIReturn("any[]", "the same table")],
                "Marks a table as a JSON array, so that it stays `[]` when it is empty.",
                example: """
                    local none = muster.json.array {}
                    assert(muster.json.encode(none) == "[]")
                    """),
        ], values: [.required("null", "lightuserdata", "JSON's null; the global `null` is the same.")])

    static let secrets = APIModule(
        name: "muster.secrets", sentence: "What must stand in no file of the plugin.",
        functions: [
            APIFunction(
                "get", [.required("name", "string", "One of `permissions.secrets`.")], returns: [APIReturn("string", "the secret")],
                permission: .secrets, host: ["secret"],
                "Gives a secret: `MUSTER_SECRET_NAME` of the server's environment, or the file NAME in the secrets folder.",
                example: """
                    local authorization = "Bearer " .. muster.secrets.get("API_TOKEN")
                    assert(#authorization > 7)
                    """)
        ])

    static let time = APIModule(
        name: "muster.time", sentence: "The server's clock.",
        functions: [
            APIFunction(
                "now", returns: [APIReturn("integer", "seconds since 1970")], host: ["now"], "The time.",
                example: """
                    local yesterday = muster.time.now() - 24 * 3600
                    assert(yesterday > 0)
                    """),
            APIFunction(
                "iso", [.optional("seconds", "number", "Seconds since 1970; the present time where it is left out.")],
                returns: [APIReturn("string", "such as `2026-01-02T03:04:05.000Z`")], host: ["iso"], "A time as SCIM writes it.",
                example: """
                    assert(muster.time.iso(0):find("^1970%-01%-01T00:00:00"))
                    """),
            APIFunction(
                "sleep", [.required("seconds", "number", "From 0 to 60.")], phases: .waiting, host: ["sleep"],
                "Waits, which counts towards the hook's time but holds no thread.",
                example: """
                    muster.time.sleep(0.5)
                    """),
        ])
}
