-- Trusted. How a spec file is written: describe, it, before_each, after_each, pending; and how its specs run.
local driver, parts = ...
local G, host, try, json = parts.G, parts.host, parts.try, parts.json
local error, ipairs, pairs, require, tostring, type = error, ipairs, pairs, require, tostring, type
local setmetatable, format, concat = setmetatable, string.format, table.concat

local most_specs, most_nested = 1000, 20
local specs, named = {}, {}
local block, is_running = { name = "", before = {}, after = {}, depth = 0 }, false

--- The place of a call: `plugin/spec/x_spec.lua:3`, or "".
local function place(level)
  local _, where = try(error, "", level + 1)
  return (tostring(where):gsub(": $", ""))
end
local function named_well(name, what)
  if type(name) ~= "string" or not name:find("%S") then error(what .. " needs a name", 4) end
end

local function declare(name, body, is_pending)
  if is_running then error("a spec cannot declare another one", 3) end
  named_well(name, "a spec")
  if not is_pending and type(body) ~= "function" then error("a spec needs a function", 3) end
  if #specs >= most_specs then error(format("a file holds at most %d specs; begin another one", most_specs), 3) end
  local full, where = block.name .. name, place(4)
  if named[full] then error(format("there is a spec of this name already, at %s; give '%s' another one", named[full], full), 3) end
  named[full] = where
  specs[#specs + 1] = { name = full, body = body, block = block, pending = is_pending, line = where:match(":(%d+)$") }
end
function G.it(name, body) declare(name, body, false) end
--- In place of `it`: a spec that is still to be written. Inside a spec: ends it, with the reason.
function G.pending(name, body)
  if is_running then
    if name ~= nil and type(name) ~= "string" then error("pending: the reason is a text", 2) end
    error(setmetatable({ pending = name or "pending" }, parts.control_mt), 0)
  end
  declare(name, body, true)
end

local function hook(list, what)
  return function(body)
    if is_running then error(what .. " stands beside specs, not in one", 2) end
    if type(body) ~= "function" then error(what .. " needs a function", 2) end
    local hooks = block[list]
    hooks[#hooks + 1] = body
  end
end
G.before_each, G.after_each = hook("before", "before_each"), hook("after", "after_each")

function G.describe(name, body)
  if is_running then error("a spec cannot hold a describe", 2) end
  if type(name) ~= "string" or not name:find("%S") then error("a describe needs a name", 2) end
  if type(body) ~= "function" then error("a describe needs a function", 2) end
  if block.depth >= most_nested then error(format("describes are nested at most %d deep", most_nested), 2) end
  local outer, count = block, #specs
  block = { name = outer.name .. name .. ": ", outer = outer, before = {}, after = {}, depth = outer.depth + 1 }
  body()
  block = outer
  if #specs == count then error(format("the describe '%s' holds no spec", name), 2) end
end

-- ---- what the host calls -----------------------------------------------------------------
--- The names of the file's specs.
function driver.load_spec(module)
  require(module)
  local names = json.array()
  for i, spec in ipairs(specs) do names[i] = { name = spec.name, pending = spec.pending, line = spec.line } end
  return names
end

local function before(inner)
  if not inner then return end
  before(inner.outer)
  for _, body in ipairs(inner.before) do body() end
end
local function has_after(inner) return inner ~= nil and (#inner.after > 0 or has_after(inner.outer)) end
local function run(spec)
  before(spec.block)
  spec.body()
end
--- Runs one spec. Every after_each runs, the inner ones first, also when the spec fails; the first problem counts.
function driver.spec(number)
  local spec = specs[number]
  is_running = true
  if not has_after(spec.block) then return run(spec) end
  local ended, problem = try(run, spec)
  local inner = spec.block
  while inner do
    for _, body in ipairs(inner.after) do
      local well, trouble = try(body)
      if ended and not well then ended, problem = false, trouble end
    end
    inner = inner.outer
  end
  if not ended then error(problem, 0) end
end
