local hook = "https://chat.example.com/post"

local function texts()
  local found = {}
  for i, call in ipairs(test.http.calls) do found[i] = call.json.to .. ": " .. call.json.text end
  return found
end

describe("manager notice in a world", function()
  before_each(function()
    test.config { hook = hook }
    test.http.stub("POST", hook, { status = 200 })
  end)

  for _, client in ipairs { "onelogin", "okta", "entra", "rfc" } do
    it("tells the managers whom " .. client .. " assigns, replaces and takes away", function()
      local world = test.world { client = client }
      local grace = world.create_user { userName = "grace" }
      local alan = world.create_user { userName = "alan" }
      local kim = world.create_user { userName = "kim", displayName = "Kim" }
      world.set_manager(kim, grace)
      world.settle()
      expect(texts()).equals { "grace: Kim now reports to you" }
      world.set_manager(kim, alan)
      world.settle()
      expect(texts()).equals {
        "grace: Kim now reports to you", "grace: Kim no longer reports to you", "alan: Kim now reports to you",
      }
      world.set_manager(kim, nil)
      world.update_user(kim, { title = "Engineer" })
      world.settle()
      expect(#test.http.calls).equals(4)
      expect(texts()[4]).equals("alan: Kim no longer reports to you")
    end)
  end

  it("tells nobody who is not active", function()
    local world = test.world { client = "onelogin" }
    local grace = world.create_user { userName = "grace", active = false }
    local kim = world.create_user { userName = "kim", manager = grace }
    world.settle()
    expect(#test.http.calls).equals(0)
    expect(test.logs.warn[1].fields.manager).equals(grace.id)
    expect(world.user(kim)[muster.scim.ENTERPRISE].manager.value).equals(grace.id)
  end)

  it("tells the old manager once, also when the server is killed before the new one hears of it", function()
    local world = test.world { client = "entra" }
    local grace, alan = world.create_user { userName = "grace" }, world.create_user { userName = "alan" }
    local kim = world.create_user { userName = "kim", manager = grace }
    world.settle()
    world.set_manager(kim, alan)
    world.crash { after_calls = 2 }
    world.settle()
    expect(texts()).equals {
      "grace: kim now reports to you", "grace: kim no longer reports to you", "alan: kim now reports to you",
      "alan: kim now reports to you",
    }
    expect(test.http.calls[4].headers["idempotency-key"]).equals(test.http.calls[3].headers["idempotency-key"])
  end)
end)
