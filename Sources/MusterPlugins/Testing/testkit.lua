-- Trusted. What specs see beside the plugin's own world: describe, it, expect, test. The modules behind `muster` are
-- the real ones with their permissions; only what they reach is made up (by the host).
-- `reference` is the API's table (Reference/APIReference.swift), put in front: what it names is there, and nothing else.
local driver, parts = ...
local G, host, try, entry, view, json = parts.G, parts.host, parts.try, parts.entry, parts.view, parts.json
local error, ipairs, next, pairs, rawget, require, tostring, type = error, ipairs, next, pairs, rawget, require, tostring, type
local setmetatable, format, concat, sort, pack, unpack = setmetatable, string.format, table.concat, table.sort, table.pack, table.unpack

local defined = {}
for name in pairs(G) do defined[name] = true end

local function checked(value, problem)
  if problem ~= nil then error(problem, 3) end
  return value
end

-- ---- values ------------------------------------------------------------------------------
local function show(value, depth)
  depth = depth or 0
  if type(value) == "string" then return format("%q", value) end
  if type(value) ~= "table" then return tostring(value) end
  if depth > 5 then return "{...}" end
  local keys, shown = {}, {}
  for key in pairs(value) do keys[#keys + 1] = key end
  sort(keys, function(a, b)
    if type(a) == type(b) then return a < b end
    return type(a) == "number"
  end)
  for i, key in ipairs(keys) do shown[i] = (type(key) == "string" and key .. " = " or "") .. show(value[key], depth + 1) end
  return "{" .. concat(shown, ", ") .. "}"
end
local function same(a, b, depth)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  depth = depth or 0
  if depth > 40 then error("a value is nested too deeply to be compared", 0) end
  for key, value in pairs(a) do if not same(value, b[key], depth + 1) then return false end end
  for key in pairs(b) do if a[key] == nil then return false end end
  return true
end
local function copy(value, depth)
  if type(value) ~= "table" then return value end
  depth = depth or 0
  if depth > 40 then error("a value is nested too deeply to be copied", 0) end
  local result = {}
  for key, inner in pairs(value) do result[key] = copy(inner, depth + 1) end
  return result
end

-- ---- running hooks -------------------------------------------------------------------------
local function prepared(name, data, hook)
  local input = copy(data)
  local resource = input.user or input.group or input.resource
  if input.config == nil then input.config = checked(host.test_current_config()) end
  if input.changes == nil then input.changes = checked(host.test_changes(input.before, resource)) end
  local reads = hook.phase == "read"
  local request = { id = "request-1", client = "spec", method = reads and "GET" or "POST", path = "/Users", tenant = "default" }
  for name, value in pairs(input.request or {}) do request[name] = value end
  input.request = request
  if hook.phase == "on" then
    local event = input.event or {}
    event.id, event.type, event.attempt = event.id or "event-1", event.type or name, event.attempt or 1
    event.time = event.time or host.iso()
    event.key = event.key or (input.user and "User/" or "Group/") .. tostring(resource and resource.id)
    input.event = event
  elseif input.operation == nil and not reads and hook.phase ~= "request" then
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
  host.test_release(token)
  if ended then
    result = result or {}
    result.outcome = "done"
    local is_same = same(result.user, data.user) and same(result.group, data.group) and same(result.resource, data.resource)
    if phase == "check" and not is_same then
      return nil, format("%s changed its copy of the resource, which has no effect; change it in a map hook", name)
    end
    if phase == "check" then result.user, result.group, result.resource, result.groups = nil, nil, nil, nil end
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
  local result, problem = attempt(name, data, hook)
  if hook.isQueued then return result, problem end
  -- A version conflict starts a change again, so all that run in a request must answer the same each time.
  local mark = host.test_mark()
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
function http.stub(method, url, reply) checked(host.test_stub(method, url, reply or {})) end
test.http = setmetatable(http, { __index = function(_, name) if name == "calls" then return host.test_calls() end end })

test.scim = {
  add = function(kind, resource) checked(host.test_scim_add(kind, resource)) end,
  changed = function(change) checked(host.test_scim_changed(change)) end,
}
test.clock = {
  set = function(iso) checked(host.test_clock_set(iso)) end,
  advance = function(seconds) checked(host.test_clock_advance(seconds)) end,
}
test.kv = {
  get = function(key) return (checked(host.test_kv_get(key))) end,
  set = function(key, value) checked(host.test_kv_set(key, value)) end,
}
G.test = setmetatable(test, { __index = function(_, name)
  if name == "logs" then return host.test_logs() end
  error(format("test has no field '%s'", tostring(name)), 2)
end })

-- ---- expecting -----------------------------------------------------------------------------
function G.expect(got)
  local function check(holds, what) if not holds then error(format("expected %s %s", show(got), what), 3) end end
  local expectation = {}
  function expectation.equals(want) check(same(got, want), "to equal " .. show(want)) end
  function expectation.differs(want) check(not same(got, want), "to differ from " .. show(want)) end
  function expectation.is_nil() check(got == nil, "to be nil") end
  function expectation.is_true() check(got == true, "to be true") end
  function expectation.is_false() check(got == false, "to be false") end
  function expectation.contains(part)
    local holds = false
    if type(got) == "string" then holds = got:find(part, 1, true) ~= nil end
    if type(got) == "table" then for _, value in pairs(got) do holds = holds or same(value, part) end end
    check(holds, "to contain " .. show(part))
  end
  function expectation.matches(pattern) check(type(got) == "string" and got:find(pattern) ~= nil, "to match " .. show(pattern)) end
  function expectation.matches_snapshot(name)
    local _, problem = host.test_snapshot(name, got)
    if problem then error(problem, 2) end
  end
  return setmetatable(expectation, { __index = function(_, name) error(format("expect(...) has no '%s'", tostring(name)), 2) end })
end

-- ---- describing ----------------------------------------------------------------------------
local specs, before, path, is_running = {}, {}, {}, false

local function declare(name, body, is_pending)
  if is_running then error("a spec cannot declare another one", 3) end
  if type(name) ~= "string" then error("a spec needs a name", 3) end
  if not is_pending and type(body) ~= "function" then error("a spec needs a function", 3) end
  local full = {}
  for i, part in ipairs(path) do full[i] = part end
  full[#full + 1] = name
  specs[#specs + 1] = { name = concat(full, ": "), body = body, before = pack(unpack(before)), pending = is_pending }
end
function G.it(name, body) declare(name, body, false) end
function G.pending(name, body) declare(name, body, true) end
function G.before_each(body) before[#before + 1] = body end
function G.describe(name, body)
  local count = #before
  path[#path + 1] = name
  body()
  path[#path] = nil
  while #before > count do before[#before] = nil end
end

-- ---- what specs see ------------------------------------------------------------------------
local unseen = parts.set(reference.functions)
local function see(path, implementation)
  for key, value in pairs(implementation) do
    local name = path .. key
    if type(value) == "table" then
      see(name .. ".", value)
    elseif unseen[name] then
      unseen[name] = nil
    else
      error(format("'%s' has no entry in the API's reference", name), 0)
    end
  end
end
local globals = {}
for name, value in pairs(G) do if not defined[name] then globals[name] = value end end
see("", globals)
see("expect(value).", G.expect(nil))
local unwritten = next(unseen)
if unwritten then error(format("the API's reference names '%s', which is not there", unwritten), 0) end

-- ---- what the host calls -----------------------------------------------------------------
function driver.load_spec(module)
  require(module)
  local names = json.array()
  for i, spec in ipairs(specs) do names[i] = { name = spec.name, pending = spec.pending } end
  return names
end
function driver.spec(number)
  local spec = specs[number]
  is_running = true
  for i = 1, spec.before.n do spec.before[i]() end
  spec.body()
end
