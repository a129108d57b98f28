local http, json, secrets, crypto, time = muster.http, muster.json, muster.secrets, muster.crypto, muster.time

local plugin = {}

--- What a message tells of a person: who it is, and what the settings name.
local function person(ctx)
  local user = ctx.user
  local told = { id = user.id, externalId = user.externalId, userName = user.userName, active = user.active == true }
  for _, name in ipairs(ctx.config.attributes) do told[name] = user[name] end
  return told
end

--- Sends one message. The signature covers the time too, so that an old message cannot be sent again by somebody else.
local function tell(ctx, kind, changes)
  local stamp = tostring(time.now())
  local body = json.encode { id = ctx.event.id, type = kind, time = ctx.event.time, person = person(ctx), changes = changes }
  local reply = http.post(ctx.config.webhook, {
    headers = {
      ["content-type"] = "application/json",
      ["x-muster-timestamp"] = stamp,
      ["x-muster-signature"] = "sha256=" .. crypto.hmac("sha256", secrets.get("JML_SIGNING_KEY"), stamp .. "." .. body),
    },
    body = body,
  })
  if reply.status < 300 then return end
  if reply.status == 429 or reply.status >= 500 then
    ctx.retry { after = reply.retryAfter, reason = "the webhook answers " .. reply.status }
  end
  ctx.fail { reason = "the webhook refuses with " .. reply.status }
end

--- Somebody who is created inactive joins when they are activated.
function plugin.onCreate(ctx)
  if not ctx.user.active then return ctx.skip("not active yet") end
  tell(ctx, "joiner")
end

function plugin.onActivate(ctx) tell(ctx, "joiner") end

function plugin.onDeactivate(ctx) tell(ctx, "leaver") end

--- Whoever is deleted while inactive has left before.
function plugin.onDelete(ctx)
  if not ctx.user.active then return ctx.skip("left before") end
  tell(ctx, "leaver")
end

function plugin.onUpdate(ctx)
  if not ctx.user.active then return ctx.skip("not active") end
  local moved, changes = false, {}
  for _, path in ipairs(ctx.config.moves) do
    local change = ctx.changes[path]
    if change then
      moved, changes[path] = true, change
    end
  end
  if not moved then return ctx.skip("no move") end
  tell(ctx, "mover", changes)
end

return plugin
