local http, scim, log = muster.http, muster.scim, muster.log

local plugin = {}

local function tell(ctx, id, text)
  local manager = scim.get("User", id)
  if not manager or not manager.active then
    return log.warn("the manager is unknown or not active", { manager = id })
  end
  local reply = http.post(ctx.config.hook, { json = { to = manager.userName, text = text } })
  if reply.status == 429 or reply.status >= 500 then
    ctx.retry { after = reply.retryAfter, reason = "the chat answers " .. reply.status }
  elseif reply.status >= 300 then
    ctx.fail { reason = "the chat refuses with " .. reply.status }
  end
end

function plugin.onManagerChange(ctx)
  local who, old, new = ctx.user.displayName or ctx.user.userName, ctx.manager.old, ctx.manager.new
  if old then muster.once(ctx, "old", function() tell(ctx, old, who .. " no longer reports to you") end) end
  if new then muster.once(ctx, "new", function() tell(ctx, new, who .. " now reports to you") end) end
end

return plugin
