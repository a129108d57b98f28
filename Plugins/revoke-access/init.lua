local http, url, log, secrets, crypto, time = muster.http, muster.url, muster.log, muster.secrets, muster.crypto, muster.time

local plugin = {}

--- One signed call. Comes back when it is done, or when there is nothing to revoke any more.
local function call(ctx, method, path)
  local stamp = time.iso()
  local reply = http.request {
    method = method,
    url = ctx.config.base .. path,
    headers = {
      ["x-date"] = stamp,
      ["x-signature"] = crypto.hmac("sha256", secrets.get("REVOKE_KEY"), method .. "\n" .. path .. "\n" .. stamp),
    },
  }
  if reply.status < 300 or reply.status == 404 then return end
  if reply.status == 429 or reply.status >= 500 then
    ctx.retry { after = reply.retryAfter, reason = path .. " answers " .. reply.status }
  end
  ctx.fail { reason = path .. " refuses with " .. reply.status }
end

--- The path of a person at the service. Dots that lead out of it cannot stand there, however they are encoded: somebody has to look.
local function home(ctx)
  local id = ctx.user.externalId
  if not id or id == "" then id = ctx.user.id end
  if id == "." or id == ".." or id:find("/", 1, true) and id:find("..", 1, true) then
    ctx.fail { reason = "the externalId '" .. id .. "' cannot be part of an address; revoke the access by hand" }
  end
  return "/users/" .. url.encode(id)
end

--- Two steps; one that is done is not repeated when the other has to be tried again.
local function revoke(ctx)
  local path = home(ctx)
  muster.once(ctx, "sessions", function() call(ctx, "DELETE", path .. "/sessions") end)
  muster.once(ctx, "tokens", function() call(ctx, "POST", path .. "/tokens/revoke") end)
  log.info("access revoked", { user = ctx.user.id, attempt = ctx.event.attempt })
end

plugin.onDeactivate = revoke
plugin.onDelete = revoke

return plugin
