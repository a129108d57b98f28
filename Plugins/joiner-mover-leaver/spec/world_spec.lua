local hook = "https://hr.example.com/hook"

local function told()
  local kinds = {}
  for i, call in ipairs(test.http.calls) do kinds[i] = call.json.type end
  return kinds
end

describe("joiner, mover, leaver in a world", function()
  before_each(function()
    test.config { webhook = hook }
    test.secret("JML_SIGNING_KEY", "key")
    test.http.stub("POST", hook, { status = 202 })
  end)

  for _, client in ipairs { "onelogin", "okta", "entra", "rfc" } do
    it("tells a person's whole story as " .. client .. " writes it", function()
      local world = test.world { client = client }
      local ada = world.create_user { userName = "ada@example.com", givenName = "Ada", familyName = "Lovelace", title = "Engineer" }
      world.settle()
      world.update_user(ada, { title = "Lead" })
      world.settle()
      world.deactivate_user(ada)
      world.settle()
      expect(told()).equals { "joiner", "mover", "leaver" }
      expect(test.http.calls[2].json.changes.title.to).equals("Lead")
      expect(test.http.calls[3].json.person.active).is_false()
    end)
  end

  it("repeats a message that was not heard under the same id", function()
    local world = test.world { client = "onelogin" }
    test.http.stub("POST", hook, { status = 500 })
    world.create_user { userName = "ada@example.com" }
    world.advance(1)
    test.http.stub("POST", hook, { status = 202 })
    world.settle()
    local calls = test.http.calls
    expect(calls[#calls].json.id).equals(calls[1].json.id)
    expect(calls[#calls].headers["idempotency-key"]).equals(calls[1].headers["idempotency-key"])
  end)
end)
