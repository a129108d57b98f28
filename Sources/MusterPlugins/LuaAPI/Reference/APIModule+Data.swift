extension APIModule {
    private static let key = APIField.required("key", "string", "1 to 256 bytes.")
    private static let lifetime = APIField.optional("options", "muster.KVOptions", "How long it is kept.")

    static let kv = APIModule(
        name: "muster.kv", sentence: "Values in the database, for this plugin and tenant alone.",
        functions: [
            APIFunction(
                "get", [key], returns: [APIReturn("any", "the value, or nil")], phases: .waiting, permission: .kv, host: ["kv_get"],
                "Gives a value.",
                example: """
                    local badge = muster.kv.get("badge:u1") or "none"
                    assert(badge)
                    """),
            APIFunction(
                "set", [key, .required("value", "any", "At most 64 KiB as JSON; nil removes it."), lifetime], phases: .waiting,
                permission: .kv, host: ["kv_set"], "Keeps a value.",
                example: """
                    muster.kv.set("badge:u1", { number = 7 }, { ttl = 24 * 3600 })
                    """),
            APIFunction(
                "delete", [key], phases: .waiting, permission: .kv, host: ["kv_set"], "Removes a value; one that is not there too.",
                example: """
                    muster.kv.delete("badge:u1")
                    """),
            APIFunction(
                "incr", [key, .optional("by", "integer", "The step; 1 where it is left out."), lifetime],
                returns: [APIReturn("integer", "the new number")], phases: .waiting, permission: .kv, host: ["kv_incr"],
                "Counts, in one step that no other run can come between; a new counter begins at 0.",
                example: """
                    local number = muster.kv.incr("badges", 1, { ttl = 3600 })
                    assert(number >= 1)
                    """),
        ])

    private static let kind = APIField.required("type", "\"User\"|\"Group\"", "The resource type.")
    private static let encoding = APIField.optional("encoding", "\"hex\"|\"base64\"|\"base64url\"", "hex where it is left out.")
    private static let algorithm = APIField.required("algorithm", "\"sha256\"|\"sha384\"|\"sha512\"", "The hash.")

    static let scim = APIModule(
        name: "muster.scim", sentence: "The directory, as a client sees it and changes it.",
        functions: [
            APIFunction(
                "get", [kind, .required("id", "string", "The resource's id.")],
                returns: [APIReturn("muster.User|muster.Group|nil", "the resource, or nil")], phases: .waiting,
                permission: .scim(access: "read"), host: ["scim_get"], "Gives one resource.",
                example: """
                    local manager = muster.scim.get("User", "m1")
                    if manager then muster.log.info("the manager is known", { active = manager.active }) end
                    """),
            APIFunction(
                "find",
                [
                    kind, .optional("filter", "string", "A SCIM filter (RFC 7644 §3.4.2.2); nil for all."),
                    .optional("options", "muster.FindOptions", "Which page."),
                ], returns: [APIReturn("(muster.User|muster.Group)[]", "one page"), APIReturn("integer", "how many there are in all")],
                phases: .waiting, permission: .scim(access: "read"), host: ["scim_find"], "Looks for resources; a page holds at most 200.",
                example: """
                    local people, total = muster.scim.find("User", 'active eq true and userName sw "a"', { count = 50 })
                    assert(#people <= total)
                    """),
            APIFunction(
                "create", [kind, .required("resource", "table<string, any>", "Its attributes, as a client would send them.")],
                returns: [APIReturn("muster.User|muster.Group", "the resource, with its id")], phases: .acting,
                permission: .scim(access: "write"), host: ["scim_create"],
                "Creates a resource as the actor `plugin:NAME`. An attempt that is repeated creates it again: give it an externalId and "
                    + "look for that first, inside `muster.once`.",
                example: """
                    local key = 'externalId eq "' .. ctx.event.id .. '"'
                    if #muster.scim.find("Group", key) == 0 then
                      muster.scim.create("Group", { displayName = "Team of " .. ctx.user.userName, externalId = ctx.event.id })
                    end
                    """),
            APIFunction(
                "patch",
                [
                    kind, .required("id", "string", "The resource's id."),
                    .required(
                        "changes", "table",
                        "Attributes with their new values, `null` to take one away; or PATCH operations (RFC 7644 §3.5.2)."),
                ], returns: [APIReturn("muster.User|muster.Group", "the resource as it is then")], phases: .acting,
                permission: .scim(access: "write"), host: ["scim_patch"],
                "Changes a resource as the actor `plugin:NAME`. Hooks run for it as for any change; a change that hooks caused more than "
                    + "three times in a row is refused.",
                example: """
                    muster.scim.patch("User", "m1", { title = "Mentor", nickName = null })
                    muster.scim.patch("User", "m1", { { op = "replace", path = "name.familyName", value = "King" } })
                    """),
            APIFunction(
                "delete", [kind, .required("id", "string", "The resource's id.")], phases: .acting, permission: .scim(access: "write"),
                host: ["scim_delete"], "Deletes a resource as the actor `plugin:NAME`; one that is not there is an error.",
                example: """
                    muster.scim.delete("Group", "g1")
                    """),
            APIFunction(
                "changes", [.optional("options", "muster.ChangesOptions", "Which part.")],
                returns: [
                    APIReturn("muster.RecordedChange[]", "oldest first; empty at the end"),
                    APIReturn("integer", "the cursor: `after` of the next call"),
                    APIReturn("boolean", "whether changes after the cursor were forgotten before they were read"),
                ], phases: .waiting, permission: .changes, host: ["scim_changes"],
                "Reads what was committed, in order, for plugins that pass everything on. Changes are kept as long as finished deliveries.",
                example: """
                    local changes, cursor = muster.scim.changes { limit = 50 }
                    for _, change in ipairs(changes) do muster.log.info(change.actor .. " did " .. change.operation) end
                    muster.log.info("read", { cursor = cursor })
                    """),
        ],
        values: [
            .required("USER", "string", "The URN of the User schema."), .required("GROUP", "string", "The URN of the Group schema."),
            .required("ENTERPRISE", "string", "The URN of the enterprise extension: `ctx.user[muster.scim.ENTERPRISE].department`."),
        ])

    static let crypto = APIModule(
        name: "muster.crypto", sentence: "Hashes, signatures and random values.",
        functions: [
            APIFunction(
                "hash", [algorithm, .required("data", "string", "What is hashed."), encoding], returns: [APIReturn("string", "the digest")],
                host: ["hash"], "Hashes a text.",
                example: """
                    assert(#muster.crypto.hash("sha256", "Ada") == 64)
                    """),
            APIFunction(
                "hmac", [algorithm, .required("key", "string", "The key."), .required("data", "string", "What is signed."), encoding],
                returns: [APIReturn("string", "the code")], host: ["hmac"], "Signs a text with a key (RFC 2104).",
                example: """
                    local signature = muster.crypto.hmac("sha256", muster.secrets.get("API_TOKEN"), "payload", "base64")
                    assert(#signature == 44)
                    """),
            APIFunction(
                "uuid", returns: [APIReturn("string", "in lower case")], host: ["uuid"], "A random UUID.",
                example: """
                    assert(#muster.crypto.uuid() == 36)
                    """),
            APIFunction(
                "random", [.required("count", "integer", "The number of bytes, from 1 to 1024."), encoding],
                returns: [APIReturn("string", "the bytes as text")], host: ["random"], "Random bytes that nobody can guess.",
                example: """
                    local password = muster.crypto.random(12, "base64url")
                    assert(#password == 16)
                    """),
            APIFunction(
                "equals", [.required("left", "string", "One."), .required("right", "string", "The other.")],
                returns: [APIReturn("boolean", "whether they are equal")], host: ["equals"],
                "Compares secrets without telling by its time where they differ.",
                example: """
                    assert(muster.crypto.equals("signature", "signature"))
                    """),
        ])

    static let base64 = APIModule(
        name: "muster.crypto.base64", sentence: "Base64 (RFC 4648 §4).",
        functions: [
            APIFunction(
                "encode", [.required("text", "string", "What is encoded.")], returns: [APIReturn("string", "as base64")],
                host: ["base64_encode"], "Encodes a text.",
                example: """
                    local basic = "Basic " .. muster.crypto.base64.encode("ada:secret")
                    assert(basic == "Basic YWRhOnNlY3JldA==")
                    """),
            APIFunction(
                "decode", [.required("text", "string", "Base64.")], returns: [APIReturn("string", "the text")], host: ["base64_decode"],
                "Decodes to a text; what is not UTF-8 is an error.",
                example: """
                    assert(muster.crypto.base64.decode("QWRh") == "Ada")
                    """),
        ])

    static let globals = APIModule(
        name: "", sentence: "Beside Lua's own.",
        functions: [
            APIFunction(
                "print", [.required("...", "any", "Anything.")], host: ["log"], "Logs its arguments at the level info.",
                example: """
                    print("user", ctx.user.id)
                    """)
        ], values: [.required("null", "lightuserdata", "JSON's null. Never part of a resource: SCIM takes null for unassigned.")])
}
