describe("username generator in a world", function()
  for _, client in ipairs { "okta", "entra", "rfc" } do
    it("gives namesakes that " .. client .. " creates names of their own", function()
      test.config { pattern = "{given}.{family}@example.com", numbering = true }
      local world = test.world { client = client }
      local names = {}
      for i = 1, 3 do
        local made = world.create_user { userName = "sent" .. i .. "@example.com", givenName = "Ada", familyName = "Lovelace" }
        names[i] = world.user(made).userName
      end
      expect(names).equals { "ada.lovelace@example.com", "ada.lovelace2@example.com", "ada.lovelace3@example.com" }
    end)
  end

  it("refuses a taken name as ever without settings", function()
    local world = test.world { client = "rfc" }
    local body = { schemas = { muster.scim.USER }, userName = "ada@example.com" }
    expect(world.request { method = "POST", path = "/Users", json = body }.status).equals(201)
    local answer = world.request { method = "POST", path = "/Users", json = body }
    expect(answer.status).equals(409)
  end)
end)
