import MusterLua

@testable import MusterPlugins

/// Plugins around the examples of the API's reference.
enum ExamplePlugin {
    /// What plugin.json grants, so that every example may run.
    static let manifest = """
        "permissions": {
          "http": ["https://api.example.com/*"], "secrets": ["API_TOKEN"], "kv": true, "mail": ["example.com"],
          "scim": ["users:read", "users:write", "groups:read", "groups:write", "changes:read"]
        },
        "config": { "type": "object", "properties": { "greeting": { "type": "string", "default": "hello" } } }
        """

    /// What a spec prepares before it runs an example.
    static let preparation = """
        before_each(function()
          test.secret("API_TOKEN", "made-up")
          test.scim.add("User", { id = "m1", userName = "boss", name = { familyName = "Byron" } })
          test.scim.add("Group", { id = "g1", displayName = "Sales" })
          test.http.stub("*", "*", { status = 200, json = { name = "Ada" } })
        end)
        """

    /// Fields of `ctx` that do for every example of a hook.
    static func input(_ hook: APIHook) -> String { hook.sampleInput.luaSource }

    /// A spec that runs one hook.
    static func spec(_ hook: APIHook) -> String {
        preparation + "\n" + "it(\"runs\", function() test.run(\"\(hook.name.rawValue)\", \(input(hook))) end)\n"
    }
}
