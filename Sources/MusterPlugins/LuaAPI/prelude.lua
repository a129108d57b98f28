-- Trusted. Runs once in each state, before the plugin, in the table behind the plugin's read-only environment.
-- `reference` is the API's table (Reference/APIReference.swift), put in front: what it names is exposed, and nothing else.
-- Host functions answer with a value, or with nil and a problem; `checked` raises the problem at the plugin's line.
local G = _ENV
local function take(name)
  local value = rawget(G, name)
  G[name] = nil
  return value
end
local array_mt, control_mt, view = take "__array_mt", take "__control_mt", take "__view"
local entry, try, host = take "__entry", take "__try", take "muster"
local error, ipairs, next, pairs, rawget, rawset, tostring, type = error, ipairs, next, pairs, rawget, rawset, tostring, type
local getmetatable, setmetatable = getmetatable, setmetatable
local format, concat, math_type, pack = string.format, table.concat, math.type, table.pack
local null = null

local function set(list)
  local result = {}
  for _, name in ipairs(list) do result[name] = true end
  return result
end
local before = {}
for name in pairs(G) do before[name] = true end

local function checked(value, problem)
  if problem ~= nil then error(problem, 3) end
  return value
end
local function checked_deeper(value, problem)
  if problem ~= nil then error(problem, 4) end
  return value
end
local function expect_type(value, wanted, what)
  if type(value) ~= wanted then error(format("%s must be a %s, not %s", what, wanted, type(value)), 3) end
end

-- ---- muster.json ---------------------------------------------------------------------
local json = { null = null }
function json.array(t)
  if t ~= nil then expect_type(t, "table", "json.array: the argument") end
  return setmetatable(t or {}, array_mt)
end
function json.encode(value) return (checked(host.json_encode(value))) end
function json.decode(text)
  expect_type(text, "string", "json.decode: the argument")
  return (checked(host.json_decode(text)))
end

-- ---- muster.log ----------------------------------------------------------------------
local log = {}
for _, level in ipairs { "debug", "info", "warn", "error" } do
  log[level] = function(message, fields)
    if fields ~= nil then expect_type(fields, "table", "log." .. level .. ": the fields") end
    host.log(level, tostring(message), fields)
  end
end
function G.print(...)
  local parts = pack(...)
  for i = 1, parts.n do parts[i] = tostring(parts[i]) end
  host.log("info", concat(parts, "\t"))
end

-- ---- muster.http ---------------------------------------------------------------------
local http = {}
local request_fields = reference.request
local function send(r, level)
  if type(r) ~= "table" then error("http.request: a table is needed", level) end
  for name, value in pairs(r) do
    local wanted = request_fields[name]
    if not wanted then error(format("http.request has no field '%s' (url, method, headers, body, json, timeout)", tostring(name)), level) end
    if wanted ~= "any" and type(value) ~= wanted then
      error(format("http.request: '%s' must be a %s, not %s", name, wanted, type(value)), level)
    end
  end
  if r.url == nil then error("http.request: 'url' is missing", level) end
  if r.body ~= nil and r.json ~= nil then error("http.request: give 'body' or 'json', not both", level) end
  local headers, body = {}, r.body
  for name, value in pairs(r.headers or {}) do headers[tostring(name):lower()] = tostring(value) end
  if r.json ~= nil then
    body = checked_deeper(host.json_encode(r.json))
    if headers["content-type"] == nil then headers["content-type"] = "application/json" end
  end
  local reply = checked_deeper(host.http_request {
    method = (r.method or "GET"):upper(), url = r.url, headers = headers, body = body, timeout = r.timeout,
  })
  function reply.decode() return (checked(host.json_decode(reply.body))) end
  return reply
end
function http.request(r)
  local reply = send(r, 3)
  return reply
end
for _, method in ipairs { "get", "post", "put", "patch", "delete" } do
  http[method] = function(url, r)
    expect_type(url, "string", "http." .. method .. ": the URL")
    if r ~= nil then expect_type(r, "table", "http." .. method .. ": the second argument") end
    local request = {}
    for name, value in pairs(r or {}) do request[name] = value end
    request.url, request.method = url, method
    local reply = send(request, 3)
    return reply
  end
end

-- ---- muster.url ----------------------------------------------------------------------
local url = {}
function url.encode(text) return (checked(host.url_encode(text))) end

-- ---- muster.mail ---------------------------------------------------------------------
local mail = {}
local mail_fields = reference.mail
function mail.send(m)
  if type(m) ~= "table" then error("mail.send: a table is needed", 2) end
  for name, value in pairs(m) do
    local wanted = mail_fields[name]
    if not wanted then
      error(format("mail.send has no field '%s' (to, subject, text, html, from, reply_to, cc, bcc, headers)", tostring(name)), 2)
    end
    if wanted ~= "any" and type(value) ~= wanted then
      error(format("mail.send: '%s' must be a %s, not %s", name, wanted, type(value)), 2)
    end
  end
  for _, name in ipairs { "to", "subject", "text" } do
    if m[name] == nil then error(format("mail.send: '%s' is missing", name), 2) end
  end
  local message, headers = {}, {}
  for name, value in pairs(m) do message[name] = value end
  for name, value in pairs(m.headers or {}) do headers[tostring(name)] = tostring(value) end
  message.headers = headers
  return (checked(host.mail_send(message)))
end

-- ---- muster.kv, secrets, time, crypto, scim --------------------------------------------
local kv = {}
function kv.get(key) return (checked(host.kv_get(key))) end
function kv.set(key, value, options) checked(host.kv_set(key, value, options or {})) end
function kv.delete(key) checked(host.kv_set(key, nil, {})) end
function kv.incr(key, by, options) return (checked(host.kv_incr(key, by or 1, options or {}))) end

local secrets = {}
function secrets.get(name) return (checked(host.secret(name))) end

local time = {}
function time.now() return (checked(host.now())) end
function time.iso(seconds) return (checked(host.iso(seconds))) end
function time.sleep(seconds) checked(host.sleep(seconds)) end

local crypto, base64 = {}, {}
function crypto.hash(algorithm, data, encoding) return (checked(host.hash(algorithm, data, encoding))) end
function crypto.hmac(algorithm, key, data, encoding) return (checked(host.hmac(algorithm, key, data, encoding))) end
function crypto.uuid() return (checked(host.uuid())) end
function crypto.random(count, encoding) return (checked(host.random(count, encoding))) end
function crypto.equals(left, right) return (checked(host.equals(left, right))) end
function base64.encode(text) return (checked(host.base64_encode(text))) end
function base64.decode(text) return (checked(host.base64_decode(text))) end

local scim = {
  USER = "urn:ietf:params:scim:schemas:core:2.0:User",
  GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group",
  ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
}
function scim.get(kind, id) return (checked(host.scim_get(kind, id))) end
function scim.create(kind, resource) return (checked(host.scim_create(kind, resource))) end
function scim.patch(kind, id, changes) return (checked(host.scim_patch(kind, id, changes))) end
function scim.delete(kind, id) checked(host.scim_delete(kind, id)) end
function scim.changes(options)
  local page = checked(host.scim_changes(options or {}))
  return page.changes, page.cursor, page.gap
end
function scim.find(kind, filter, options)
  local found = checked(host.scim_find(kind, filter, options or {}))
  return found.resources, found.total
end

-- ---- muster.once -----------------------------------------------------------------------
--- Runs a step once over all attempts of an event: one that ended is not repeated, one that failed, or whose end was not noted, is.
--- Returns whether it ran now.
local function once(ctx, name, step)
  expect_type(ctx, "table", "muster.once: the first argument (ctx)")
  expect_type(name, "string", "muster.once: the step's name")
  expect_type(step, "function", "muster.once: the step")
  if checked(host.once_begin(name)) then return false end
  local ended, problem = try(step)
  if not ended then
    host.once_leave()
    error(problem, 0)
  end
  checked(host.once_end(name))
  return true
end

-- ---- what plugins see: what the reference names, and nothing else --------------------------
local unseen = set(reference.functions)
for _, name in ipairs(reference.values) do unseen[name] = true end
local function see(name)
  if not unseen[name] then error(format("'%s' has no entry in the API's reference", name), 0) end
  unseen[name] = nil
end
local function expose(path, implementation)
  local exposed = {}
  for key, value in pairs(implementation) do
    local name = path .. "." .. key
    if type(value) == "table" then value = expose(name, value) else see(name) end
    exposed[key] = value
  end
  return view(exposed, path)
end
crypto.base64 = base64
for name in pairs(G) do if not before[name] then see(name) end end
see "null"
G.muster = expose("muster", {
  api = 1, once = once, json = json, log = log, http = http, url = url, mail = mail, kv = kv, secrets = secrets, time = time, crypto = crypto, scim = scim,
})
local unwritten = next(unseen)
if unwritten then error(format("the API's reference names '%s', which is not there", unwritten), 0) end

-- ---- ctx -----------------------------------------------------------------------------
--- A function that ends the hook; what it raises passes through pcall.
local function outcome(kind)
  local fields, shorthand = reference.outcomes[kind].fields, reference.outcomes[kind].shorthand
  return function(given)
    if type(given) == "string" then given = { [shorthand] = given } end
    if given == nil then given = {} end
    if getmetatable(given) == "muster.ctx" then error(format("call it as ctx.%s{...}, with a dot", kind), 2) end
    if type(given) ~= "table" then error(format("ctx.%s takes a table or a text, not %s", kind, type(given)), 2) end
    local result = { outcome = kind }
    for name, value in pairs(given) do
      local wanted = fields[name]
      if not wanted then
        error(format("ctx.%s has no field '%s'", kind, tostring(name)), 2)
      end
      if type(value) ~= wanted then error(format("ctx.%s: '%s' must be a %s, not %s", kind, name, wanted, type(value)), 2) end
      result[name] = value
    end
    local status, after = result.status, result.after
    if status ~= nil and (math_type(status) ~= "integer" or status < 400 or status > 599) then
      error("ctx.reject: 'status' must be a whole number from 400 to 599", 2)
    end
    if after ~= nil and not (after >= 0) then error("ctx.retry: 'after' must not be negative", 2) end
    error(setmetatable(result, control_mt), 0)
  end
end
local outcomes = {}
for kind in pairs(reference.outcomes) do outcomes[kind] = outcome(kind) end

local given, lazy, known, names = reference.ctx.given, reference.ctx.lazy, {}, json.array()
for _, fields in ipairs { given, lazy, reference.ctx.made, outcomes } do
  for name in pairs(fields) do
    if not known[name] then names[#names + 1] = name end
    known[name] = true
  end
end

local ctx_mt = { __metatable = "muster.ctx" }
function ctx_mt.__index(ctx, name)
  if lazy[name] then
    local value = host.lazy(name)
    rawset(ctx, name, value)
    return value
  end
  if not known[name] then error(format("ctx has no field '%s'%s", tostring(name), host.near(tostring(name), names)), 2) end
end
function ctx_mt.__newindex(_, name)
  local hint = known[name] and "" or host.near(tostring(name), names)
  error(format("ctx has no field '%s' to be set in this hook%s", tostring(name), hint), 2)
end

local function group_effects(effects)
  local function effect(kind)
    return function(group)
      if type(group) ~= "string" or group == "" then error(format("ctx.groups.%s takes a group's id or displayName", kind), 2) end
      checked(host.group_effect(kind))
      effects[#effects + 1] = { op = kind, group = group }
    end
  end
  return { add = effect "add", remove = effect "remove" }
end

local makers = { groups = group_effects }
for name in pairs(reference.ctx.made) do
  if not makers[name] then error(format("the API's reference names ctx.%s, which nobody makes", name), 0) end
end

--- `ctx.request` of onRequest, whose body is read as JSON when a hook touches `json`.
local function raw_request(fields)
  local request, optional = {}, { body = true, query = true }
  for name, value in pairs(fields) do request[name] = value end
  return setmetatable(request, { __metatable = "muster.request", __index = function(self, name)
    if name == "json" then
      local body = self.body
      if body == nil then return nil end
      local value, problem = host.json_decode(body)
      if problem ~= nil then return nil end
      rawset(self, "json", value)
      return value
    end
    if not optional[name] then error(format("ctx.request has no field '%s'", tostring(name)), 2) end
  end })
end
local function rewritten(request)
  if type(request) ~= "table" then error("ctx.request is no table any more", 0) end
  return {
    method = request.method, path = request.path, query = rawget(request, "query"), body = rawget(request, "body"),
    json = rawget(request, "json"),
  }
end

local function context(name, data)
  local hook, ctx, effects = reference.hooks[name], {}, json.array()
  for field in pairs(given) do ctx[field] = data[field] end
  for field in pairs(lazy) do ctx[field] = data[field] end
  for _, kind in ipairs(hook.outcomes) do ctx[kind] = outcomes[kind] end
  for _, field in ipairs(hook.made) do ctx[field] = makers[field](effects) end
  if hook.phase == "request" then ctx.request = raw_request(ctx.request) end
  return setmetatable(ctx, ctx_mt), effects, hook
end

-- ---- what the host calls -----------------------------------------------------------------
local driver = {}

--- The names of the plugin's hooks; the host knows which names there are.
function driver.hooks()
  local plugin, names = entry(), json.array()
  if type(plugin) ~= "table" then error(format("init.lua must return a table of hooks, not %s", type(plugin)), 0) end
  for name, value in pairs(plugin) do
    if type(name) ~= "string" then error("init.lua must return a table of hooks, but a key is a " .. type(name), 0) end
    if type(value) ~= "function" then error(format("'%s' must be a function, not %s", name, type(value)), 0) end
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- Runs one hook. Outcomes other than "done" arrive as errors whose value has an `outcome`.
function driver.run(name, token, data)
  host.begin(token)
  local hook = entry()[name]
  local ctx, effects, known_hook = context(name, data)
  hook(ctx)
  if known_hook.isQueued then return nil end
  if known_hook.phase == "request" then return { request = rewritten(ctx.request) } end
  if known_hook.phase == "outbound" then return { document = ctx.document, user = ctx.user } end
  return { user = ctx.user, group = ctx.group, resource = ctx.resource, groups = effects }
end

--- Runs one hook for several resources; what is not of each in `each` is the same for all.
function driver.run_each(name, token, data, each)
  host.begin(token)
  local hook, results = entry()[name], json.array()
  for i, fields in ipairs(each) do
    for field, value in pairs(data) do fields[field] = value end
    local ctx = context(name, fields)
    hook(ctx)
    results[i] = { user = ctx.user, group = ctx.group, resource = ctx.resource }
  end
  return results
end

driver.__parts = {
  set = set, hooks = reference.hooks, given = given, lazy = lazy, G = G, host = host, json = json, view = view, try = try, entry = entry,
  null = null, control_mt = control_mt,
}
return driver
