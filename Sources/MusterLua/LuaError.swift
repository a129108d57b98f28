/// What went wrong in a script, and where.
package struct LuaError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// `error(…)` or a mistake at run time; `value` is what was raised.
        case runtime
        /// The source could not be compiled.
        case syntax
        /// The memory limit, or the limit for one block.
        case memory
        /// The CPU budget of the call is used up.
        case cpu
        /// The caller gave up.
        case cancelled
        /// A value could not cross between Swift and Lua; the message names the place.
        case convert
        /// The wall deadline passed while the script waited for a host function.
        case timeout
        /// The Lua thread did not come back; the machine was replaced.
        case abandoned
        /// The state is no longer usable; a new machine must take its place.
        case poisoned
        /// The host used the machine wrongly, or the script yielded where nobody resumes.
        case misuse
    }

    package var kind: Kind
    /// The name that the machine was given.
    package var machine: String
    /// What the script raised: often a string, a table for structured errors; null where there is none.
    package var value: LuaValue
    package var message: String
    /// The script's file; empty when the place is not known.
    package var file: String
    /// The line in `file`, from 1; 0 when the place is not known.
    package var line: Int
    /// The Lua call stack; empty when there is none.
    package var traceback: String

    package init(
        _ kind: Kind,
        machine: String,
        message: String,
        value: LuaValue = .null,
        file: String = "",
        line: Int = 0,
        traceback: String = ""
    ) {
        self.kind = kind
        self.machine = machine
        self.message = message
        self.value = value
        self.file = file
        self.line = line
        self.traceback = traceback
    }

    package var description: String {
        let place = file.isEmpty || message.hasPrefix(file) ? "" : " (\(file):\(line))"
        return "[\(machine)] \(kind): \(message)\(place)"
    }
}
