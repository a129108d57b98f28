import Foundation
import MusterLua
import Testing

/// Every script of `Attacks` tries to hang, crash, exhaust or escape the machine.
@Suite struct AttackTests {
    @Test("an attack ends as it should, within the limits, and the machine answers the next call", arguments: Attack.all)
    func attack(_ attack: Attack) async throws {
        var host = HostFunctions()
        host.sync("__host", "log") { _, _ in [] }
        // More than one, since a function has room for no more labels than a quick machine compiles in time.
        let labels = (1...4).map { LuaModule(name: "labels\($0)", file: "labels\($0).lua", source: Attack.manyLabels) }
        let machine = try await machine(attack.source(), host: host, preludes: [testPrelude], modules: labels)
        var ending: Attack.Ending
        do {
            ending = .value(try await machine.call(nil, []))
        } catch let error as LuaError {
            ending = .error(error.kind)
        }
        let expected = try attack.expected()
        #expect(ending == expected)
        let statistics = try #require(await machine.statistics)
        // The budget is 250 ms; one call of a C function is the most that may come on top.
        #expect(statistics.lastRunCPU < .milliseconds(900))
        #expect(statistics.peakBytes <= (16 << 20) + (256 << 10))
        #expect(try await machine.call("ping", []) == "pong")
    }

    @Test("the table of expectations and the folder agree")
    func table() {
        #expect(Set(Attack.all.map(\.name)) == Set(Attack.endings.keys))
    }
}

struct Attack: Sendable, CustomTestStringConvertible {
    enum Ending: Equatable {
        case value(LuaValue?)
        case error(LuaError.Kind)
    }

    var name: String
    var testDescription: String { name }

    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Attacks")

    static let manyLabels = (0..<30_000).map { "::l\($0)::do end " }.joined()

    static let all: [Attack] = {
        let files = (try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "lua" }.map { Attack(name: $0.deletingPathExtension().lastPathComponent) }
            .sorted { $0.name < $1.name }
    }()

    func source() throws -> String {
        try String(contentsOf: Self.directory.appending(path: "\(name).lua"), encoding: .utf8)
    }

    func expected() throws -> Ending {
        try #require(Self.endings[name])
    }

    static let endings: [String: Ending] = [
        // Runs for ever, or for hours.
        "loop": .error(.cpu),
        "loop-in-pcall": .error(.cpu),
        "loop-in-nested-pcall": .error(.cpu),
        "coroutine-catch": .error(.cpu),
        "coroutine-tree": .error(.cpu),
        "xpcall-error-handler-loop": .error(.cpu),
        "xpcall-handler-once": .error(.cpu),
        "xpcall-handler-warm2": .error(.cpu),
        "pattern-backtrack": .error(.cpu),
        "move-nil": .error(.cpu),
        "next-sparse": .error(.cpu),
        "find-plain-quadratic": .value(nil),
        "rep-empty": .value(""),
        "sort-__len": .error(.runtime),
        "concat-__index-c": .error(.runtime),
        // Spends its time in C functions on large values.
        "arith-fat": .error(.cpu),
        "concat-fat": .error(.cpu),
        "format-fat": .error(.cpu),
        "host-args-fat": .error(.cpu),
        "rawlen-index-fat": .error(.cpu),
        "string-lt-fat": .error(.cpu),
        "table-concat-fat": .error(.cpu),
        "tonumber-fat": .error(.cpu),
        "utf8-fat": .error(.cpu),
        "utf8-offset-fat": .error(.cpu),
        "byte-fat": .error(.memory),
        "unpack-fat": .error(.memory),
        // Takes all the memory.
        "memory-coroutines": .error(.memory),
        "memory-string": .error(.memory),
        "memory-table": .error(.memory),
        "rep-huge": .error(.runtime),
        "rep-sep": .error(.runtime),
        // Reaches for what crashes Lua 5.4.4.
        "bytecode": .error(.runtime),
        "close-chain-crash": .error(.runtime),
        "late-metamethod": .error(.runtime),
        // Reaches for what is not there, or changes what others share.
        "array-marker": .error(.runtime),
        "dofile": .error(.runtime),
        "env-metatable": .value(false),
        "global-overwrite": .error(.runtime),
        "global-write": .error(.runtime),
        "hidden-names": .value(["gone", "gone"]),
        "io": .error(.runtime),
        "muster-write": .error(.runtime),
        "null-marker": .error(.runtime),
        "package": .error(.runtime),
        "reject-in-pcall": .value("mine"),
        "string-dump": .error(.runtime),
        "string-lib-rawset": .error(.runtime),
        "string-mt": .error(.runtime),
        "undefined": .error(.runtime),
        "yield-top": .error(.runtime),
        // Raises or returns what cannot cross.
        "error-cycle": .error(.runtime),
        "error-nil": .error(.runtime),
        "error-table": .error(.runtime),
        "return-bad-utf8": .error(.convert),
        "return-cycle": .error(.convert),
        "return-function": .error(.convert),
        "return-huge": .error(.convert),
        "return-mixed": .error(.convert),
        "return-nan": .error(.convert),
        // Found while this was built.
        "compiler-labels": .error(.cpu),
        "encode-shared": .error(.convert),
        "encode-shared-empty": .error(.cpu),
        "library-by-pairs": .error(.runtime),
        "utf8-codes-fat": .error(.cpu),
        "call-chain": .error(.runtime),
        "recursion-gsub": .error(.runtime),
        "recursion-tostring": .error(.runtime),
        "pattern-long": .error(.cpu),
        // Runs for ever in yet another disguise.
        "loop-goto": .error(.cpu),
        "loop-tail-call": .error(.cpu),
        "loop-for-step": .error(.cpu),
        "loop-metamethod-index": .error(.cpu),
        "loop-metamethod-newindex": .error(.cpu),
        "loop-metamethod-compare": .error(.cpu),
        "loop-metamethod-call": .error(.cpu),
        "loop-metamethod-tostring": .error(.cpu),
        "loop-metamethod-len": .error(.cpu),
        "loop-iterator": .error(.cpu),
        "loop-pairs": .error(.cpu),
        "loop-wrap": .error(.cpu),
        "loop-coroutine-chain": .error(.cpu),
        "loop-pcall-tower": .error(.cpu),
        "loop-error-object": .error(.memory),
        "loop-require": .error(.cpu),
        "sort-comparator-loop": .error(.cpu),
        "gsub-callback-loop": .error(.cpu),
        "gmatch-endless": .error(.cpu),
        "pattern-nested-quantifier": .error(.cpu),
        "pattern-balanced": .error(.cpu),
        "pattern-frontier": .error(.cpu),
        "rep-in-loop": .error(.cpu),
        "sort-comparator-grows": .error(.memory),
        "gsub-grows": .error(.memory),
        "sort-comparator-inconsistent": .error(.runtime),
        "pattern-captures": .error(.cpu),
        "format-width": .error(.runtime),
        // Fills the heap or the stack.
        "stack-overflow-caught": .error(.cpu),
        "memory-caught": .error(.cpu),
        "memory-doubling": .error(.memory),
        "memory-closures": .error(.memory),
        "memory-concat-table": .error(.memory),
        "memory-keys": .error(.memory),
        "memory-error-value": .error(.memory),
        "stack-overflow": .error(.memory),
        "stack-overflow-index": .error(.runtime),
        "stack-overflow-coroutines": .error(.runtime),
        "deep-parse": .error(.runtime),
        // Reaches out of the machine.
        "gc-metamethod": .error(.runtime),
        "gc-collect": .error(.runtime),
        "close-variable": .error(.runtime),
        "mode-weak": .error(.runtime),
        "escape-debug": .error(.runtime),
        "escape-getmetatable-string": .error(.runtime),
        "escape-rawset-string": .error(.runtime),
        "escape-setmetatable-string": .error(.runtime),
        "escape-method-string": .value(nil),
        "escape-upvalue": .error(.runtime),
        "escape-protected-metatable": .error(.runtime),
        "escape-global-table": .value(nil),
        "escape-loadstring": .error(.runtime),
        "escape-require-path": .error(.runtime),
        "escape-searchers": .error(.runtime),
    ]
}
