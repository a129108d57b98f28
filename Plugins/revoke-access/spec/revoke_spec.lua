local sessions, tokens = "https://idp.example.com/users/x1/sessions", "https://idp.example.com/users/x1/tokens/revoke"
local input = { event = { id = "e1" }, user = { id = "u1", externalId = "x1" } }

local function count(method)
  local found = 0
  for _, call in ipairs(test.http.calls) do if call.method == method then found = found + 1 end end
  return found
end

describe("revoke access", function()
  before_each(function()
    test.config { base = "https://idp.example.com" }
    test.secret("REVOKE_KEY", "key")
    test.clock.set("2026-01-02T03:04:05Z")
    test.http.stub("DELETE", sessions, { status = 204 })
    test.http.stub("POST", tokens, { status = 200 })
  end)

  it("signs both calls", function()
    expect(test.run("onDeactivate", input).outcome).equals("done")
    expect(#test.http.calls).equals(2)
    local headers = test.http.calls[1].headers
    expect(headers["x-date"]).matches("^2026%-01%-02T03:04:05")
    expect(headers["x-signature"]).equals(muster.crypto.hmac("sha256", "key", "DELETE\n/users/x1/sessions\n" .. headers["x-date"]))
    expect(headers["idempotency-key"]).equals("e1:revoke-access:sessions:1")
    expect(test.http.calls[2].headers["idempotency-key"]).equals("e1:revoke-access:tokens:1")
  end)

  it("does not repeat a step that is done", function()
    test.http.stub("POST", tokens, { status = 503, headers = { ["retry-after"] = "7" } })
    expect(test.run("onDeactivate", input)).equals { outcome = "retry", after = 7, reason = "/users/x1/tokens/revoke answers 503" }
    test.http.stub("POST", tokens, { status = 200 })
    expect(test.run("onDeactivate", input).outcome).equals("done")
    expect(count("DELETE")).equals(1)
    expect(count("POST")).equals(2)
    expect(test.http.calls[3].headers["idempotency-key"]).equals("e1:revoke-access:tokens:1")
  end)

  it("takes 'not found' for done, and the id where there is no externalId", function()
    test.http.stub("*", "https://idp.example.com/users/u1/*", { status = 404 })
    expect(test.run("onDelete", { user = { id = "u1" } }).outcome).equals("done")
    expect(#test.http.calls).equals(2)
  end)

  it("writes an id as one step of the path, whatever it holds", function()
    test.http.stub("*", "https://idp.example.com/users/*", { status = 204 })
    for id, step in pairs { ["7#"] = "7%23", ["a/b?c=d%"] = "a%2Fb%3Fc%3Dd%25", ["Ada Ä"] = "Ada%20%C3%84", ["a..b"] = "a..b" } do
      local first = #test.http.calls + 1
      expect(test.run("onDeactivate", { event = { id = id }, user = { id = "u1", externalId = id } }).outcome).equals("done")
      expect(test.http.calls[first].url).equals("https://idp.example.com/users/" .. step .. "/sessions")
      local headers, path = test.http.calls[first].headers, "/users/" .. step .. "/sessions"
      expect(headers["x-signature"]).equals(muster.crypto.hmac("sha256", "key", "DELETE\n" .. path .. "\n" .. headers["x-date"]))
    end
  end)

  it("takes an empty externalId for none, and gives up on one that leads out of the path", function()
    test.http.stub("*", "https://idp.example.com/users/u1/*", { status = 204 })
    expect(test.run("onDeactivate", { user = { id = "u1", externalId = "" } }).outcome).equals("done")
    expect(#test.http.calls).equals(2)
    for i, id in ipairs { ".", "..", "../admin" } do
      local run = test.run("onDeactivate", { event = { id = "dots-" .. i }, user = { id = "u1", externalId = id } })
      expect(run.outcome).equals("fail")
      expect(run.reason).contains("'" .. id .. "' cannot be part of an address")
    end
    expect(#test.http.calls).equals(2)
  end)

  it("gives up when it is refused", function()
    test.http.stub("DELETE", sessions, { status = 403 })
    expect(test.run("onDelete", input)).equals { outcome = "fail", reason = "/users/x1/sessions refuses with 403" }
    expect(count("POST")).equals(0)
  end)
end)
