local webhook = "https://mail.example.com/send"

local function person(changes)
  local user = {
    id = "u1", userName = "ada", displayName = "Ada Lovelace", active = true, userType = "Employee",
    emails = { { value = "home@example.com", type = "home" }, { value = "ada@example.com", type = "work" } },
  }
  for name, value in pairs(changes or {}) do
    if value == null then user[name] = nil else user[name] = value end
  end
  return { user = user }
end

describe("welcome mail", function()
  before_each(function()
    test.config { webhook = webhook, skipUserTypes = { "Contractor" } }
    test.secret("MAIL_TOKEN", "s3cret")
    test.http.stub("POST", webhook, { status = 202 })
  end)

  it("writes to the work address when none is primary", function()
    expect(test.run("onCreate", person()).outcome).equals("done")
    expect(#test.http.calls).equals(1)
    expect(test.http.calls[1].json).matches_snapshot("body")
    expect(test.http.calls[1].headers.authorization).equals("Bearer s3cret")
    expect(test.logs.info[1].message).equals("welcome mail sent")
  end)

  it("prefers the primary address, and the userName where there is no displayName", function()
    test.run("onCreate", person { displayName = null, emails = { { value = "a@example.com" }, { value = "b@example.com", primary = true } } })
    expect(test.http.calls[1].json).equals { to = "b@example.com", template = "welcome-v1", name = "ada" }
  end)

  it("takes the first address where there is nothing better", function()
    test.run("onCreate", person { emails = { { value = "a@example.com" }, { value = "b@example.com" } } })
    expect(test.http.calls[1].json.to).equals("a@example.com")
  end)

  it("leaves people alone who are not active, of a type to be skipped, or without an address", function()
    expect(test.run("onCreate", person { active = false }).reason).equals("not active")
    expect(test.run("onCreate", person { userType = "Contractor" }).reason).equals("user type Contractor")
    expect(test.run("onCreate", person { emails = null }).outcome).equals("skip")
    expect(#test.http.calls).equals(0)
  end)

  it("asks for a retry when the service is busy", function()
    test.http.stub("POST", "*", { status = 429, headers = { ["Retry-After"] = "30" } })
    local run = test.run("onCreate", person())
    expect(run.outcome).equals("retry")
    expect(run.after).equals(30)
    test.http.stub("POST", "*", { status = 503 })
    expect(test.run("onCreate", person()).after).is_nil()
  end)

  it("gives up when the service refuses", function()
    test.http.stub("POST", "*", { status = 422 })
    expect(test.run("onCreate", person())).equals { outcome = "fail", reason = "the mail service refuses with 422" }
  end)

  it("follows no redirect to another host", function()
    test.http.stub("POST", webhook, { status = 307, headers = { location = "https://evil.example.net/" } })
    expect(test.error_of("onCreate", person())).contains("https://evil.example.net/ is not among the addresses")
  end)
end)
