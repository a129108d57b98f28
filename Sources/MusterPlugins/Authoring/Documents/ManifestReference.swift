/// The fields of plugin.json, for people.
package enum ManifestReference {
    /// A field, with what it means.
    package struct Field: Sendable {
        package var path: String
        package var sentence: String
    }

    /// The fields, in a useful order.
    package static let fields: [Field] = [
        Field(path: "name", sentence: "The name; equal to the folder's. `a-z`, `0-9` and `-`, at most 40."),
        Field(path: "version", sentence: "The plugin's own version, for people."),
        Field(path: "api", sentence: "The level of this API: 1."),
        Field(path: "description", sentence: "What it does, in a sentence."),
        Field(path: "order", sentence: "Hooks before the commit run in this order, lower first, ties by name; 500 where it is left out."),
        Field(
            path: "permissions.http",
            sentence:
                "Addresses that `muster.http` may call: one address, all below a path (`https://api.example.com/v1/*`), all hosts of a "
                + "domain (`https://*.example.com/*`), or what a setting says (`{webhook}`, `{base}/*`)."),
        Field(path: "permissions.secrets", sentence: "Names of the secrets that `muster.secrets.get` may read: `A-Z`, `0-9` and `_`."),
        Field(path: "permissions.kv", sentence: "Whether `muster.kv` and `muster.once` may keep values."),
        Field(
            path: "permissions.mail",
            sentence:
                "Whom `muster.mail` may write to: `true` for anybody, or a list of domains: `example.com` for that domain alone, "
                + "`*.example.com` for all below it."),
        Field(
            path: "permissions.scim",
            sentence: "What `muster.scim` may do: " + PluginManifest.Permissions.scimPermissions.map { "`\($0)`" }.joined(separator: ", ")
                + "."),
        Field(
            path: "config",
            sentence:
                "What the site's settings must look like, in a subset of JSON Schema: type, properties, required, default, enum, items, "
                + "pattern, format (uri), minimum, maximum, minLength, maxLength, minItems, maxItems, additionalProperties. "
                + "Settings that it does not name are errors."),
        Field(path: "schedule", sentence: "When `onSchedule` runs: five fields of cron, such as `0 6 * * *`, in UTC."),
        Field(path: "scheduleZone", sentence: "The time zone of `schedule`, such as `Europe/Berlin`, where it is not UTC."),
        Field(path: "limits.cpuMs", sentence: "CPU time of one run; 50 before the commit and 250 after it where it is left out."),
        Field(path: "limits.wallMs", sentence: "Time of one run with waiting; 30000 where it is left out, before the commit at most 2000."),
        Field(path: "limits.memoryMiB", sentence: "The heap over all runs; 16 where it is left out."),
        Field(path: "retry.maxAttempts", sentence: "After so many attempts a delivery is set aside; 12 where it is left out."),
        Field(path: "retry.baseMs", sentence: "The first wait, which doubles each time; 2000 where it is left out."),
        Field(path: "retry.maxMs", sentence: "The longest wait; 3600000 where it is left out."),
        Field(
            path: "delivery.concurrency",
            sentence: "How many deliveries run at the same time, never two of one person or group; 32 where it is left out."),
        Field(
            path: "delivery.ratePerSecond",
            sentence:
                "How many deliveries begin in a second on average, and at most at once, such as 20 or 0.5; no limit where it is left out."),
        Field(
            path: "onFailure",
            sentence:
                "What a crash or time-out in a hook before the commit means: `refuse` (503, so that the client tries again; where it is left "
                + "out) or `ignore`. In `mapOutbound` `refuse` lets the person's plan fail."),
    ]

    /// A manifest with most of it.
    package static let example = """
        {
          "name": "welcome-mail", "version": "1.0.0", "api": 1,
          "description": "Posts a welcome message when a user is created active.",
          "order": 500,
          "permissions": {
            "http": ["{webhook}"], "secrets": ["MAIL_TOKEN"], "kv": true, "scim": ["users:read"]
          },
          "config": {
            "type": "object", "required": ["webhook"],
            "properties": {
              "webhook": { "type": "string", "format": "uri" },
              "template": { "type": "string", "default": "welcome-v1" }
            }
          },
          "limits": { "cpuMs": 50, "wallMs": 8000, "memoryMiB": 16 },
          "retry": { "maxAttempts": 12, "baseMs": 2000, "maxMs": 3600000 },
          "onFailure": "refuse"
        }
        """
}
