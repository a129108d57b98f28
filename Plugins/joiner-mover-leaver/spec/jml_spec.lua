local hook = "https://hr.example.com/hook"
local department = muster.scim.ENTERPRISE .. ":department"

local function person(active, title)
  return { id = "u1", externalId = "x1", userName = "ada", title = title, active = active, nickName = "secret" }
end

describe("joiner, mover, leaver", function()
  before_each(function()
    test.config { webhook = hook }
    test.secret("JML_SIGNING_KEY", "key")
    test.http.stub("POST", hook, { status = 202 })
  end)

  it("tells of a joiner, signed", function()
    expect(test.run("onCreate", { event = { id = "e1" }, user = person(true, "Engineer") }).outcome).equals("done")
    local call = test.http.calls[1]
    expect(call.json.type).equals("joiner")
    expect(call.json.id).equals("e1")
    expect(call.json.person).equals { id = "u1", externalId = "x1", userName = "ada", active = true, title = "Engineer" }
    local signed = call.headers["x-muster-timestamp"] .. "." .. call.body
    expect(call.headers["x-muster-signature"]).equals("sha256=" .. muster.crypto.hmac("sha256", "key", signed))
    expect(call.headers["idempotency-key"]).equals("e1:joiner-mover-leaver:1")
  end)

  it("waits with somebody who is created inactive until they are activated", function()
    expect(test.run("onCreate", { user = person(false) })).equals { outcome = "skip", reason = "not active yet" }
    expect(test.run("onActivate", { user = person(true) }).outcome).equals("done")
    expect(#test.http.calls).equals(1)
    expect(test.http.calls[1].json.type).equals("joiner")
  end)

  it("tells of a move with what changed, and of no other change", function()
    local moved = test.run("onUpdate", { before = person(true, "Engineer"), user = person(true, "Lead") })
    expect(moved.outcome).equals("done")
    expect(test.http.calls[1].json.type).equals("mover")
    expect(test.http.calls[1].json.changes).equals { title = { from = "Engineer", to = "Lead" } }
    local other = person(true, "Lead")
    other.nickName = "Countess"
    expect(test.run("onUpdate", { before = person(true, "Lead"), user = other })).equals { outcome = "skip", reason = "no move" }
    expect(test.run("onUpdate", { before = person(false, "A"), user = person(false, "B") }).reason).equals("not active")
    expect(#test.http.calls).equals(1)
  end)

  it("takes the attributes and moves from the settings", function()
    test.config { webhook = hook, attributes = { muster.scim.ENTERPRISE }, moves = { department } }
    local function of(name)
      local user = person(true, "Engineer")
      user[muster.scim.ENTERPRISE] = { department = name }
      return user
    end
    test.run("onUpdate", { before = of("Sales"), user = of("Research") })
    expect(test.http.calls[1].json.changes[department]).equals { from = "Sales", to = "Research" }
    expect(test.http.calls[1].json.person[muster.scim.ENTERPRISE]).equals { department = "Research" }
    expect(test.http.calls[1].json.person.title).is_nil()
  end)

  it("tells of a leaver once: when deactivated, or when deleted while active", function()
    expect(test.run("onDeactivate", { user = person(false) }).outcome).equals("done")
    expect(test.run("onDelete", { user = person(false) })).equals { outcome = "skip", reason = "left before" }
    expect(test.run("onDelete", { user = person(true) }).outcome).equals("done")
    expect(#test.http.calls).equals(2)
    expect(test.http.calls[2].json.type).equals("leaver")
  end)

  it("asks for another try when the tool is busy, and gives up when it refuses", function()
    test.http.stub("POST", hook, { status = 503, headers = { ["retry-after"] = "30" } })
    expect(test.run("onActivate", { user = person(true) })).equals { outcome = "retry", after = 30, reason = "the webhook answers 503" }
    test.http.stub("POST", hook, { status = 400 })
    expect(test.run("onActivate", { user = person(true) })).equals { outcome = "fail", reason = "the webhook refuses with 400" }
  end)
end)
