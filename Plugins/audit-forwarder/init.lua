local http, json, kv, log, scim, secrets = muster.http, muster.json, muster.kv, muster.log, muster.scim, muster.secrets

local plugin = {}

--- Bytes of one batch; a request holds at most 1 MiB.
local most = 900000
--- Changes that are read at once; one alone may be as large as the group that it changes.
local page = 10

--- About how many bytes a value takes as JSON.
local function weight(value)
  if type(value) ~= "table" then return #tostring(value) + 3 end
  local sum = 2
  for key, part in pairs(value) do sum = sum + #tostring(key) + 4 + weight(part) end
  return sum
end

--- One line of the batch. Values may be personal data, so they are sent only where the settings say so. What would fill half a batch
--- by itself is left out.
local function line(change, values)
  local names = json.array {}
  for path in pairs(change.changes or {}) do names[#names + 1] = path end
  table.sort(names)
  local told = {
    number = change.number, time = change.time, actor = change.actor, operation = change.operation, request = change.request,
    resource = change.resource, attributes = names, events = change.events, changes = values and change.changes or nil,
  }
  for _, part in ipairs { "changes", "events" } do
    if weight(told[part]) > most / 2 then told[part], told.shortened = nil, true end
  end
  return json.encode(told)
end

--- The changes after the cursor that go into one request. `ending` is the last one of a batch that was begun before: it is put
--- together again as it was, whatever has come since.
local function gather(config, cursor, ending)
  local batch = { lines = {}, size = 0, last = cursor }
  repeat
    local limit = ending and page or math.min(page, config.batch - #batch.lines)
    local changes, reached, gap = scim.changes { after = batch.last, limit = limit }
    if gap then log.error("changes were forgotten before they were forwarded", { after = batch.last, next = reached }) end
    for _, change in ipairs(changes) do
      local text = line(change, config.values)
      local is_full = batch.size + #text >= most or ending and change.number > ending
      if batch.first and is_full then return batch end
      batch.lines[#batch.lines + 1] = text
      batch.size = batch.size + #text + 1
      batch.first, batch.last = batch.first or change.number, change.number
    end
  until #changes < limit or not ending and #batch.lines >= config.batch
  return batch
end

local function send(ctx, batch)
  local reply = http.post(ctx.config.collector, {
    headers = {
      authorization = "Bearer " .. secrets.get("AUDIT_TOKEN"),
      ["content-type"] = "application/x-ndjson",
      -- The same changes have the same key, whichever run sends them.
      ["idempotency-key"] = "audit:" .. batch.first .. "-" .. batch.last,
    },
    body = table.concat(batch.lines, "\n") .. "\n",
  })
  if reply.status < 300 then return end
  if reply.status == 429 or reply.status >= 500 then
    ctx.retry { after = reply.retryAfter, reason = "the collector answers " .. reply.status }
  end
  ctx.fail { reason = "the collector refuses with " .. reply.status }
end

--- Moves on only after the collector has taken a batch: nothing is left out. Where a batch ends is noted before it is sent, so that one
--- whose answer was not heard comes again just as it was.
function plugin.onSchedule(ctx)
  local cursor, ending, sent = kv.get("cursor"), kv.get("ending"), 0
  for _ = 1, ctx.config.batches do
    local is_under_way = ending and ending > (cursor or 0)
    local batch = gather(ctx.config, cursor, is_under_way and ending or nil)
    if not batch.first then break end
    kv.set("ending", batch.last)
    send(ctx, batch)
    kv.set("cursor", batch.last)
    cursor, sent = batch.last, sent + #batch.lines
  end
  if sent == 0 then return ctx.skip("nothing new") end
  log.info("changes forwarded", { count = sent, cursor = cursor })
end

return plugin
