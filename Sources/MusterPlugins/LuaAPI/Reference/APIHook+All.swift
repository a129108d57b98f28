extension APIHook {
    /// The hooks in the order in which a change meets them.
    static let all: [APIHook] = [
        APIHook(
            name: .mapUser, context: .userChange,
            sentence:
                "Shapes a user before the commit, in the plugins' order. May run twice for one request, so it must not act on the world.",
            example: """
                function plugin.mapUser(ctx)
                  if ctx.operation == "delete" then return end
                  ctx.user.displayName = ctx.user.displayName or ctx.user.userName
                end
                """),
        APIHook(
            name: .mapGroup, context: .groupChange,
            sentence: "Shapes a group before the commit. May run twice for one request, so it must not act on the world.",
            example: """
                function plugin.mapGroup(ctx)
                  if ctx.operation == "delete" then return end
                  ctx.group.displayName = ctx.group.displayName:gsub("^%s+", "")
                end
                """),
        APIHook(
            name: .checkUser, context: .userCheck,
            sentence: "Agrees to a user as all plugins left them, or rejects the change. May run twice for one request.",
            example: """
                function plugin.checkUser(ctx)
                  if ctx.operation == "delete" then return end
                  if #ctx.user.userName > 64 then
                    ctx.reject { scimType = "invalidValue", detail = "userName has more than 64 bytes" }
                  end
                end
                """),
        APIHook(
            name: .checkGroup, context: .groupCheck,
            sentence: "Agrees to a group as all plugins left it, or rejects the change. May run twice for one request.",
            example: """
                function plugin.checkGroup(ctx)
                  if ctx.operation == "delete" then return end
                  if ctx.group.displayName == "everyone" then
                    ctx.reject { status = 403, detail = "the name 'everyone' is taken" }
                  end
                end
                """),
        APIHook(
            name: .mapResource, context: .resourceChange,
            sentence:
                "Shapes a resource of any type but users and groups before the commit. May run twice for one request, so it must not "
                + "act on the world.",
            example: """
                function plugin.mapResource(ctx)
                  if ctx.operation == "delete" then return end
                  ctx.resource.displayName = ctx.resource.displayName or ctx.resourceType .. " without a name"
                end
                """),
        APIHook(
            name: .checkResource, context: .resourceCheck,
            sentence: "Agrees to a resource of any type but users and groups, or rejects the change. May run twice for one request.",
            example: """
                function plugin.checkResource(ctx)
                  if ctx.operation == "delete" and ctx.resourceType == "Device" then
                    ctx.reject { status = 403, detail = "devices are never deleted" }
                  end
                end
                """),
        APIHook(
            name: .onRequest, context: .request,
            sentence:
                "Repairs a request that is not SCIM as it should be, before it is read. What it makes of it is routed, authorized and "
                + "checked as if the client had sent it. Must not wait.",
            example: """
                function plugin.onRequest(ctx)
                  local request = ctx.request
                  if request.method == "POST" and request.path == "/users" then request.path = "/Users" end
                  if request.json and request.json.login then
                    request.json.userName, request.json.login = request.json.login, nil
                  end
                end
                """),
        APIHook(
            name: .onRead, context: .answer,
            sentence:
                "Shapes what a client sees of a resource, whichever request it answers; what is stored stays. Must not wait, and must "
                + "answer the same for the same resource. `id`, `schemas` and `meta` stay.",
            example: """
                function plugin.onRead(ctx)
                  if ctx.user and ctx.request.client ~= "hr" then ctx.user.phoneNumbers = nil end
                end
                """),
        APIHook(
            name: .onConflict, context: .conflict,
            sentence:
                "Proposes another value for one that is taken; the change is then checked, not mapped again. Asked at most ten times.",
            example: """
                function plugin.onConflict(ctx)
                  if ctx.conflict.path ~= "userName" or not ctx.user then return ctx.skip("not mine") end
                  local base = ctx.conflict.value:gsub("%d+$", "")
                  ctx.user.userName = base .. ctx.conflict.attempt + 1
                end
                """),
        user(.onCreate, "A user was created.", "created"),
        user(.onUpdate, "A user was changed in any way; comes beside the more special hooks.", "changed"),
        user(.onActivate, "A user became active.", "active again"),
        user(.onDeactivate, "A user is not active any more.", "not active any more"),
        user(.onDelete, "A user was deleted.", "deleted"),
        APIHook(
            name: .onManagerChange, context: .managerEvent,
            sentence: "A user has another manager, or none. \(after)",
            example: """
                function plugin.onManagerChange(ctx)
                  log.info("the manager is another one", { user = ctx.user.id, old = ctx.manager.old, new = ctx.manager.new })
                end
                """),
        membership(.onGroupAdd, "Somebody joined a group.", "joined"),
        membership(.onGroupRemove, "Somebody left a group.", "left"),
        group(.onGroupCreate, "A group was created.", "created"),
        group(.onGroupUpdate, "A group was changed, its name or others of its attributes.", "changed"),
        group(.onGroupDelete, "A group was deleted.", "deleted"),
        APIHook(
            name: .onSchedule, context: .schedule,
            sentence:
                "Runs at the times of `schedule` in plugin.json, a line of cron in UTC (or in `scheduleZone`), on one node and for each tenant. "
                + "After an outage the latest time that was missed is made up for; a failure is tried again until the next time comes.",
            example: """
                function plugin.onSchedule(ctx)
                  log.info("the time has come", { time = ctx.event.time, tenant = ctx.request.tenant })
                end
                """),
        APIHook(
            name: .mapOutbound, context: .outbound,
            sentence:
                "Shapes what is sent of a person to a target, in the plugins' order, before it is planned. Runs for people within the "
                + "target's scope. May run twice for one plan, so it must not act on the world.",
            example: """
                function plugin.mapOutbound(ctx)
                  if ctx.user.userType == "Contractor" then ctx.skip("contractors have no account at " .. ctx.target) end
                  ctx.document.displayName = ctx.document.displayName or ctx.user.userName
                end
                """),
        provision(
            .onProvisioned, "A plan was carried out at a target.",
            """
            function plugin.onProvisioned(ctx)
              log.info("an account is provisioned", { target = ctx.target, action = ctx.action, account = ctx.remoteId })
            end
            """),
        provision(
            .onProvisionFailed, "A plan failed for good: somebody has to look.",
            """
            function plugin.onProvisionFailed(ctx)
              log.warn("somebody could not be provisioned", { target = ctx.target, person = ctx.event.key, why = ctx.error })
            end
            """),
    ]

    private static let after = "Runs after the commit, at least once, in order for each resource."

    private static func provision(_ name: HookName, _ sentence: String, _ example: String) -> APIHook {
        APIHook(
            name: name, context: .provisionEvent,
            sentence:
                "\(sentence) Runs before the end is written down, again after a crash between the two; what fails or asks for it is tried "
                + "three times within 10 seconds, and then only logged.",
            example: example)
    }

    private static func user(_ name: HookName, _ sentence: String, _ word: String) -> APIHook {
        APIHook(
            name: name, context: .userEvent, sentence: "\(sentence) \(after)",
            example: """
                function plugin.\(name.rawValue)(ctx)
                  log.info("a user is \(word)", { user = ctx.user.id, attempt = ctx.event.attempt })
                end
                """)
    }

    private static func group(_ name: HookName, _ sentence: String, _ word: String) -> APIHook {
        APIHook(
            name: name, context: .groupEvent, sentence: "\(sentence) \(after)",
            example: """
                function plugin.\(name.rawValue)(ctx)
                  log.info("a group is \(word)", { group = ctx.group.id, attempt = ctx.event.attempt })
                end
                """)
    }

    private static func membership(_ name: HookName, _ sentence: String, _ word: String) -> APIHook {
        APIHook(
            name: name, context: .membershipEvent, sentence: "\(sentence) \(after)",
            example: """
                function plugin.\(name.rawValue)(ctx)
                  log.info("a member \(word)", { group = ctx.group.id, member = ctx.member.value })
                end
                """)
    }
}
