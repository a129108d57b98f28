-- Trusted. What `expect(value)` offers to specs: each matcher says whether it holds, in words that tell why not.
local driver, parts = ...
local G, host, try = parts.G, parts.host, parts.try
local error, ipairs, next, pairs, tostring, type = error, ipairs, next, pairs, tostring, type
local setmetatable, format, concat, sort, pack, unpack = setmetatable, string.format, table.concat, table.sort, table.pack, table.unpack
local math_abs, math_type = math.abs, math.type

-- What there was before anything of a spec's; seen.lua looks at the rest.
parts.defined = {}
for name in pairs(G) do parts.defined[name] = true end

local most_differences, most_depth, most_shown = 10, 40, 600

-- ---- values ------------------------------------------------------------------------------
local function in_order(a, b)
  if type(a) ~= type(b) then return type(a) == "number" end
  if type(a) == "number" or type(a) == "string" then return a < b end
  return tostring(a) < tostring(b)
end
local function keys_of(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  sort(keys, in_order)
  return keys
end
local function is_name(key) return type(key) == "string" and key:find("^[%a_][%w_]*$") ~= nil end

local function written(value, depth)
  if type(value) == "string" then return (format("%q", value):gsub("\\\n", "\\n")) end
  if type(value) ~= "table" then return tostring(value) end
  if depth > 5 then return "{...}" end
  local shown = {}
  for i, key in ipairs(keys_of(value)) do
    local name = is_name(key) and key .. " = " or math_type(key) == "integer" and key == i and "" or "[" .. written(key, depth + 1) .. "] = "
    shown[i] = name .. written(value[key], depth + 1)
  end
  return "{" .. concat(shown, ", ") .. "}"
end
--- A value as Lua would write it, cut where it is long.
local function show(value)
  local text = written(value, 0)
  if #text <= most_shown then return text end
  local cut = most_shown
  while cut > 0 and text:byte(cut + 1) >= 0x80 and text:byte(cut + 1) < 0xC0 do cut = cut - 1 end
  return text:sub(1, cut) .. "…"
end

local function same(a, b, depth)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  depth = depth or 0
  if depth > most_depth then error("a value is nested too deeply to be compared", 0) end
  for key, value in pairs(a) do if not same(value, b[key], depth + 1) then return false end end
  for key in pairs(b) do if a[key] == nil then return false end end
  return true
end
local function copy(value, depth)
  if type(value) ~= "table" then return value end
  depth = depth or 0
  if depth > most_depth then error("a value is nested too deeply to be copied", 0) end
  local result = {}
  for key, inner in pairs(value) do result[key] = copy(inner, depth + 1) end
  return result
end

-- ---- differences ---------------------------------------------------------------------------
local function step(path, key)
  if is_name(key) then return path .. "." .. key end
  return path .. "[" .. (type(key) == "string" and format("%q", key) or tostring(key)) .. "]"
end

--- Where two long texts part.
local function text_difference(want, got)
  if #want < 60 and #got < 60 then return "" end
  local at = 1
  while at <= #want and want:byte(at) == got:byte(at) do at = at + 1 end
  return format(" (they part at byte %d)", at)
end

--- Gathers how `got` differs from `want`; `whole` also minds what `want` does not have.
local function differ(found, path, want, got, whole, depth)
  if depth > most_depth then error("a value is nested too deeply to be compared", 0) end
  if type(want) ~= "table" or type(got) ~= "table" then
    if want == got then return end
    local where = type(want) == "string" and type(got) == "string" and text_difference(want, got) or ""
    found[#found + 1] = format("at %s: expected %s, got %s%s", path, show(want), show(got), where)
    return
  end
  for _, key in ipairs(keys_of(want)) do
    if got[key] == nil then
      found[#found + 1] = format("at %s: missing, expected %s", step(path, key), show(want[key]))
    else
      differ(found, step(path, key), want[key], got[key], whole, depth + 1)
    end
  end
  if not whole then return end
  for _, key in ipairs(keys_of(got)) do
    if want[key] == nil then found[#found + 1] = format("at %s: unexpected, got %s", step(path, key), show(got[key])) end
  end
end

local function differences(name, want, got, whole)
  local found = {}
  differ(found, name, want, got, whole, 0)
  local lines = {}
  for i = 1, #found do
    if i > most_differences then
      lines[i] = format("\n  and %d more", #found - most_differences)
      break
    end
    lines[i] = "\n  " .. found[i]
  end
  return concat(lines)
end

-- ---- matchers ------------------------------------------------------------------------------
-- Each answers: whether it holds, what was expected, and (where it does not) more about why.
local matchers = {}
local function needs(value, wanted, what)
  if type(value) ~= wanted then error(format("%s needs a %s, not %s", what, wanted, show(value)), 5) end
end

function matchers.equals(name, got, want)
  if type(got) == "table" and type(want) == "table" then
    local holds = same(got, want)
    return holds, "to equal " .. show(want), not holds and differences(name, want, got, true) or ""
  end
  local holds = got == want
  local where = not holds and type(got) == "string" and type(want) == "string" and text_difference(want, got) or ""
  return holds, "to equal " .. show(want) .. where
end
function matchers.differs(_, got, want) return not same(got, want), "to differ from " .. show(want) end
function matchers.includes(name, got, part)
  needs(part, "table", "includes")
  local lines = differences(name, part, got, false)
  return lines == "", "to include " .. show(part), lines
end
function matchers.is_nil(_, got) return got == nil, "to be nil" end
function matchers.is_true(_, got) return got == true, "to be true" end
function matchers.is_false(_, got) return got == false, "to be false" end
function matchers.is_a(_, got, wanted)
  needs(wanted, "string", "is_a")
  return type(got) == wanted, "to be a " .. wanted
end
function matchers.is_near(_, got, want, tolerance)
  needs(want, "number", "is_near")
  if tolerance ~= nil then needs(tolerance, "number", "is_near") end
  tolerance = tolerance or 1e-9
  return type(got) == "number" and math_abs(got - want) <= tolerance, format("to be within %s of %s", tolerance, want)
end
function matchers.contains(_, got, part)
  local holds = false
  if type(got) == "string" then
    needs(part, "string", "contains, for a text,")
    holds = got:find(part, 1, true) ~= nil
  elseif type(got) == "table" then
    for _, value in pairs(got) do holds = holds or same(value, part) end
  end
  return holds, "to contain " .. show(part)
end
function matchers.matches(_, got, pattern)
  needs(pattern, "string", "matches")
  return type(got) == "string" and got:find(pattern) ~= nil, "to match " .. show(pattern)
end
function matchers.has_length(_, got, length)
  needs(length, "number", "has_length")
  local is_long = type(got) == "string" or type(got) == "table"
  return is_long and #got == length, "to have length " .. show(length), is_long and format("\n  its length is %d", #got) or ""
end
function matchers.errors(_, got, pattern)
  needs(got, "function", "errors: expect(...)")
  if pattern ~= nil then needs(pattern, "string", "errors") end
  local ended, problem = try(got)
  local what = pattern and "to raise an error that matches " .. show(pattern) or "to raise an error"
  if ended then return false, what, "\n  it ended without one" end
  local text = type(problem) == "table" and (problem.message or problem.detail or problem.reason) or problem
  text = type(text) == "string" and text or show(problem)
  local holds = pattern == nil or text:find(pattern, 1, true) ~= nil or text:find(pattern) ~= nil
  return holds, what, "\n  the error is " .. show(text)
end

-- ---- expect --------------------------------------------------------------------------------
local names = {}
for name in pairs(matchers) do names[#names + 1] = name end
names[#names + 1] = "matches_snapshot"
sort(names)

--- What stands in the parentheses of the `expect` that failed, where it is a plain name such as `run.user`.
local function subject(level)
  local _, place = try(error, "", level + 1)
  return host.test_subject(place) or "the value"
end

local function verdict(name, matcher, got, negated, ...)
  local given = pack(...)
  -- Level 1 is this function, 2 the matcher that the spec called, 3 the spec.
  local holds, what, detail = matcher("\1", got, ...)
  if holds ~= negated then return end
  local root = subject(4)
  if negated then error(format("expected %s not %s", show(got), what), 3) end
  detail = (detail or ""):gsub("\1", function() return root end)
  if name == "equals" and type(got) == "table" and type(given[1]) == "table" then
    error(format("%s is not as expected:%s", root, detail), 3)
  end
  if name == "errors" then error(format("expected %s %s%s", root, what, detail), 3) end
  error(format("expected %s %s%s", show(got), what, detail), 3)
end

local function expectation(got, negated)
  local result = {}
  for name, matcher in pairs(matchers) do
    result[name] = function(...)
      if ... == result then error(format("call it as expect(...).%s(...), with a dot", name), 2) end
      verdict(name, matcher, got, negated, ...)
    end
  end
  if not negated then
    function result.matches_snapshot(name)
      local _, problem = host.test_snapshot(name, got)
      if problem then error(problem, 2) end
    end
  end
  return setmetatable(result, { __index = function(_, name)
    if name == "never" and not negated then return expectation(got, true) end
    error(format("expect(...) has no '%s'; %s", tostring(name), host.test_hint(tostring(name), names)), 2)
  end })
end
function G.expect(got) return expectation(got, false) end

parts.show, parts.same, parts.copy, parts.differences = show, same, copy, differences
