extension APIFunction {
    static let openWorld = APIFunction(
        "world", [.optional("options", "muster.WorldOptions", "The client, and what else differs from the usual.")],
        returns: [APIReturn("muster.World", "the world")],
        "Starts a real engine on a throw-away directory, with this plugin loaded and a simulated client before it. What the plugin reaches "
            + "outside is the spec's: stubs, secrets, values, clock and log.",
        example: """
            local world = test.world { client = "onelogin" }
            local ada = world.create_user { userName = "ada@example.com", givenName = "Ada" }
            world.settle()
            expect(world.user(ada).active).equals(true)
            """)
}

extension APIModule {
    private static let user = APIField.required("user", "string|muster.User", "Its id, or what an operation answered.")
    private static let group = APIField.required("group", "string|muster.Group", "Its displayName or id, or what an operation answered.")
    private static let attributes = APIField.required(
        "attributes", "table<string, any>",
        "Attributes of RFC 7643, or for short givenName, familyName, email, phone, mobile, department, division, organization, costCenter, "
            + "employeeNumber, manager, and for a new user groups.")
    private static let allowErrors = APIField.optional(
        "options", "{allow_errors: boolean}", "`allow_errors` leaves hooks that fail to be tried again.")

    /// What `test.world` answers: called with a dot, as `world.settle()`.
    static let world = APIModule(
        name: "world",
        sentence: "A directory with its queue, driven as the client drives it: each operation sends the requests that OneLogin, Okta or "
            + "Entra ID send for it, and raises what the server refuses.",
        functions: people + groups + going + looking,
        values: [
            .required("requests", "muster.Exchange[]", "What the clients sent so far, and what was answered."),
            .required("events", "muster.WorldEvent[]", "What happened in the directory so far."),
        ])

    private static let people = [
        APIFunction(
            "create_user", [attributes], returns: [APIReturn("muster.User", "as it was answered")], "Creates a person.",
            example: """
                local bob = world.create_user { userName = "bob@example.com", department = "Sales", groups = { "staff" } }
                expect(bob.id).differs(nil)
                """),
        APIFunction(
            "update_user", [user, attributes], returns: [APIReturn("muster.User", "as it was answered")],
            "Changes a person; `null` takes an attribute away.",
            example: """
                expect(world.update_user(ada, { title = "Countess" }).title).equals("Countess")
                """),
        APIFunction(
            "deactivate_user", [user], returns: [APIReturn("muster.User", "as it was answered")], "Deactivates a person.",
            example: """
                world.deactivate_user(ada)
                expect(world.user(ada).active).equals(false)
                """),
        APIFunction(
            "reactivate_user", [user], returns: [APIReturn("muster.User", "as it was answered")], "Activates a person again.",
            example: """
                world.deactivate_user(ada)
                world.reactivate_user(ada)
                expect(world.user(ada).active).equals(true)
                """),
        APIFunction(
            "delete_user", [user], "Deletes a person. Okta never does.",
            example: """
                world.delete_user(ada)
                expect(world.user(ada)).is_nil()
                """),
        APIFunction(
            "set_manager", [user, .optional("manager", "string|muster.User", "Nil for none any more.")],
            returns: [APIReturn("muster.User", "as it was answered")], "Assigns a manager, or takes them away.",
            example: """
                local boss = world.create_user { userName = "boss@example.com" }
                world.set_manager(ada, boss)
                expect(world.user(ada)[muster.scim.ENTERPRISE].manager.value).equals(boss.id)
                """),
        APIFunction(
            "list_users", returns: [APIReturn("muster.User[]", "all of them")], "Reads all people, page after page. Entra ID never does.",
            example: """
                expect(#world.list_users()).equals(1)
                """),
    ]

    private static let groups = [
        APIFunction(
            "create_group", [.required("name", "string", "The displayName.")], returns: [APIReturn("muster.Group", "as it was answered")],
            "Creates a group.",
            example: """
                world.create_group("staff")
                expect(world.group("staff").displayName).equals("staff")
                """),
        APIFunction(
            "rename_group", [group, .required("name", "string", "The new displayName.")],
            returns: [APIReturn("muster.Group", "as it was answered")], "Renames a group. OneLogin never does.",
            example: """
                local okta = world.client("okta")
                okta.create_group("staff")
                okta.rename_group("staff", "Staff")
                expect(world.group("Staff")).differs(nil)
                """),
        APIFunction(
            "add_member", [group, user], "Puts a person into a group.",
            example: """
                world.add_member("staff", ada)
                expect(world.members("staff")).equals { "ada@example.com" }
                """),
        APIFunction(
            "remove_member", [group, user], "Takes a person out of a group.",
            example: """
                world.add_member("staff", ada)
                world.remove_member("staff", ada)
                expect(#world.members("staff")).equals(0)
                """),
        APIFunction(
            "delete_group", [group], "Deletes a group. OneLogin never does.",
            example: """
                local entra = world.client("entra")
                entra.create_group("staff")
                entra.delete_group("staff")
                expect(world.group("staff")).is_nil()
                """),
        APIFunction(
            "refused",
            [.required("operation", "string", "Such as `create_user`."), .required("...", "any", "What the operation takes.")],
            returns: [APIReturn("muster.Refusal", "what the client is told")],
            "Does what the server is expected to refuse; fails when it is accepted.",
            example: """
                expect(world.client("rfc").refused("create_user", { userName = "ada@example.com" }).scimType).equals("uniqueness")
                """),
        APIFunction(
            "request", [.required("request", "muster.WorldRequest", "As it goes over the wire.")],
            returns: [APIReturn("muster.WorldAnswer", "whatever it is, errors too")], "Sends one request with the client's token.",
            example: """
                local answer = world.request { path = "/Users/" .. ada.id }
                expect(answer.status).equals(200)
                expect(answer.json.userName).equals("ada@example.com")
                """),
        APIFunction(
            "client",
            [
                .required("name", "\"onelogin\"|\"okta\"|\"entra\"|\"rfc\"", "Which."),
                .optional("settings", "table<string, any>", "How it is set up, as in `test.world`."),
            ], returns: [APIReturn("muster.WorldClient", "its operations")], "Lets another client use the same directory.",
            example: """
                world.client("okta").deactivate_user(ada)
                expect(world.user(ada).active).equals(false)
                """),
    ]

    private static let going = [
        APIFunction(
            "settle", [allowErrors], returns: [APIReturn("muster.Settlement", "what became of the deliveries")],
            "Hands out all deliveries, also those that are tried again later: time passes as fast as they are done, for at most 30 days. "
                + "An error in a hook fails the spec with the hook's line.",
            example: """
                expect(world.settle().delivered).equals(1)
                """),
        APIFunction(
            "advance", [.required("seconds", "number", "How long."), allowErrors],
            "Lets time pass; what comes due is handed out at its time.",
            example: """
                world.advance(60)
                expect(#world.deliveries { state = "delivered" }).equals(1)
                """),
        APIFunction(
            "crash",
            [
                .optional(
                    "options", "{after_calls: integer}",
                    "`after_calls` hands out deliveries first, and kills the server when this many calls have reached their receivers, before "
                        + "the last answer is heard.")
            ],
            "Kills the server and starts it again on the same directory: what it had in hand is handed out anew, under the same keys.",
            example: """
                world.crash()
                expect(world.settle().delivered).equals(1)
                """),
    ]

    private static let looking = [
        APIFunction(
            "user", [user], returns: [APIReturn("muster.User|nil", "the person, or nil")], "Gives a person as a client sees them.",
            example: """
                expect(world.user(ada).userName).equals("ada@example.com")
                """),
        APIFunction(
            "users", [.optional("filter", "string", "A SCIM filter; all where it is left out.")],
            returns: [APIReturn("muster.User[]", "those whom it finds")], "Finds people.",
            example: """
                expect(#world.users('userName sw "ada"')).equals(1)
                """),
        APIFunction(
            "group", [group], returns: [APIReturn("muster.Group|nil", "the group with its members, or nil")], "Gives a group.",
            example: """
                expect(world.group("staff")).is_nil()
                """),
        APIFunction(
            "members", [group], returns: [APIReturn("string[]", "userNames, or displayNames of groups, sorted")],
            "Tells who is in a group.",
            example: """
                world.add_member("staff", ada)
                expect(world.members("staff")).equals { "ada@example.com" }
                """),
        APIFunction(
            "deliveries",
            [.optional("wanted", "table<string, string>", "Only those with this hook, plugin, state, subscriber or event.")],
            returns: [APIReturn("muster.WorldDelivery[]", "oldest first")], "Tells how the deliveries stand.",
            example: """
                world.settle()
                expect(world.deliveries { hook = "onCreate" }[1].state).equals("delivered")
                """),
    ]
}

extension APIShape {
    /// What functions of worlds take and return.
    static let worlds: [APIShape] = [
        APIShape(
            name: "muster.WorldOptions", sentence: "What a world is like.",
            fields: [
                .optional("client", "\"onelogin\"|\"okta\"|\"entra\"|\"rfc\"", "Who drives it; `rfc` where it is left out."),
                .optional("config", "table<string, any>", "The plugin's settings; those of `test.config` where they are left out."),
                .optional(
                    "plugins", "string[]|table<string, table>", "Plugins that run beside this one, by name, or by name with settings."),
                .optional("secrets", "table<string, string>", "Secrets of those."),
                .optional("dialect", "string", "How messages are read; `auto` where it is left out."),
                .optional("template", "\"enterprise\"|\"core\"|\"legacy\"", "OneLogin: its template."),
                .optional("integration", "\"oin\"|\"aiw\"", "Okta: from its catalogue, or made with its wizard."),
                .optional("aadOptscim062020", "boolean", "Entra ID: whether the flag is set."),
            ]),
        APIShape(
            name: "muster.WorldRequest", sentence: "A request as it goes over the wire.",
            fields: [
                .optional("method", "string", "GET where it is left out."), .required("path", "string", "Below the base URL, encoded."),
                .optional("headers", "table<string, string>", "By name."), .optional("body", "string", "As it is."),
                .optional("json", "any", "A value that becomes the body."),
            ]),
        APIShape(
            name: "muster.WorldAnswer", sentence: "What the server answered.",
            fields: [
                .required("status", "integer", "The HTTP status."),
                .required("headers", "table<string, string>", "By their names in lower case."),
                .required("body", "string", "As it is."), .optional("json", "any", "The body, where it is JSON."),
            ]),
        APIShape(
            name: "muster.Refusal", sentence: "What a client is told whose request is refused.",
            fields: [
                .required("status", "integer", "The HTTP status."), .optional("scimType", "string", "The keyword."),
                .required("detail", "string", "What is wrong."), .required("request", "string", "Method and path."),
                .required("text", "string", "All of it in one line."),
                .optional("failure", "string", "The plugin's error, where that is why."),
            ]),
        APIShape(
            name: "muster.Exchange", sentence: "A request of a client, with its answer.",
            fields: [
                .required("client", "string", "Who sent it."), .required("method", "string", "In upper case."),
                .required("path", "string", "Below the base URL, with the query, encoded as the client does."),
                .required("headers", "table<string, string>", "By name."), .required("body", "string", "As it was sent."),
                .optional("json", "any", "The body, where it is JSON."), .required("status", "integer", "The answer's HTTP status."),
                .required("answer", "muster.WorldAnswer", "The answer."),
            ]),
        APIShape(
            name: "muster.Settlement", sentence: "What became of deliveries.",
            fields: [
                .required("delivered", "integer", "How many were handled."), .required("set_aside", "integer", "How many were given up."),
                .required("seconds", "number", "How much time passed in the world."),
            ]),
        APIShape(
            name: "muster.WorldDelivery", sentence: "One event on its way to one plugin.",
            fields: [
                .required("id", "integer", "Grows with time."), .required("hook", "string", "The hook that hears of it."),
                .required("subscriber", "string", "Such as `plugin:welcome-mail`."), .optional("plugin", "string", "The plugin."),
                .required("state", "\"blocked\"|\"ready\"|\"leased\"|\"delivered\"|\"setAside\"|\"dropped\"", "How it stands."),
                .required("attempts", "integer", "So far."), .required("event", "string", "The event's id."),
                .required("subject", "{type: string, id: string}", "Whom it is about."),
                .optional("error", "string", "What the last attempt that failed said."),
            ]),
        APIShape(
            name: "muster.WorldEvent", sentence: "Something that happened in the directory.",
            fields: [
                .required("id", "string", "The event's id."), .required("hook", "string", "The hook that hears of it."),
                .required("client", "string", "Who caused it."),
                .required("depth", "integer", "How many hooks stand between it and a client."),
                .required("subject", "{type: string, id: string}", "Whom it is about."),
                .optional("group", "string", "For membership: the group's id."),
                .optional("manager", "{old: string?, new: string?}", "For a manager's change: their ids."),
                .required("changes", "table<string, {from: any, to: any}>", "What changed, by path."),
            ]),
        APIShape(name: "muster.WorldClient", sentence: "The operations of a client, as those of a world.", fields: []),
    ]
}
