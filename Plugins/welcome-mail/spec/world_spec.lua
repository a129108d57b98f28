local webhook = "https://mail.example.com/send"

local function ada(more)
  local user = { userName = "ada@example.com", givenName = "Ada", familyName = "Lovelace", displayName = "Ada Lovelace" }
  for name, value in pairs(more or {}) do user[name] = value end
  return user
end

describe("welcome mail in a world", function()
  before_each(function()
    test.config { webhook = webhook, skipUserTypes = { "Contractor" } }
    test.secret("MAIL_TOKEN", "s3cret")
    test.http.stub("POST", webhook, { status = 202 })
  end)

  for _, client in ipairs { "onelogin", "okta", "entra", "rfc" } do
    it("writes once when " .. client .. " creates a person, whatever comes after", function()
      local world = test.world { client = client }
      local user = world.create_user(ada())
      world.settle()
      expect(#test.http.calls).equals(1)
      expect(test.http.calls[1].json).equals { to = "ada@example.com", template = "welcome-v1", name = "Ada Lovelace" }
      world.update_user(user, { title = "Countess" })
      world.deactivate_user(user)
      world.reactivate_user(user)
      world.settle()
      expect(#test.http.calls).equals(1)
      expect(world.user(user).title).equals("Countess")
      expect(world.user(user).active).equals(true)
    end)

    it("leaves people alone whom " .. client .. " creates inactive or as contractors", function()
      local world = test.world { client = client }
      world.create_user(ada { active = false })
      world.create_user { userName = "bob@example.com", userType = "Contractor" }
      expect(world.settle().delivered).equals(2)
      expect(#test.http.calls).equals(0)
    end)
  end

  it("waits as long as the busy service asks for, and no longer", function()
    local world = test.world { client = "onelogin" }
    test.http.stub("POST", webhook, { status = 429, headers = { ["retry-after"] = "90" } })
    world.create_user(ada())
    world.advance(89)
    expect(#test.http.calls).equals(1)
    test.http.stub("POST", webhook, { status = 202 })
    world.advance(1)
    expect(#test.http.calls).equals(2)
    expect(test.http.calls[2].headers["idempotency-key"]).equals(test.http.calls[1].headers["idempotency-key"])
    expect(world.deliveries { hook = "onCreate" }[1].attempts).equals(2)
  end)

  it("sets the delivery aside when the service refuses, and after the last attempt", function()
    local world = test.world { client = "okta" }
    test.http.stub("POST", webhook, { status = 422 })
    world.create_user(ada())
    expect(world.settle().set_aside).equals(1)
    expect(world.deliveries()[1].error).equals("the mail service refuses with 422")
    test.http.stub("POST", webhook, { status = 503 })
    world.create_user { userName = "bob@example.com" }
    expect(world.settle().set_aside).equals(1)
    expect(world.deliveries()[2].attempts).equals(12)
  end)

  it("sends the same key again when the server is killed before it hears the answer", function()
    local world = test.world { client = "entra" }
    world.create_user(ada())
    world.crash { after_calls = 1 }
    world.settle()
    expect(#test.http.calls).equals(2)
    expect(test.http.calls[2].headers["idempotency-key"]).equals(test.http.calls[1].headers["idempotency-key"])
    expect(test.http.calls[2].json).equals(test.http.calls[1].json)
    expect(#world.deliveries { state = "delivered" }).equals(1)
  end)
end)
