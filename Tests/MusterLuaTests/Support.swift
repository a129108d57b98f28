import MusterLua
import Testing

/// A prelude of the kind that the host gives: it takes the hidden parts and makes the one global, `muster`.
let testPrelude = LuaPrelude(
    name: "test",
    source: """
        local G = _ENV
        local array_mt, control_mt, view, entry, try = G.__array_mt, G.__control_mt, G.__view, G.__entry, G.__try
        local host = rawget(G, "__host") or {}
        local setmetatable, error = setmetatable, error
        local modules = {
          json = { array = function(t) return setmetatable(t or {}, array_mt) end },
          log = { info = function(...) host.log(...) end },
          reject = function(t) error(setmetatable(t, control_mt), 0) end,
        }
        local root = {}
        for name, m in pairs(modules) do root[name] = type(m) == "table" and view(m, "muster." .. name) or m end
        G.muster = view(root, "muster")
        G.print = function() end
        local driver = {}
        function driver.run(name, ...) return entry()[name](...) end
        function driver.try(name, ...)
          local ok, e = try(entry()[name], ...)
          return { ok = ok, error = e }
        end
        function driver.ping() return "pong" end
        driver.__parts = { G = G, root = root }
        return driver
        """
)

/// A machine on a thread of its own.
func machine(
    _ source: String,
    limits: LuaLimits = LuaLimits(),
    host: HostFunctions = HostFunctions(),
    preludes: [LuaPrelude] = [],
    modules: [LuaModule] = [],
    recordsCoverage: Bool = false,
    deadlines: Deadlines = .shared
) async throws -> LuaMachine {
    try await LuaMachine(
        thread: LuaThread(label: "test"),
        name: "test",
        limits: limits,
        host: host,
        preludes: preludes,
        modules: modules,
        file: "test/init.lua",
        source: source,
        recordsCoverage: recordsCoverage,
        deadlines: deadlines
    )
}

/// What a function body returns, run as a script of its own.
func evaluate(_ body: String, _ args: [LuaValue] = [], limits: LuaLimits = LuaLimits(), host: HostFunctions = HostFunctions()) async throws
    -> LuaValue?
{
    try await machine("return function(...) \(body)\nend", limits: limits, host: host).call(nil, args)
}

/// The error that an operation throws; nil, and an issue, when it throws none.
func luaError<T>(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ operation: () async throws -> T
) async -> LuaError? {
    do {
        let value = try await operation()
        Issue.record("no error but \(value)", sourceLocation: sourceLocation)
    } catch let error as LuaError {
        return error
    } catch {
        Issue.record("not a LuaError: \(error)", sourceLocation: sourceLocation)
    }
    return nil
}

/// Reproducible numbers (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
