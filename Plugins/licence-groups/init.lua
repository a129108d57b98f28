local http, url, log, secrets, scim = muster.http, muster.url, muster.log, muster.secrets, muster.scim

local plugin = {}

--- Whether a licence's rule gives it to a person.
local function deserves(licence, user)
  if not user.active then return false end
  local extension = user[scim.ENTERPRISE]
  local value = user[licence.attribute] or extension and extension[licence.attribute]
  for _, wanted in ipairs(licence.values) do
    if wanted == value then return true end
  end
  return false
end

--- Runs before the commit: who is deactivated loses every licence in the same transaction, who deserves one gets it.
function plugin.mapUser(ctx)
  if ctx.operation == "delete" then return end
  local before = ctx.before
  for _, licence in ipairs(ctx.config.licences) do
    local now, then_ = deserves(licence, ctx.user), before ~= nil and deserves(licence, before)
    if now and not then_ then
      ctx.groups.add(licence.group)
    elseif then_ and not now or not ctx.user.active and before and before.active then
      ctx.groups.remove(licence.group)
    end
  end
end

--- Tells the service, for every licence that the group stands for.
local function tell(ctx, method)
  for _, licence in ipairs(ctx.config.licences) do
    if licence.group == ctx.group.displayName then
      muster.once(ctx, licence.product, function()
        local reply = http.request {
          method = method,
          url = ctx.config.service .. "/" .. url.encode(licence.product) .. "/" .. url.encode(ctx.user.id),
          headers = { authorization = "Bearer " .. secrets.get("LICENCE_TOKEN") },
        }
        if reply.status < 300 or method == "DELETE" and reply.status == 404 then return end
        if reply.status == 429 or reply.status >= 500 then
          ctx.retry { after = reply.retryAfter, reason = "the licence service answers " .. reply.status }
        end
        ctx.fail { reason = licence.product .. ": the licence service refuses with " .. reply.status }
      end)
      log.info(method == "PUT" and "licence given" or "licence freed", { user = ctx.user.id, product = licence.product })
    end
  end
end

function plugin.onGroupAdd(ctx)
  if not ctx.user then return ctx.skip("a group, not a person") end
  tell(ctx, "PUT")
end

function plugin.onGroupRemove(ctx)
  if not ctx.user then return ctx.skip("a group, not a person") end
  tell(ctx, "DELETE")
end

return plugin
