local scim = muster.scim

local plugin = {}

local function department(user)
  local extension = user and user[scim.ENTERPRISE]
  return extension and extension.department
end

--- Runs before the commit: the membership changes are part of the same transaction.
function plugin.mapUser(ctx)
  if ctx.operation == "delete" then return end
  local old, new = department(ctx.before), department(ctx.user)
  if old == new then return end
  local groups, kept = ctx.config.groups, {}
  for _, group in ipairs(new and groups[new] or {}) do
    kept[group] = true
    ctx.groups.add(group)
  end
  for _, group in ipairs(old and groups[old] or {}) do
    if not kept[group] then ctx.groups.remove(group) end
  end
end

--- Sees the person as every plugin's mapping left them.
function plugin.checkUser(ctx)
  if ctx.operation == "delete" or ctx.config.unknownDepartment ~= "reject" then return end
  local name = department(ctx.user)
  if name and not ctx.config.groups[name] then
    ctx.reject { status = 400, scimType = "invalidValue", detail = "unknown department '" .. name .. "'" }
  end
end

return plugin
