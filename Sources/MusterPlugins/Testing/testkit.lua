-- Trusted. What specs see as `test`. The modules behind `muster` are the real ones with their permissions; only what
-- they reach is made up (by the host). `expect` is in expect.lua, `describe` and `it` in describe.lua.
local driver, parts = ...
local G, host, try, entry, view, json = parts.G, parts.host, parts.try, parts.entry, parts.view, parts.json
local show, same, copy = parts.show, parts.same, parts.copy
local error, ipairs, pairs, rawget, tostring, type = error, ipairs, pairs, rawget, tostring, type
local setmetatable, format = setmetatable, string.format

local function checked(value, problem)
  if problem ~= nil then error(problem, 3) end
  return value
end

-- ---- running hooks -------------------------------------------------------------------------
--- Whether a request is still there while the hook runs, with its method and path.
local function answers_request(hook) return not hook.isQueued and hook.phase ~= "outbound" end

local function prepared(name, data, hook)
  local input = copy(data)
  local resource = input.user or input.group or input.resource
  if input.config == nil then input.config = checked(host.test_current_config()) end
  if input.changes == nil then input.changes = checked(host.test_changes(input.before, resource)) end
  local reads, maps_outbound = hook.phase == "read", hook.phase == "outbound"
  local provisions = maps_outbound or name == "onProvisioned" or name == "onProvisionFailed"
  local request = { id = "request-1", client = provisions and "provisioner" or "spec", tenant = "default" }
  if answers_request(hook) then request.method, request.path = reads and "GET" or "POST", "/Users" end
  if provisions then input.target = input.target or "spec" end
  for name, value in pairs(input.request or {}) do request[name] = value end
  input.request = request
  if provisions and not maps_outbound then input.action = input.action or "create" end
  if maps_outbound then
    input.document, input.user = input.document or {}, input.user or {}
  end
  if hook.isQueued then
    local event = input.event or {}
    event.id, event.type, event.attempt = event.id or "event-1", event.type or name, event.attempt or 1
    event.idempotencyKey = event.idempotencyKey or checked(host.test_event_key(event.id))
    event.time = event.time or host.iso()
    event.key = event.key or hook.phase == "schedule" and "Schedule/spec" or ((input.user or provisions) and "User/" or "Group/") .. tostring(resource and resource.id)
    input.event = event
  elseif input.operation == nil and not reads and not maps_outbound and hook.phase ~= "request" then
    input.operation = input.before and "patch" or "create"
  end
  if hook.phase == "conflict" then
    local conflict = input.conflict or {}
    conflict.path, conflict.attempt = conflict.path or "userName", conflict.attempt or 1
    if conflict.value == nil and resource then conflict.value = resource[conflict.path] end
    input.conflict = conflict
    input.resourceType = input.resourceType or input.user and "User" or input.group and "Group"
  end
  if hook.phase == "request" then
    local request = input.request
    request.headers = request.headers or {}
    if request.json ~= nil then request.body, request.json = checked(host.json_encode(request.json)), nil end
  end
  if hook.phase == "read" then
    input.omitted = input.omitted or {}
    input.resourceType = input.resourceType or input.user and "User" or input.group and "Group"
  end
  if input.resource then input.resourceType = input.resourceType or "Device" end
  return input
end

--- Runs a hook once: its outcome, or nil and its error.
local function attempt(name, data, hook)
  local phase, input = hook.phase, prepared(name, data, hook)
  local token = checked(host.test_admit(name, input.event and input.event.id))
  local ended, result = try(driver.run, name, token, input)
  local overrun = host.test_release(token)
  if overrun and (ended or type(result) == "table") then return nil, overrun end
  if ended then
    result = result or {}
    result.outcome = "done"
    local is_same = same(result.user, data.user) and same(result.group, data.group) and same(result.resource, data.resource)
    if phase == "check" and not is_same then
      return nil, format("%s changed its copy of the resource, which has no effect; change it in a map hook", name)
    end
    if phase == "check" then result.user, result.group, result.resource, result.groups = nil, nil, nil, nil end
    if phase == "outbound" then
      if not same(result.user, data.user or {}) then
        return nil, format("%s changed its copy of the user, which has no effect; change ctx.document", name)
      end
      if type(result.document) ~= "table" then return nil, "ctx.document is no table any more" end
      result.user = nil
    end
    if phase == "request" and result.request.json == nil and result.request.body ~= nil then
      local json, unreadable = host.json_decode(result.request.body)
      if unreadable == nil then result.request.json = json end
    end
    if phase == "read" or phase == "conflict" then result.groups = nil end
    return result
  end
  if type(result) == "table" and parts.set(hook.outcomes)[rawget(result, "outcome")] then return copy(result) end
  return nil, result
end

local function run(name, data)
  local plugin = entry()
  if type(plugin[name]) ~= "function" then error(format("the plugin has no hook '%s'", tostring(name)), 3) end
  if data ~= nil and type(data) ~= "table" then error("test.run: the second argument is a table of ctx fields", 3) end
  data = data or {}
  for field in pairs(data) do
    if not (parts.given[field] or parts.lazy[field]) then error(format("test.run: ctx has no field '%s'", tostring(field)), 3) end
  end
  local hook = parts.hooks[name]
  for _, field in ipairs { "method", "path" } do
    if not answers_request(hook) and type(data.request) == "table" and data.request[field] ~= nil then
      error(format("test.run: ctx.request has no field '%s' in %s", field, name), 3)
    end
  end
  local start = not hook.isQueued and host.test_mark()
  local result, problem = attempt(name, data, hook)
  if hook.isQueued then return result, problem end
  -- A version conflict starts a change again, so all that run in a request must answer the same each time.
  local mark = host.test_mark()
  host.test_replay(start)
  local again, problem_again = attempt(name, data, hook)
  host.test_rewind(mark)
  if not same(result, again) or not same(problem, problem_again) then
    return nil, format(
      "%s answered differently when it ran again with the same input, as it may after a version conflict: first %s, then %s", name,
      show(result or problem), show(again or problem_again))
  end
  return result, problem
end

local test = {}
--- The outcome of one hook; an error in the plugin fails the spec with the plugin's own line.
function test.run(name, data)
  local result, problem = run(name, data)
  if not result then error(type(problem) == "string" and problem or "the hook raised " .. show(problem), 0) end
  return result
end
--- The error of a hook that is meant to fail.
function test.error_of(name, data)
  local result, problem = run(name, data)
  if result then error(format("expected %s to fail, but its outcome was %s", name, show(result)), 2) end
  return type(problem) == "string" and problem or show(problem)
end
--- The plugin's settings: checked against plugin.json, with its defaults.
function test.config(settings) return (checked(host.test_config(settings or {}))) end
function test.secret(name, value) checked(host.test_secret(name, value)) end

local http = {}
function http.stub(method, url, reply, matching) checked(host.test_stub(method, url, reply or {}, matching or {})) end
test.http = setmetatable(http, { __index = function(_, name) if name == "calls" then return host.test_calls() end end })

local mail = {}
function mail.fail(reason, count) checked(host.test_mail_fail(reason, count)) end
test.mail = setmetatable(mail, { __index = function(_, name) if name == "sent" then return host.test_mails() end end })

test.scim = {
  add = function(kind, resource) checked(host.test_scim_add(kind, resource)) end,
  changed = function(change) checked(host.test_scim_changed(change)) end,
}
test.clock = {
  set = function(iso) checked(host.test_clock_set(iso)) end,
  advance = function(seconds) checked(host.test_clock_advance(seconds)) end,
}
test.random = { seed = function(number) checked(host.test_seed(number)) end }
test.kv = {
  get = function(key) return (checked(host.test_kv_get(key))) end,
  set = function(key, value, options) checked(host.test_kv_set(key, value, options or {})) end,
}
test.world = parts.world.open
G.test = setmetatable(test, { __index = function(_, name)
  if name == "logs" then return host.test_logs() end
  error(format("test has no field '%s'", tostring(name)), 2)
end })
