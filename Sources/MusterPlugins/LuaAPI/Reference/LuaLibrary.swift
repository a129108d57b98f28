/// What plugins see of Lua's own library; everything else is left out of their machines.
package enum LuaLibrary {
    /// The globals that are no tables.
    package static let globals: Set<String> = [
        "_G", "_VERSION", "assert", "collectgarbage", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget",
        "rawlen", "require", "select", "setmetatable", "tonumber", "tostring", "type", "xpcall",
    ]

    /// The tables with their members.
    package static let modules: [String: Set<String>] = [
        "coroutine": ["create", "isyieldable", "resume", "running", "status", "wrap", "yield"],
        "debug": ["traceback"],
        "math": [
            "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log", "max", "maxinteger", "min",
            "mininteger", "modf", "pi", "rad", "random", "randomseed", "sin", "sqrt", "tan", "tointeger", "type", "ult",
            // Lua 5.3's, which Debian keeps.
            "atan2", "cosh", "frexp", "ldexp", "log10", "pow", "sinh", "tanh",
        ],
        "string": [
            "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "rep", "reverse", "sub", "upper",
        ],
        "table": ["concat", "insert", "move", "pack", "remove", "sort", "unpack"],
        "utf8": ["char", "charpattern", "codepoint", "codes", "len", "offset"],
    ]

    /// Globals of Lua that are not there, with what to do instead.
    package static let missing: [String: String] = [
        "dofile": "use require", "load": "there is no way to run text", "loadfile": "use require",
        "loadstring": "there is no way to run text",
        "io": "plugins reach no files", "os": "use muster.time", "package": "require finds the plugin's own files",
        "rawset": "assign instead", "warn": "use muster.log.warn", "unpack": "it is table.unpack",
        "bit32": "use the operators &, |, ~, <<, >>",
    ]
}
