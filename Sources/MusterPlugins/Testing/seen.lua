-- Trusted. The last of a spec's preludes: what specs see is what the API's table names, and nothing else.
-- `reference` is that table (Reference/APIReference.swift), put in front.
local driver, parts = ...
local G, defined = parts.G, parts.defined
local error, next, pairs, type, format = error, next, pairs, type, string.format

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
see("world.", parts.world.shape)
local unwritten = next(unseen)
if unwritten then error(format("the API's reference names '%s', which is not there", unwritten), 0) end
