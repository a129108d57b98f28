local base = "https://idp.example.com"

local function calls()
  local found = {}
  for i, call in ipairs(test.http.calls) do found[i] = call.method .. " " .. call.url:sub(#base + 1) end
  return found
end

describe("revoke access in a world", function()
  before_each(function()
    test.config { base = base }
    test.secret("REVOKE_KEY", "key")
    test.http.stub("*", base .. "/*", { status = 204 })
  end)

  for _, client in ipairs { "onelogin", "okta", "entra", "rfc" } do
    it("ends everything once when " .. client .. " deactivates a person, and again after they were back", function()
      local world = test.world { client = client }
      local user = world.create_user { userName = "ada@example.com", externalId = "x1" }
      world.settle()
      expect(#test.http.calls).equals(0)
      world.deactivate_user(user)
      world.settle()
      expect(calls()).equals { "DELETE /users/x1/sessions", "POST /users/x1/tokens/revoke" }
      world.deactivate_user(user)
      world.settle()
      expect(#test.http.calls).equals(2)
      world.reactivate_user(user)
      world.deactivate_user(user)
      world.settle()
      expect(#test.http.calls).equals(4)
    end)
  end

  it("ends everything when OneLogin deletes a person, who is taken out of their groups first", function()
    local world = test.world { client = "onelogin" }
    local user = world.create_user { userName = "ada@example.com", groups = { "staff" } }
    world.delete_user(user)
    world.settle()
    expect(calls()).equals { "DELETE /users/" .. user.id .. "/sessions", "POST /users/" .. user.id .. "/tokens/revoke" }
    expect(world.members("staff")).equals {}
    expect(world.user(user)).is_nil()
  end)

  it("does so for both events when Entra ID disables a person and deletes them", function()
    local world = test.world { client = "entra" }
    local user = world.create_user { userName = "ada@example.com" }
    world.delete_user(user)
    world.settle()
    expect(#test.http.calls).equals(4)
    expect(#world.deliveries { hook = "onDeactivate", state = "delivered" }).equals(1)
    expect(#world.deliveries { hook = "onDelete", state = "delivered" }).equals(1)
  end)

  it("does not repeat the first step when the second has to wait, nor after the server was killed", function()
    local world = test.world { client = "okta" }
    local user = world.create_user { userName = "ada@example.com", externalId = "x1" }
    world.deactivate_user(user)
    test.http.stub("POST", base .. "/users/x1/tokens/revoke", { status = 503 })
    world.advance(0)
    world.crash()
    test.http.stub("POST", base .. "/users/x1/tokens/revoke", { status = 204 })
    world.settle()
    expect(calls()).equals { "DELETE /users/x1/sessions", "POST /users/x1/tokens/revoke", "POST /users/x1/tokens/revoke" }
    expect(test.http.calls[3].headers["idempotency-key"]).equals(test.http.calls[2].headers["idempotency-key"])
  end)
end)
