extension APIContext {
    /// Every kind of `ctx`.
    static let all: [APIContext] = [
        userChange, userCheck, groupChange, groupCheck, resourceChange, resourceCheck, conflict, request, answer, userEvent, managerEvent,
        groupEvent, membershipEvent, schedule, outbound, provisionEvent,
    ]

    static let userChange = APIContext(
        name: "muster.UserChange", sentence: "A change of a user before the commit, to be shaped.",
        fields: [user("Change it in place.")] + change("muster.User")
            + [.required("groups", "muster.Memberships", "Memberships, in the same transaction.", .made)],
        outcomes: [.skip, .reject])

    static let userCheck = APIContext(
        name: "muster.UserCheck", sentence: "A change of a user before the commit, to be agreed to.",
        fields: [user("As it will be stored; on delete, as it is stored. Changing this copy has no effect.")] + change("muster.User"),
        outcomes: [.skip, .reject])

    static let groupChange = APIContext(
        name: "muster.GroupChange", sentence: "A change of a group before the commit, to be shaped.",
        fields: [group("Change it in place.")] + change("muster.Group") + [members], outcomes: [.skip, .reject])

    static let groupCheck = APIContext(
        name: "muster.GroupCheck", sentence: "A change of a group before the commit, to be agreed to.",
        fields: [group("As it will be stored. Changing this copy has no effect.")] + change("muster.Group") + [members],
        outcomes: [.skip, .reject])

    static let resourceChange = APIContext(
        name: "muster.ResourceChange", sentence: "A change of a resource of a type of the site's own before the commit, to be shaped.",
        fields: [resource("Change it in place."), resourceType] + change(anyResource), outcomes: [.skip, .reject])

    static let resourceCheck = APIContext(
        name: "muster.ResourceCheck", sentence: "A change of a resource of a type of the site's own before the commit, to be agreed to.",
        fields: [resource("As it will be stored. Changing this copy has no effect."), resourceType] + change(anyResource),
        outcomes: [.skip, .reject])

    static let conflict = APIContext(
        name: "muster.ConflictChange", sentence: "A change before the commit, of which a value is taken by another resource.",
        fields: [
            .optional("user", "muster.User", "Where it is a user: propose another value in place."),
            .optional("group", "muster.Group", "Where it is a group: propose another value in place."),
            .optional("resource", anyResource, "Where it is of another type: propose another value in place."), resourceType,
            .required("conflict", "muster.Conflict", "What is taken."), members,
        ] + change("muster.User|muster.Group|\(anyResource)"), outcomes: [.skip, .reject])

    static let request = APIContext(
        name: "muster.RequestRepair", sentence: "A request of an authenticated client, before it is understood.",
        fields: [.required("request", "muster.RawRequest", "Change it in place."), config], outcomes: [.skip, .reject])

    static let answer = APIContext(
        name: "muster.Answer", sentence: "A resource on its way to a client.",
        fields: [
            .optional("user", "muster.User", "Where it is a user: a copy, to be changed in place."),
            .optional("group", "muster.Group", "Where it is a group: a copy, to be changed in place."),
            .optional("resource", anyResource, "Where it is of another type: a copy, to be changed in place."), resourceType,
            .required(
                "omitted", "table<string, integer>",
                "Lists of more than 1,000 values, with their number: they are shown empty, and answered whole unless they are changed or set to nil."
            ),
            .required("request", "muster.Request", "Who asks, and how."), config,
        ], outcomes: [])

    static let userEvent = APIContext(
        name: "muster.UserEvent", sentence: "An event about a user, after the commit.",
        fields: [user("As the change left them; a deleted one as they were.")] + event("muster.User"), outcomes: [.skip, .retry, .fail])

    static let managerEvent = APIContext(
        name: "muster.ManagerEvent", sentence: "A user has another manager, after the commit.",
        fields: [user("As the change left them.")] + event("muster.User") + [.required("manager", "muster.Manager", "Who it was and is.")],
        outcomes: [.skip, .retry, .fail])

    static let groupEvent = APIContext(
        name: "muster.GroupEvent", sentence: "An event about a group, after the commit.",
        fields: [group("As the change left it; a deleted one as it was.")] + event("muster.Group"), outcomes: [.skip, .retry, .fail])

    static let membershipEvent = APIContext(
        name: "muster.MembershipEvent", sentence: "Somebody has joined or left a group, after the commit.",
        fields: [
            group("The group."), .required("member", "muster.Member", "Who joined or left."),
            .optional("user", "muster.User", "The same as a whole; nil where the member is a group."),
        ] + event("muster.User|muster.Group"), outcomes: [.skip, .retry, .fail])

    static let schedule = APIContext(
        name: "muster.ScheduleEvent", sentence: "A time of the plugin's schedule has come.",
        fields: [
            .required("event", "muster.Event", "`time` is the time of the schedule, `id` the same for all attempts at it."),
            .required("request", "muster.Origin", "`tenant` says whose directory is meant."), config,
        ], outcomes: [.skip, .retry, .fail])

    static let outbound = APIContext(
        name: "muster.OutboundDocument", sentence: "What a person becomes at a target, before it is compared with what is there.",
        fields: [
            .required("document", "table<string, any>", "What the target's template made, and the plugins before: change it in place."),
            user("As stored. Changing this copy has no effect."), target,
            .required("request", "muster.Origin", "`tenant` says whose directory is meant; `client` is `provisioner`."), config,
        ], outcomes: [.skip, .reject])
    static let provisionEvent = APIContext(
        name: "muster.ProvisionEvent", sentence: "A plan for a person at a target has ended.",
        fields: [
            .required("event", "muster.Event", "`id` is the same when the same end is told again, `attempt` counts from 1 anew then."),
            target,
            .required(
                "action", "\"create\"|\"update\"|\"reactivate\"|\"deactivate\"|\"delete\"", "What the plan does to the account."),
            .optional("user", "muster.User", "As stored; nil where they are not in the directory any more."),
            .optional("remoteId", "string", "The account's id at the target; nil where there is none."),
            .optional("error", "string", "What went wrong for good; nil in `onProvisioned`."),
            .optional("document", "table<string, any>", "The account as the plan has it; nil where the account is deleted."),
            .required("request", "muster.Origin", "`tenant` says whose directory is meant; `client` is `provisioner`."), config,
        ], outcomes: [.skip, .retry, .fail])

    private static let target = APIField.required("target", "string", "The target's name.")
    private static func user(_ sentence: String) -> APIField { .required("user", "muster.User", sentence) }
    private static let anyResource = "table<string, any>"
    private static func resource(_ sentence: String) -> APIField { .required("resource", anyResource, sentence) }
    private static let resourceType = APIField.required("resourceType", "string", "The name of its type, such as `Device`.")
    private static func group(_ sentence: String) -> APIField { .required("group", "muster.Group", sentence) }

    private static let members = APIField.required("members", "muster.MemberChanges", "Who comes and goes.", .lazy)
    private static let config = APIField.required("config", "table<string, any>", "The site's settings, with the defaults.", .lazy)
    private static let changes = APIField.required(
        "changes", "table<string, muster.Change>", "What differs, by path: `ctx.changes[\"name.familyName\"]`.", .lazy)

    private static func change(_ resource: String) -> [APIField] {
        [
            .required("operation", "\"create\"|\"replace\"|\"patch\"|\"delete\"", "What the client asked for."),
            .optional("before", resource, "As it is stored; nil on create.", .lazy), changes,
            .required("request", "muster.Request", "Who asked, and how."), config,
        ]
    }

    private static func event(_ resource: String) -> [APIField] {
        [
            .required("event", "muster.Event", "What has happened."),
            .optional("before", resource, "As it was before the change; nil on create.", .lazy), changes,
            .required("request", "muster.Origin", "Who asked."), config,
        ]
    }
}

extension APIOutcome {
    static let skip = APIOutcome(
        name: "skip",
        shape: APIShape(
            name: "muster.Skip", sentence: "Why there was nothing to do.", fields: [.optional("reason", "string", "For the log.")]),
        shorthand: "reason",
        sentence: "Ends the hook: there was nothing to do. In `mapOutbound` the person is left at the target as they are there.",
        example: """
            if not ctx.user.active then ctx.skip("not active") end
            """)

    static let reject = APIOutcome(
        name: "reject",
        shape: APIShape(
            name: "muster.Reject", sentence: "The SCIM error that the client gets (RFC 7644 §3.12).",
            fields: [
                .optional("status", "integer", "From 400 to 599; 400 where it is left out."),
                .optional("scimType", "string", "Such as `invalidValue`."), .optional("detail", "string", "For the client."),
                .optional("reason", "string", "For the log only; in `mapOutbound` for the operator."),
            ]),
        shorthand: "detail",
        sentence: "Ends the hook and refuses the change; in `mapOutbound` the person, whose plan fails with the reason.",
        example: """
            if not ctx.user.userName:find("@") then ctx.reject { scimType = "invalidValue", detail = "userName is no address" } end
            """)

    static let retry = APIOutcome(
        name: "retry",
        shape: APIShape(
            name: "muster.Retry", sentence: "When to come again.",
            fields: [
                .optional("after", "number", "Seconds; growing waits where it is left out."),
                .optional("reason", "string", "Shown in `muster deliveries list`."),
            ]),
        shorthand: "reason", sentence: "Ends the hook: it is to be called again later, at most `retry.maxAttempts` times.",
        example: """
            if ctx.event.attempt < 2 then ctx.retry { after = 30, reason = "the service is busy" } end
            """)

    static let fail = APIOutcome(
        name: "fail",
        shape: APIShape(
            name: "muster.Fail", sentence: "Why it gave up.", fields: [.optional("reason", "string", "Shown in `muster deliveries list`.")]),
        shorthand: "reason", sentence: "Ends the hook: the delivery is set aside until a person looks.",
        example: """
            if not ctx.user.userName then ctx.fail { reason = "nobody to write to" } end
            """)
}
