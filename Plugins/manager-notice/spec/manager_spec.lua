local function run(old, new)
  return test.run("onManagerChange", {
    user = { id = "u1", userName = "kim", displayName = "Kim" }, manager = { old = old, new = new },
  })
end

describe("manager notice", function()
  before_each(function()
    test.config { hook = "https://chat.example.com/post" }
    test.http.stub("POST", "https://chat.example.com/post", { status = 200 })
    test.scim.add("User", { id = "m1", userName = "old.boss", active = true })
    test.scim.add("User", { id = "m2", userName = "new.boss", active = true })
    test.scim.add("User", { id = "m3", userName = "gone", active = false })
  end)

  it("tells both", function()
    expect(run("m1", "m2").outcome).equals("done")
    expect(test.http.calls[1].json).equals { to = "old.boss", text = "Kim no longer reports to you" }
    expect(test.http.calls[2].json).equals { to = "new.boss", text = "Kim now reports to you" }
  end)

  it("tells one where there is only one", function()
    run(nil, "m2")
    expect(#test.http.calls).equals(1)
    run("m1", nil)
    expect(#test.http.calls).equals(2)
  end)

  it("takes the userName where there is no displayName", function()
    test.run("onManagerChange", { user = { id = "u1", userName = "kim" }, manager = { new = "m2" } })
    expect(test.http.calls[1].json.text).equals("kim now reports to you")
  end)

  it("leaves managers alone who are unknown or not active", function()
    expect(run("m3", "nobody").outcome).equals("done")
    expect(#test.http.calls).equals(0)
    expect(#test.logs.warn).equals(2)
  end)

  it("does not tell the first one again when the second has to wait", function()
    test.scim.add("User", { id = "m4", userName = "busy", active = true })
    run("m1", nil)
    test.http.stub("POST", "*", { status = 503 })
    expect(run("m1", "m4")).equals { outcome = "retry", reason = "the chat answers 503" }
    test.http.stub("POST", "*", { status = 200 })
    expect(run("m1", "m4").outcome).equals("done")
    expect(#test.http.calls).equals(3)
  end)

  it("gives up when the chat refuses", function()
    test.http.stub("POST", "*", { status = 403 })
    expect(run("m1", "m2").outcome).equals("fail")
  end)
end)
