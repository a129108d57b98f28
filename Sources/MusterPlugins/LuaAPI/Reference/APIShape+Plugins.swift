extension APIShape {
    /// What functions of plugins take and return.
    static let plugins: [APIShape] = [
        httpOptions, httpRequest, mail, mailReceipt,
        APIShape(
            name: "muster.HTTPReply", sentence: "What a server answered.",
            fields: [
                .required("status", "integer", "The status; every status is an answer, not an error."),
                .required("headers", "table<string, string>", "By their names in lower case."),
                .required("body", "string", "At most 1 MiB."),
                .optional("retryAfter", "integer", "Seconds, where the server asks to wait by `Retry-After`, in seconds or by date."),
                .required("decode", "fun(): any", "Reads the body as JSON: `reply.decode()`."),
            ]),
        APIShape(
            name: "muster.KVOptions", sentence: "How a value is kept.",
            fields: [.optional("ttl", "number", "For so many seconds; for ever where it is left out.")]),
        APIShape(
            name: "muster.FindOptions", sentence: "Which page of a search.",
            fields: [
                .optional("startIndex", "integer", "From 1."), .optional("count", "integer", "From 0 to 200; 100 where it is left out."),
            ]),
        APIShape(
            name: "muster.ChangesOptions", sentence: "Which part of the changes.",
            fields: [
                .optional("after", "integer", "The cursor of an earlier call; from the oldest change that is kept where it is left out."),
                .optional("limit", "integer", "From 1 to 500; 100 where it is left out."),
            ]),
        APIShape(
            name: "muster.RecordedChange", sentence: "A change as it was committed.",
            fields: [
                .required("number", "integer", "Grows with every commit."), .required("id", "string", "A UUID."),
                .required("time", "string", "When it was committed."),
                .required("operation", "\"create\"|\"replace\"|\"patch\"|\"delete\"", "What was asked for."),
                .required("actor", "string", "The token's name, or who else asked."), .required("request", "string", "The request's id."),
                .required("resource", "{ type: string, id: string }", "What the request named."),
                .required("changes", "table<string, muster.Change>", "By the attribute's path."),
                .required("events", "table[]", "What followed: `id`, `type` (the hook's name), `subject` and, for members, `group`."),
            ]),
        APIShape(
            name: "muster.Event", sentence: "What has happened.",
            fields: [
                .required("id", "string", "Stays the same over all attempts."),
                .required(
                    "idempotencyKey", "string",
                    "The id with the plugin's name, for what knows no header: `muster.http` sends it with the call's number."),
                .required("type", "string", "The hook's name."),
                .required("time", "string", "When it was committed."), .required("attempt", "integer", "From 1."),
                .required("key", "string", "What it is about, as `User/ID`: events of one key come in their order."),
            ]),
        APIShape(
            name: "muster.Request", sentence: "The request that is answered.",
            fields: [
                .required("id", "string", "As in the log."), .required("client", "string", "The token's name, or who else asked."),
                .required("method", "string", "In capitals."), .required("path", "string", "Below the base URL, such as `/Users/42`."),
                .required("tenant", "string", "Whose directory."),
            ]),
        APIShape(
            name: "muster.Origin", sentence: "Where it comes from, once the request is over or where there was none.",
            fields: [
                .required("id", "string", "As in the log."), .required("client", "string", "The token's name, or who else asked."),
                .required("tenant", "string", "Whose directory."),
            ]),
        APIShape(
            name: "muster.Change", sentence: "One attribute's change.",
            fields: [.optional("from", "any", "nil where there was nothing."), .optional("to", "any", "nil where nothing is left.")]),
        APIShape(
            name: "muster.RawRequest", sentence: "A request before it is understood.",
            fields: [
                .required("id", "string", "As in the log."), .required("client", "string", "The token's name."),
                .required("tenant", "string", "Whose directory."), .required("method", "string", "In capitals. May be changed."),
                .required("path", "string", "Below the base URL, such as `/Users/42`; percent-encoded. May be changed."),
                .optional("query", "string", "Without the question mark; percent-encoded. May be changed."),
                .required("headers", "table<string, string>", "By their names in lower case, without those that carry credentials."),
                .optional("body", "string", "As it was sent. May be changed."),
                .optional("json", "any", "The body as a value, nil where it is no JSON. May be changed, in place too; then it is sent on."),
            ]),
        APIShape(
            name: "muster.Conflict", sentence: "A value that another resource has.",
            fields: [
                .required("path", "string", "The attribute, such as `userName`."),
                .optional("value", "any", "What the change wants there."),
                .required("attempt", "integer", "How many values were found to be taken so far, this one included: from 1 to 10."),
            ]),
        APIShape(
            name: "muster.Manager", sentence: "Ids of the managers.",
            fields: [.optional("old", "string", "Who it was."), .optional("new", "string", "Who it is now.")]),
        APIShape(
            name: "muster.Member", sentence: "A member as it stands in a group.",
            fields: [
                .required("value", "string", "The id."), .required("type", "\"User\"|\"Group\"", "The resource type."),
                .optional("display", "string", "The displayName or userName."),
            ]),
        APIShape(
            name: "muster.MemberChanges", sentence: "Ids of members that come and go.",
            fields: [.required("added", "string[]", "Those who come."), .required("removed", "string[]", "Those who go.")]),
        APIShape(
            name: "muster.Memberships", sentence: "Changes memberships of the user in the same transaction.",
            fields: [
                .required("add", "fun(group: string)", "Adds the user to a group, by its id or displayName: `ctx.groups.add(\"Sales\")`."),
                .required("remove", "fun(group: string)", "Takes the user out of a group."),
            ]),
    ]

    /// The names and types of fields that prelude.lua checks.
    static let httpRequest = APIShape(
        name: "muster.HTTPRequest", sentence: "A request.",
        fields: [.required("url", "string", "Absolute; `https` or `http`."), .optional("method", "string", "GET where it is left out.")]
            + httpOptions.fields)

    private static let httpOptions = APIShape(
        name: "muster.HTTPOptions", sentence: "What goes with a request.",
        fields: [
            .optional("headers", "table<string, string>", "By their names, at most 50."),
            .optional("body", "string", "At most 1 MiB."),
            .optional("json", "any", "A value that becomes the body; not together with body."),
            .optional("timeout", "number", "Seconds; 10 where it is left out, at most 30, before the commit 2."),
        ])
}
