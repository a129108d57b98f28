local http, log, secrets = muster.http, muster.log, muster.secrets

local plugin = {}

--- The address to write to: the primary one, else the first work address, else the first.
local function address(user)
  local first, work
  for _, email in ipairs(user.emails or {}) do
    if email.primary then return email.value end
    first = first or email.value
    if email.type == "work" then work = work or email.value end
  end
  return work or first
end

function plugin.onCreate(ctx)
  local user, config = ctx.user, ctx.config
  if not user.active then return ctx.skip("not active") end
  for _, userType in ipairs(config.skipUserTypes) do
    if userType == user.userType then return ctx.skip("user type " .. userType) end
  end
  local to = address(user)
  if not to then return ctx.skip("no mail address") end

  local reply = http.post(config.webhook, {
    headers = { authorization = "Bearer " .. secrets.get("MAIL_TOKEN") },
    json = { to = to, template = config.template, name = user.displayName or user.userName },
  })
  if reply.status == 429 or reply.status >= 500 then
    ctx.retry { after = reply.retryAfter, reason = "the mail service answers " .. reply.status }
  elseif reply.status >= 300 then
    ctx.fail { reason = "the mail service refuses with " .. reply.status }
  end
  log.info("welcome mail sent", { user = user.id })
end

return plugin
