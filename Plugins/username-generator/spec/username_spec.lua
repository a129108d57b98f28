local function person(given, family, name) return { userName = name or "sent", name = { givenName = given, familyName = family } } end
local function mapped(given, family) return test.run("mapUser", { user = person(given, family) }).user.userName end
local function proposed(name, attempt, operation)
  local run = test.run("onConflict", {
    operation = operation or "create", user = { userName = name }, conflict = { path = "userName", value = name, attempt = attempt },
  })
  return run.user and run.user.userName, run
end

describe("username generator", function()
  it("makes a user name by the pattern", function()
    test.config { pattern = "{given}.{family}@example.com" }
    expect(mapped("Ada", "Lovelace")).equals("ada.lovelace@example.com")
    expect(mapped("Jürgen", "Ångström")).equals("juergen.aangstroem@example.com")
    expect(mapped("Mary Ann", "O'Neil")).equals("mary-ann.oneil@example.com")
    test.config { pattern = "{g}{f}-{userName}" }
    expect(mapped("Ada", "Lovelace")).equals("al-sent")
  end)

  it("keeps the client's where a part is missing, where there is no pattern, and for people who are there", function()
    test.config { pattern = "{given}.{family}" }
    expect(mapped("Ada", nil)).equals("sent")
    expect(mapped("李", "王")).equals("sent")
    expect(test.run("mapUser", { user = { userName = "sent" } }).user.userName).equals("sent")
    local run = test.run("mapUser", { operation = "replace", before = person("A", "B"), user = person("A", "B") })
    expect(run.user.userName).equals("sent")
    test.config {}
    expect(mapped("Ada", "Lovelace")).equals("sent")
  end)

  it("counts namesakes", function()
    test.config { numbering = true }
    expect((proposed("ada@example.com", 1))).equals("ada2@example.com")
    expect((proposed("ada2@example.com", 2))).equals("ada3@example.com")
    expect((proposed("ada10@example.com", 10))).equals("ada11@example.com")
    expect((proposed("ada", 1))).equals("ada2")
    test.config { numbering = true, separator = "." }
    expect((proposed("ada.2@example.com", 2))).equals("ada.3@example.com")
  end)

  it("keeps a number that belongs to the name", function()
    test.config { numbering = true }
    expect((proposed("agent007@example.com", 1))).equals("agent0072@example.com")
    expect((proposed("x7@example.com", 3))).equals("x74@example.com")
  end)

  it("leaves alone what is not a new person's user name", function()
    test.config { numbering = true }
    local _, renamed = proposed("ada", 1, "patch")
    expect(renamed).equals { outcome = "skip", reason = "not a new person" }
    test.config {}
    local _, off = proposed("ada", 1)
    expect(off.reason).equals("numbering is off")
    local run = test.run("onConflict", { user = { userName = "ada" }, conflict = { path = "externalId", value = "x", attempt = 1 } })
    expect(run.reason).equals("not a user name")
  end)
end)
