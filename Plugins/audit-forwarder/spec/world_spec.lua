local collector = "https://siem.example.com/ingest"

local function lines(call)
  local found = {}
  for text in call.body:gmatch("[^\n]+") do found[#found + 1] = muster.json.decode(text) end
  return found
end

describe("audit forwarder in a world", function()
  before_each(function()
    test.config { collector = collector }
    test.secret("AUDIT_TOKEN", "t")
    test.http.stub("POST", collector, { status = 202 })
  end)

  for _, client in ipairs { "onelogin", "okta", "entra" } do
    it("forwards every minute what " .. client .. " has done, in order and once", function()
      local world = test.world { client = client }
      local ada = world.create_user { userName = "ada@example.com", givenName = "Ada", familyName = "Lovelace" }
      world.deactivate_user(ada)
      world.advance(60)
      expect(#test.http.calls).equals(1)
      local told = lines(test.http.calls[1])
      local first, last = told[1], told[#told]
      expect(first.operation).equals("create")
      expect(first.resource).equals { type = "User", id = ada.id }
      expect(first.events[1].type).equals("onCreate")
      expect(last.attributes).contains("active")
      for i = 2, #told do expect(told[i].number > told[i - 1].number).is_true() end
      world.advance(120)
      expect(#test.http.calls).equals(1)
    end)
  end

  it("loses nothing while the collector is away, nor over a restart", function()
    local world = test.world { client = "onelogin" }
    test.http.stub("POST", collector, { status = 503 })
    world.create_user { userName = "ada@example.com" }
    world.advance(60)
    local tried = test.http.calls[1]
    world.crash()
    test.http.stub("POST", collector, { status = 202 })
    world.create_user { userName = "bob@example.com" }
    world.advance(120)
    local calls = test.http.calls
    local again, after = calls[#calls - 1], calls[#calls]
    expect(lines(again)).equals(lines(tried))
    expect(again.headers["idempotency-key"]).equals(tried.headers["idempotency-key"])
    expect(lines(again)[1].resource.id).equals(world.users('userName eq "ada@example.com"')[1].id)
    expect(lines(after)[1].resource.id).equals(world.users('userName eq "bob@example.com"')[1].id)
  end)
end)
