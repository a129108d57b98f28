local service = "https://licences.example.com/seats"

describe("licence groups in a world", function()
  before_each(function()
    test.secret("LICENCE_TOKEN", "t")
    test.config { service = service, licences = { { group = "Office", product = "office-e3", values = { "Employee" } } } }
    test.http.stub("*", service .. "/*", { status = 204 })
  end)

  for _, client in ipairs { "onelogin", "okta", "entra", "rfc" } do
    it("takes a seat and frees it with what " .. client .. " does", function()
      local world = test.world { client = client }
      local office = world.create_group("Office")
      local ada = world.create_user { userName = "ada@example.com", userType = "Employee" }
      world.settle()
      expect(#world.group(office).members).equals(1)
      expect(test.http.calls[1].method).equals("PUT")
      expect(test.http.calls[1].url).equals(service .. "/office-e3/" .. ada.id)
      world.deactivate_user(ada)
      expect(#(world.group(office).members or {})).equals(0)
      world.settle()
      expect(test.http.calls[2].method).equals("DELETE")
      expect(#test.http.calls).equals(2)
    end)
  end
end)
