local plugin = {}

--- Letters of people's names in user names.
local letters = {
  ["ä"] = "ae", ["ö"] = "oe", ["ü"] = "ue", ["ß"] = "ss", ["æ"] = "ae", ["ø"] = "oe", ["å"] = "aa", ["œ"] = "oe",
  ["á"] = "a", ["à"] = "a", ["â"] = "a", ["ã"] = "a", ["é"] = "e", ["è"] = "e", ["ê"] = "e", ["ë"] = "e", ["í"] = "i", ["ì"] = "i",
  ["î"] = "i", ["ï"] = "i", ["ó"] = "o", ["ò"] = "o", ["ô"] = "o", ["õ"] = "o", ["ú"] = "u", ["ù"] = "u", ["û"] = "u", ["ç"] = "c",
  ["ñ"] = "n", ["ý"] = "y", ["ł"] = "l", ["ś"] = "s", ["š"] = "s", ["ž"] = "z", ["č"] = "c", ["ć"] = "c", ["ř"] = "r", ["ě"] = "e",
  ["Ä"] = "ae", ["Ö"] = "oe", ["Ü"] = "ue", ["Æ"] = "ae", ["Ø"] = "oe", ["Å"] = "aa", ["Á"] = "a", ["É"] = "e", ["È"] = "e", ["Í"] = "i",
  ["Ó"] = "o", ["Ú"] = "u", ["Ç"] = "c", ["Ñ"] = "n", ["Ł"] = "l", ["Ś"] = "s", ["Š"] = "s", ["Ž"] = "z", ["Č"] = "c", ["Ř"] = "r",
}

--- A name as it can stand in a user name: plain small letters, digits and dashes.
local function plain(name)
  local text = (name or ""):gsub(utf8.charpattern, letters):lower()
  return (text:gsub("%s+", "-"):gsub("[^a-z0-9-]", ""))
end

--- The user name that the pattern makes; nil where the person lacks a name that it needs.
local function made(pattern, user)
  local name, complete = user.name or {}, true
  local given, family = plain(name.givenName), plain(name.familyName)
  local parts = { given = given, family = family, g = given:sub(1, 1), f = family:sub(1, 1), userName = user.userName }
  local result = pattern:gsub("{(%a+)}", function(part)
    if not parts[part] or parts[part] == "" then complete = false end
    return parts[part]
  end)
  return complete and result or nil
end

function plugin.mapUser(ctx)
  local pattern = ctx.config.pattern
  if ctx.operation ~= "create" or not pattern then return end
  ctx.user.userName = made(pattern, ctx.user) or ctx.user.userName
end

--- The second ada.lovelace@example.com becomes ada.lovelace2@example.com.
function plugin.onConflict(ctx)
  if not ctx.user or ctx.conflict.path ~= "userName" then return ctx.skip("not a user name") end
  -- A client that renames somebody means this very name; only a new person may get another one.
  if ctx.operation ~= "create" then return ctx.skip("not a new person") end
  if not ctx.config.numbering then return ctx.skip("numbering is off") end
  local number, separator = ctx.conflict.attempt + 1, ctx.config.separator
  local taken = ctx.user.userName
  if ctx.conflict.attempt > 1 then
    -- The number of the attempt before makes way for the next one.
    local tail = separator .. ctx.conflict.attempt
    local name, domain = taken:match("^([^@]*)(.*)$")
    if name:sub(-#tail) == tail then taken = name:sub(1, -#tail - 1) .. domain end
  end
  local name, domain = taken:match("^([^@]*)(.*)$")
  ctx.user.userName = name .. separator .. number .. domain
end

return plugin
