/// The plugins' API as a table: what scripts see, with types, phases, permissions and examples.
///
/// It is the table that registers the API. ``Prelude`` hands its names to prelude.lua and testkit.lua, which expose
/// exactly these and fail when one has no implementation or an implementation has no entry; the host functions behind
/// them take their phases from it. Documentation, editor definitions and `muster plugin check` read the same entries.
package struct APIReference: Sendable {
    /// `muster`, its parts, and the globals.
    package var modules: [APIModule]
    /// Tables that functions take and return.
    package var shapes: [APIShape]
    /// What `ctx` is, for each kind of hook.
    package var contexts: [APIContext]
    /// The functions that a plugin may offer.
    package var hooks: [APIHook]

    /// What plugins see.
    package static let plugins = APIReference(
        modules: [.muster, .log, .http, .url, .mail, .json, .kv, .secrets, .time, .crypto, .base64, .scim, .globals],
        shapes: APIShape.plugins,
        contexts: APIContext.all, hooks: APIHook.all)

    /// What specs see beside that.
    package static let specs = APIReference(
        modules: [.describing, .test, .testHTTP, .testMail, .testSCIM, .testClock, .testRandom, .testKV, .world, .expectation],
        shapes: APIShape.specs + APIShape.worlds, contexts: [],
        hooks: [])
}

/// A table of functions and values.
package struct APIModule: Sendable {
    /// Such as `muster.http`; "" for globals.
    package var name: String
    /// What it is for.
    package var sentence: String
    package var functions: [APIFunction] = []
    package var values: [APIField] = []

    /// The type of which the functions are methods of sorts, where it is no global but what a function answers; else nil.
    package var instanceType: String? { ["expect(value)": "muster.Expectation", "world": "muster.World"][name] }

    /// The full name of a member.
    package func name(of member: String) -> String { name.isEmpty ? member : "\(name).\(member)" }
}

/// A function.
package struct APIFunction: Sendable {
    /// The last part of its name.
    package var name: String
    package var parameters: [APIField]
    package var returns: [APIReturn]
    /// Where it may be called.
    package var phases: APIPhases
    /// What plugin.json must allow, or nil.
    package var permission: APIPermission?
    /// The host functions that do the work and refuse other phases; none where Lua does it alone.
    package var host: [String]
    /// What it does, and what it answers when there is nothing.
    package var sentence: String
    /// A few lines that run in a hook, or in a spec.
    package var example: String

    package init(
        _ name: String, _ parameters: [APIField] = [], returns: [APIReturn] = [], phases: APIPhases = .anywhere,
        permission: APIPermission? = nil, host: [String] = [], _ sentence: String, example: String
    ) {
        self.name = name
        self.parameters = parameters
        self.returns = returns
        self.phases = phases
        self.permission = permission
        self.host = host
        self.sentence = sentence
        self.example = example
    }
}

/// A parameter, a field of a table, or a value.
package struct APIField: Sendable {
    package var name: String
    /// The type, as LuaLS writes it: `string`, `table<string, string>`, `muster.HTTPReply`.
    package var type: String
    /// Whether it may be nil or left out.
    package var isOptional: Bool
    package var sentence: String
    /// How a field of `ctx` comes to be.
    package var source = Source.given

    /// How a field of `ctx` comes to be.
    package enum Source: String, Sendable {
        /// The host gives it with the call.
        case given
        /// The host is asked when a hook touches it first.
        case lazy
        /// The prelude makes it.
        case made
    }

    package static func required(_ name: String, _ type: String, _ sentence: String, _ source: Source = .given) -> APIField {
        APIField(name: name, type: type, isOptional: false, sentence: sentence, source: source)
    }

    package static func optional(_ name: String, _ type: String, _ sentence: String, _ source: Source = .given) -> APIField {
        APIField(name: name, type: type, isOptional: true, sentence: sentence, source: source)
    }
}

/// What a function answers.
package struct APIReturn: Sendable {
    package var type: String
    package var name: String

    package init(_ type: String, _ name: String) {
        self.type = type
        self.name = name
    }
}

/// A table with known fields.
package struct APIShape: Sendable {
    /// Such as `muster.HTTPReply`.
    package var name: String
    package var sentence: String
    package var fields: [APIField]
}

/// The `ctx` of some hooks.
package struct APIContext: Sendable {
    /// Such as `muster.UserEvent`.
    package var name: String
    package var sentence: String
    package var fields: [APIField]
    /// The functions that end the hook.
    package var outcomes: [APIOutcome]
}

/// A function of `ctx` that ends the hook; what it raises passes through `pcall`.
package struct APIOutcome: Sendable {
    /// `skip`, `reject`, `retry`, `fail`.
    package var name: String
    /// The table that it takes.
    package var shape: APIShape
    /// The field that a text in place of the table means.
    package var shorthand: String
    package var sentence: String
    package var example: String
}

/// A function that a plugin may offer.
package struct APIHook: Sendable {
    package var name: HookName
    /// The type of its `ctx`.
    package var context: APIContext
    /// When it runs, and what it may do.
    package var sentence: String
    /// A whole function, as a new plugin begins with it.
    package var example: String
}
