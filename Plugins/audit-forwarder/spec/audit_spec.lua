local collector = "https://siem.example.com/ingest"

local function change(id, title)
  test.scim.changed {
    id = "c-" .. id, time = "2026-01-02T03:04:05Z", actor = "onelogin", operation = "patch", request = "r-" .. id,
    resource = { type = "User", id = id }, changes = { title = { from = "A", to = title or "B" }, active = { to = true } },
    events = { { id = "e-" .. id, type = "onUpdate", subject = { type = "User", id = id } } },
  }
end

local function lines(call)
  local found = {}
  for text in call.body:gmatch("[^\n]+") do found[#found + 1] = muster.json.decode(text) end
  return found
end

describe("audit forwarder", function()
  before_each(function()
    test.config { collector = collector, batch = 2, batches = 2 }
    test.secret("AUDIT_TOKEN", "t")
    test.http.stub("POST", collector, { status = 202 })
  end)

  it("sends what has changed, in batches, and reads on from there", function()
    for i = 1, 3 do change("u" .. i) end
    expect(test.run("onSchedule").outcome).equals("done")
    expect(#test.http.calls).equals(2)
    local first = lines(test.http.calls[1])
    expect(#first).equals(2)
    expect(first[1].number).equals(1)
    expect(first[1].attributes).equals { "active", "title" }
    expect(first[1].changes).is_nil()
    expect(first[1].events[1].type).equals("onUpdate")
    expect(test.http.calls[1].headers["idempotency-key"]).equals("audit:1-2")
    expect(test.http.calls[2].headers["idempotency-key"]).equals("audit:3-3")
    expect(test.run("onSchedule")).equals { outcome = "skip", reason = "nothing new" }
    change("u4")
    expect(test.run("onSchedule").outcome).equals("done")
    expect(lines(test.http.calls[3])[1].resource.id).equals("u4")
  end)

  it("leaves the rest for the next run", function()
    for i = 1, 5 do change("u" .. i) end
    test.run("onSchedule")
    expect(#test.http.calls).equals(2)
    expect(test.kv.get("cursor")).equals(4)
  end)

  it("sends values where it is told to", function()
    test.config { collector = collector, values = true }
    change("u1")
    test.run("onSchedule")
    expect(lines(test.http.calls[1])[1].changes.title).equals { from = "A", to = "B" }
  end)

  it("sends a batch whose answer was not heard again as it was, whatever has come since", function()
    test.config { collector = collector, batch = 3 }
    for i = 1, 2 do change("u" .. i) end
    test.http.stub("POST", collector, { failure = "connection reset" }, { once = true })
    expect(test.error_of("onSchedule")).contains("connection reset")
    for i = 3, 5 do change("u" .. i) end
    test.config { collector = collector, batch = 1 }
    expect(test.run("onSchedule").outcome).equals("done")
    local calls = test.http.calls
    expect(calls[2].headers["idempotency-key"]).equals("audit:1-2")
    expect(lines(calls[2])).equals(lines(calls[1]))
    expect(calls[3].headers["idempotency-key"]).equals("audit:3-3")
    expect(#calls).equals(5)
    expect(test.kv.get("cursor")).equals(5)
  end)

  it("sends more than fits one request in several, and reads on in small steps", function()
    test.config { collector = collector, values = true, batch = 500 }
    for i = 1, 12 do change("u" .. i, ("x"):rep(100000)) end
    for i = 13, 35 do change("u" .. i) end
    expect(test.run("onSchedule").outcome).equals("done")
    local keys = {}
    for i, call in ipairs(test.http.calls) do
      keys[i] = call.headers["idempotency-key"]
      expect(#call.body <= 900000).is_true()
    end
    expect(keys).equals { "audit:1-8", "audit:9-35" }
    expect(test.kv.get("cursor")).equals(35)
  end)

  it("leaves out of a change what no request can hold", function()
    test.config { collector = collector, values = true }
    change("u1", ("x"):rep(950000))
    change("u2")
    expect(test.run("onSchedule").outcome).equals("done")
    local told = lines(test.http.calls[1])
    expect(told[1].shortened).is_true()
    expect(told[1].changes).is_nil()
    expect(told[1].events[1].id).equals("e-u1")
    expect(told[2].changes.title.to).equals("B")
    expect(told[2].shortened).is_nil()
  end)

  it("stays where it is while the collector is busy or refuses", function()
    change("u1")
    test.http.stub("POST", collector, { status = 503, headers = { ["retry-after"] = "20" } })
    expect(test.run("onSchedule")).equals { outcome = "retry", after = 20, reason = "the collector answers 503" }
    test.http.stub("POST", collector, { status = 403 })
    expect(test.run("onSchedule")).equals { outcome = "fail", reason = "the collector refuses with 403" }
    expect(test.kv.get("cursor")).is_nil()
    test.http.stub("POST", collector, { status = 200 })
    expect(test.run("onSchedule").outcome).equals("done")
    expect(test.http.calls[3].headers["idempotency-key"]).equals("audit:1-1")
  end)
end)
