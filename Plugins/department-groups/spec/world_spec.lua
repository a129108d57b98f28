describe("department groups in a world", function()
  before_each(function()
    test.config { groups = { Sales = { "sales", "staff" }, Engineering = { "eng", "staff" } }, unknownDepartment = "reject" }
  end)

  local function opened(client)
    local world = test.world { client = client }
    local other = world.client("rfc")
    for _, name in ipairs { "sales", "eng", "staff" } do other.create_group(name) end
    return world
  end

  for _, client in ipairs { "onelogin", "okta", "entra", "rfc" } do
    it("moves people between groups as " .. client .. " moves them between departments", function()
      local world = opened(client)
      local ada = world.create_user { userName = "ada@example.com", department = "Sales" }
      expect(world.members("sales")).equals { "ada@example.com" }
      expect(world.members("staff")).equals { "ada@example.com" }
      world.update_user(ada, { department = "Engineering" })
      expect(world.members("sales")).equals {}
      expect(world.members("eng")).equals { "ada@example.com" }
      expect(world.members("staff")).equals { "ada@example.com" }
      world.update_user(ada, { department = null })
      expect(world.members("eng")).equals {}
      expect(world.members("staff")).equals {}
    end)

    it("refuses what " .. client .. " sends of a department that is not listed, and changes nothing", function()
      local world = opened(client)
      local refusal = world.refused("create_user", { userName = "jack@example.com", department = "Piracy" })
      expect(refusal.status).equals(400)
      expect(refusal.scimType).equals("invalidValue")
      expect(refusal.detail).equals("unknown department 'Piracy'")
      expect(#world.users()).equals(0)
      local ada = world.create_user { userName = "ada@example.com", department = "Sales" }
      world.refused("update_user", ada, { department = "Piracy" })
      expect(world.user(ada)[muster.scim.ENTERPRISE].department).equals("Sales")
      expect(world.members("sales")).equals { "ada@example.com" }
    end)
  end

  it("refuses a person whose group does not exist", function()
    local world = test.world { client = "okta" }
    local refusal = world.refused("create_user", { userName = "ada@example.com", department = "Sales" })
    expect(refusal.detail).contains("sales")
    expect(#world.users()).equals(0)
  end)

  it("leaves the groups alone that OneLogin itself puts people into", function()
    local world = opened("onelogin")
    local ada = world.create_user { userName = "ada@example.com", department = "Sales", groups = { "project" } }
    world.update_user(ada, { department = "Engineering" })
    expect(world.members("project")).equals { "ada@example.com" }
    expect(world.members("eng")).equals { "ada@example.com" }
    expect(world.members("sales")).equals {}
  end)
end)
