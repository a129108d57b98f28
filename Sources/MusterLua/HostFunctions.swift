/// The functions that scripts may call, as `module.name`.
///
/// Synchronous ones run inline on the machine's thread and must be quick. Asynchronous ones suspend the script's run, never a thread.
package struct HostFunctions: Sendable {
    package typealias Sync = @Sendable (_ run: UInt32, _ args: [LuaValue]) throws -> [LuaValue]
    package typealias Async = @Sendable (_ run: UInt32, _ args: [LuaValue]) async throws -> [LuaValue]

    enum Body: Sendable {
        case sync(Sync)
        case async(Async)
    }

    struct Entry: Sendable {
        var module: String
        var name: String
        var phases: UInt32
        var body: Body
    }

    /// The most functions one machine takes.
    package static let maximumCount = 256

    private(set) var entries: [Entry] = []

    /// The names, without their modules, in the order in which they were added.
    package var names: [String] { entries.map(\.name) }

    /// What the phase bits are called in messages, such as `[1: "map", 4: "on"]`. Key 0 is the phase of loading.
    package var phaseNames: [UInt32: String]

    package init(phaseNames: [UInt32: String] = [:]) {
        self.phaseNames = phaseNames
    }

    /// Adds a function that answers at once.
    ///
    /// - Parameter phases: The bits of the phases in which it may be called; 0 means all, loading included.
    package mutating func sync(_ module: String, _ name: String, phases: UInt32 = 0, _ body: @escaping Sync) {
        entries.append(Entry(module: module, name: name, phases: phases, body: .sync(body)))
    }

    /// Adds a function that the script's run waits for. It cannot be called while the script is loaded.
    package mutating func async(_ module: String, _ name: String, phases: UInt32 = 0, _ body: @escaping Async) {
        entries.append(Entry(module: module, name: name, phases: phases, body: .async(body)))
    }
}

/// Thrown by host functions to reach the script as an error value. A string is given the script's line in front.
package struct HostFunctionError: Error, Sendable, Hashable, CustomStringConvertible {
    package var value: LuaValue

    package init(_ value: LuaValue) {
        self.value = value
    }

    package var description: String { value.string ?? "\(value)" }
}
