local function person(department)
  return { id = "u1", userName = "ada", [muster.scim.ENTERPRISE] = department and { department = department } }
end

describe("department groups", function()
  before_each(function()
    test.config { groups = { Sales = { "sales", "staff" }, Engineering = { "eng", "staff" } } }
  end)

  it("adds a new person to the groups of their department", function()
    local run = test.run("mapUser", { user = person("Sales") })
    expect(run.groups).equals { { op = "add", group = "sales" }, { op = "add", group = "staff" } }
    expect(run.user).equals(person("Sales"))
  end)

  it("moves a person between departments and keeps the groups that both have", function()
    local run = test.run("mapUser", { before = person("Sales"), user = person("Engineering") })
    expect(run.groups).equals { { op = "add", group = "eng" }, { op = "add", group = "staff" }, { op = "remove", group = "sales" } }
  end)

  it("takes a person out when the department goes", function()
    local run = test.run("mapUser", { before = person("Sales"), user = person() })
    expect(run.groups).equals { { op = "remove", group = "sales" }, { op = "remove", group = "staff" } }
  end)

  it("does nothing when the department stays, is not listed, or the person is deleted", function()
    expect(#test.run("mapUser", { before = person("Sales"), user = person("Sales") }).groups).equals(0)
    expect(#test.run("mapUser", { user = person("Piracy") }).groups).equals(0)
    expect(#test.run("mapUser", { operation = "delete", before = person(), user = person("Sales") }).groups).equals(0)
  end)

  it("does nothing at all without settings", function()
    test.config {}
    expect(#test.run("mapUser", { user = person("Sales") }).groups).equals(0)
    expect(test.run("checkUser", { user = person("Sales") }).outcome).equals("done")
  end)

  it("refuses unknown departments when told to", function()
    test.config { groups = { Sales = { "sales" } }, unknownDepartment = "reject" }
    local run = test.run("checkUser", { user = person("Piracy") })
    expect(run).equals { outcome = "reject", status = 400, scimType = "invalidValue", detail = "unknown department 'Piracy'" }
    expect(test.run("checkUser", { user = person("Sales") }).outcome).equals("done")
    expect(test.run("checkUser", { user = person() }).outcome).equals("done")
    expect(test.run("checkUser", { operation = "delete", user = person("Piracy") }).outcome).equals("done")
  end)
end)
