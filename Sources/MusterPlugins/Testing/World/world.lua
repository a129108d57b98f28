-- Trusted. `test.world`: a real engine for one spec, with clients that drive it. Host functions answer with a value, or with
-- nil and a problem; those that act answer with a table of value, refusal and failure.
local _, parts = ...
local host = parts.host
local error, ipairs, pairs, setmetatable, tostring, type = error, ipairs, pairs, setmetatable, tostring, type
local format = string.format

local function checked(value, problem)
  if problem ~= nil then error(problem, 3) end
  return value
end

--- What came of an action; a hook that failed raises its own line, a refusal that of the spec.
local function settled(answer, problem)
  if problem ~= nil then error(problem, 3) end
  if answer.failure then error(answer.failure, 0) end
  if answer.refusal then error(answer.refusal.text, 3) end
  return answer.value
end

local function option(function_name, options, name)
  if options == nil then return nil end
  if type(options) ~= "table" then error(format("%s takes a table", function_name), 3) end
  for key in pairs(options) do
    if key ~= name then error(format("%s has no option '%s'; there is '%s'", function_name, tostring(key), name), 3) end
  end
  return options[name]
end

local operations = {
  "create_user", "update_user", "deactivate_user", "reactivate_user", "delete_user", "set_manager", "list_users",
  "create_group", "rename_group", "add_member", "remove_member", "delete_group",
}
local is_operation = {}
for _, name in ipairs(operations) do is_operation[name] = true end

local is_delivery_field = { hook = true, plugin = true, state = true, subscriber = true, event = true }

local function sealed(table, what)
  return setmetatable(table, { __index = function(_, name) error(format("%s has no '%s'", what, tostring(name)), 2) end })
end

--- A client's operations. Each raises what the server refuses; `refused` expects it.
local function client(world, number, name)
  local self = {}
  for _, operation in ipairs(operations) do
    self[operation] = function(...)
      local value = settled(host.world_do(world, number, operation, ...))
      return value
    end
  end
  function self.refused(operation, ...)
    if not is_operation[operation] then error(format("world.refused: there is no operation '%s'", tostring(operation)), 2) end
    local answer = checked(host.world_do(world, number, operation, ...))
    if not answer.refusal then error(format("expected %s to be refused, but it was accepted", operation), 2) end
    answer.refusal.failure = answer.failure
    return answer.refusal
  end
  function self.request(request)
    if type(request) ~= "table" then error("world.request: a table is needed", 2) end
    return (checked(host.world_request(world, name, request)))
  end
  return self
end

local function id_of(value, what)
  if type(value) == "table" then value = value.id end
  if type(value) ~= "string" then error(format("%s: an id, or what an operation answered, is needed", what), 3) end
  return value
end

--- A world with its first client.
local function world_of(number, first)
  local world = client(number, 0, first)

  --- Another client of the same directory.
  function world.client(name, settings)
    if type(name) ~= "string" then error("world.client: the name must be a string", 2) end
    local other = checked(host.world_client(number, name, settings or {}))
    return sealed(client(number, other, name), "the client")
  end

  -- Going on.
  function world.settle(given)
    local value = settled(host.world_settle(number, option("world.settle", given, "allow_errors")))
    return value
  end
  function world.advance(seconds, given)
    settled(host.world_advance(number, seconds, option("world.advance", given, "allow_errors")))
  end
  function world.crash(given) checked(host.world_crash(number, option("world.crash", given, "after_calls"))) end

  -- Looking.
  function world.user(user) return (checked(host.world_user(number, id_of(user, "world.user")))) end
  function world.users(filter) return (checked(host.world_users(number, filter))) end
  function world.group(group) return (checked(host.world_group(number, id_of(group, "world.group")))) end
  function world.members(group) return (checked(host.world_members(number, id_of(group, "world.members")))) end
  local lists = { events = host.world_events, requests = host.world_requests }
  function world.deliveries(wanted)
    for key in pairs(wanted or {}) do
      if not is_delivery_field[key] then error(format("world.deliveries: a delivery has no '%s' to be chosen by", tostring(key)), 2) end
    end
    local found = {}
    for _, delivery in ipairs(checked(host.world_deliveries(number))) do
      local fits = true
      for key, value in pairs(wanted or {}) do fits = fits and delivery[key] == value end
      if fits then found[#found + 1] = delivery end
    end
    return found
  end
  return setmetatable(world, { __index = function(_, name)
    local list = lists[name]
    if list then return (checked(list(number))) end
    error(format("the world has no '%s'", tostring(name)), 2)
  end })
end

local function open(options)
  if options ~= nil and type(options) ~= "table" then error("test.world takes a table", 2) end
  options = options or {}
  local number = checked(host.world_open(options))
  return world_of(number, options.client or "rfc")
end

parts.world = { open = open, shape = world_of(0, "rfc") }
