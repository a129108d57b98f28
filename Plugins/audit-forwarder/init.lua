local http, json, kv, log, scim, secrets = muster.http, muster.json, muster.kv, muster.log, muster.scim, muster.secrets

local plugin = {}

--- One line of the batch. Values may be personal data, so they are sent only where the settings say so.
local function line(change, values)
  local names = json.array {}
  for path in pairs(change.changes or {}) do names[#names + 1] = path end
  table.sort(names)
  return json.encode {
    number = change.number, time = change.time, actor = change.actor, operation = change.operation, request = change.request,
    resource = change.resource, attributes = names, events = change.events, changes = values and change.changes or nil,
  }
end

local function send(ctx, changes, cursor)
  local lines = {}
  for i, change in ipairs(changes) do lines[i] = line(change, ctx.config.values) end
  local reply = http.post(ctx.config.collector, {
    headers = {
      authorization = "Bearer " .. secrets.get("AUDIT_TOKEN"),
      ["content-type"] = "application/x-ndjson",
      -- The same changes have the same key, whichever run sends them.
      ["idempotency-key"] = "audit:" .. changes[1].number .. "-" .. cursor,
    },
    body = table.concat(lines, "\n") .. "\n",
  })
  if reply.status < 300 then return end
  if reply.status == 429 or reply.status >= 500 then
    ctx.retry { after = tonumber(reply.headers["retry-after"]), reason = "the collector answers " .. reply.status }
  end
  ctx.fail { reason = "the collector refuses with " .. reply.status }
end

--- Moves on only after the collector has taken a batch: nothing is left out, and after a crash a batch comes twice at most.
function plugin.onSchedule(ctx)
  local cursor, sent = kv.get("cursor"), 0
  for _ = 1, ctx.config.batches do
    local changes, last, gap = scim.changes { after = cursor, limit = ctx.config.batch }
    if gap then log.error("changes were forgotten before they were forwarded", { after = cursor, next = last }) end
    if #changes == 0 then break end
    send(ctx, changes, last)
    kv.set("cursor", last)
    cursor, sent = last, sent + #changes
  end
  if sent == 0 then return ctx.skip("nothing new") end
  log.info("changes forwarded", { count = sent, cursor = cursor })
end

return plugin
