-- Trusted. What `muster lua` adds to a plugin's machine: text is compiled and run with the plugin's guards, values are shown.
local driver, parts = ...
local G, host, try, entry, json = parts.G, parts.host, parts.try, parts.entry, parts.json
local compile = rawget(G, "__compile")
local error, getmetatable, ipairs, pairs, rawget, rawset = error, getmetatable, ipairs, pairs, rawget, rawset
local setmetatable, tostring, type = setmetatable, tostring, type
local concat, format, pack, sort = table.concat, string.format, table.pack, table.sort

local function checked(value, problem)
  if problem ~= nil then error(problem, 3) end
  return value
end

-- ---- showing values ------------------------------------------------------------------------
local max_depth, max_lines = 8, 200
local escapes = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ['"'] = '\\"', ["\\"] = "\\\\" }

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(c) return escapes[c] or format("\\%03d", c:byte()) end) .. '"'
end
local function before(a, b)
  if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then return a < b end
  if type(a) ~= type(b) then return type(a) == "number" or type(a) < type(b) end
  return tostring(a) < tostring(b)
end

local function show(value, lines, indent, prefix, suffix, seen)
  if #lines >= max_lines then
    lines.cut = true
  elseif type(value) ~= "table" then
    lines[#lines + 1] = indent .. prefix .. (type(value) == "string" and quoted(value) or tostring(value)) .. suffix
  elseif seen[value] then
    lines[#lines + 1] = indent .. prefix .. "{ the table around it }" .. suffix
  elseif #indent >= 2 * max_depth then
    lines[#lines + 1] = indent .. prefix .. "{...}" .. suffix
  else
    local keys = {}
    for key in pairs(value) do keys[#keys + 1] = key end
    sort(keys, before)
    if #keys == 0 then
      lines[#lines + 1] = indent .. prefix .. "{}" .. suffix
      return
    end
    seen[value] = true
    lines[#lines + 1] = indent .. prefix .. "{"
    for i, key in ipairs(keys) do
      local name = ""
      if type(key) == "string" then
        name = (key:find("^[%a_][%w_]*$") and key or "[" .. quoted(key) .. "]") .. " = "
      elseif key ~= i then
        name = "[" .. tostring(key) .. "] = "
      end
      show(value[key], lines, indent .. "  ", name, ",", seen)
    end
    lines[#lines + 1] = indent .. "}" .. suffix
    seen[value] = nil
  end
end
local function shown(values)
  local lines = {}
  for i = 1, values.n do show(values[i], lines, "", "", "", {}) end
  if lines.cut then lines[#lines + 1] = "(more is left out)" end
  return concat(lines, "\n")
end

-- ---- what can be used beside the plugin's own world ------------------------------------------
local current
local tools = {}

function tools.print(...)
  local values = pack(...)
  for i = 1, values.n do
    if type(values[i]) == "string" then host.console_print(values[i]) else host.console_print(shown { n = 1, values[i] }) end
  end
end
function tools.user(id) return (checked(host.console_resource("User", id))) end
function tools.group(id) return (checked(host.console_resource("Group", id))) end
function tools.users(filter, count) return (checked(host.console_find("User", filter, count))) end
function tools.groups(filter, count) return (checked(host.console_find("Group", filter, count))) end

--- Runs a hook as the server would: its outcome, with what it left of the resource.
function tools.run(name, id, changes)
  if type(name) ~= "string" or type(id) ~= "string" then error("run(hook, id, changes): the hook and the id are strings", 2) end
  local plugin = entry()
  if type(plugin[name]) ~= "function" then error(format("the plugin has no hook '%s'", name), 2) end
  local admitted = checked(host.console_admit(name, id, changes or json.array {}))
  local ended, result = try(driver.run, name, admitted.token, admitted.data)
  host.begin(current)
  host.console_release(admitted.token)
  if ended then
    result = result or {}
    result.outcome = "done"
    return result
  end
  if type(result) ~= "table" or rawget(result, "outcome") == nil then error(result, 0) end
  local outcome = {}
  for key, value in pairs(result) do outcome[key] = value end
  return outcome
end

local environment = setmetatable({}, {
  __index = function(_, name)
    if name == "plugin" then return entry() end
    local value = tools[name]
    if value == nil then value = rawget(G, name) end
    if value == nil then error(format("undefined global '%s'", tostring(name)), 2) end
    return value
  end,
})

-- ---- what the host calls -----------------------------------------------------------------
local function is_incomplete(problem) return problem:find("<eof>'?$") ~= nil end

--- Compiles and runs a text. Answers what it gives, or that more has to come.
function driver.evaluate(token, text, is_whole)
  host.begin(token)
  current = token
  local body, problem = compile("return " .. text, "=console", environment)
  if not body then
    local other
    body, other = compile(text, "=console", environment)
    if not body then
      if not is_whole and (is_incomplete(problem) or is_incomplete(other)) then return { incomplete = true } end
      error(other, 0)
    end
  end
  return { shown = shown(pack(body())) }
end
