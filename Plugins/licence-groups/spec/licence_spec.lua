local seat = "https://licences.example.com/seats/office-e3/u1"

local function person(kind, active, department)
  return { id = "u1", userName = "ada", userType = kind, active = active, [muster.scim.ENTERPRISE] = department and { department = department } }
end
local function member(hook) return test.run(hook, { user = { id = "u1", userName = "ada" }, group = { id = "g1", displayName = "Office" } }) end

describe("licence groups", function()
  before_each(function()
    test.secret("LICENCE_TOKEN", "t")
    test.config {
      service = "https://licences.example.com/seats",
      licences = {
        { group = "Office", product = "office-e3", values = { "Employee" } },
        { group = "CAD", product = "cad", attribute = "department", values = { "Design" } },
        { group = "Survey", product = "survey" },
      },
    }
  end)

  it("gives what the rules say to a new person", function()
    expect(test.run("mapUser", { user = person("Employee", true, "Design") }).groups).equals {
      { op = "add", group = "Office" }, { op = "add", group = "CAD" },
    }
    expect(#test.run("mapUser", { user = person("Employee", false) }).groups).equals(0)
    expect(#test.run("mapUser", { user = person("Guest", true) }).groups).equals(0)
  end)

  it("takes a licence away when the rule no longer holds, and leaves alone what stays", function()
    local run = test.run("mapUser", { before = person("Employee", true, "Design"), user = person("Employee", true, "Sales") })
    expect(run.groups).equals { { op = "remove", group = "CAD" } }
  end)

  it("frees every licence of somebody who is deactivated, those given by others too", function()
    local run = test.run("mapUser", { before = person("Employee", true), user = person("Employee", false) })
    expect(run.groups).equals { { op = "remove", group = "Office" }, { op = "remove", group = "CAD" }, { op = "remove", group = "Survey" } }
    expect(#test.run("mapUser", { before = person("Employee", false), user = person("Guest", false) }).groups).equals(0)
    expect(#test.run("mapUser", { operation = "delete", user = person("Employee", true) }).groups).equals(0)
  end)

  it("tells the service of a seat taken and a seat freed", function()
    test.http.stub("PUT", seat, { status = 201 })
    test.http.stub("DELETE", seat, { status = 404 })
    expect(member("onGroupAdd").outcome).equals("done")
    expect(member("onGroupRemove").outcome).equals("done")
    expect(test.http.calls[1].method).equals("PUT")
    expect(test.http.calls[1].headers.authorization).equals("Bearer t")
  end)

  it("writes an id as one step of the path", function()
    test.http.stub("PUT", "https://licences.example.com/seats/office-e3/u%2F1%3F", { status = 201 })
    local run = test.run("onGroupAdd", { user = { id = "u/1?", userName = "ada" }, group = { id = "g1", displayName = "Office" } })
    expect(run.outcome).equals("done")
  end)

  it("says nothing of other groups, nor of groups within groups", function()
    expect(test.run("onGroupAdd", { user = { id = "u1" }, group = { id = "g2", displayName = "Choir" } }).outcome).equals("done")
    expect(test.run("onGroupAdd", { group = { id = "g1", displayName = "Office" } }).outcome).equals("skip")
    expect(test.run("onGroupRemove", { group = { id = "g1", displayName = "Office" } }).outcome).equals("skip")
    expect(#test.http.calls).equals(0)
  end)

  it("tries again when the service is busy, and gives up when it refuses", function()
    test.http.stub("PUT", seat, { status = 503, headers = { ["retry-after"] = "9" } })
    expect(member("onGroupAdd")).equals { outcome = "retry", after = 9, reason = "the licence service answers 503" }
    test.http.stub("PUT", seat, { status = 402 })
    expect(member("onGroupAdd")).equals { outcome = "fail", reason = "office-e3: the licence service refuses with 402" }
  end)
end)
