/// What one machine and one call may use.
package struct LuaLimits: Sendable, Hashable {
    /// The heap of the whole state.
    package var memoryBytes: Int
    /// The largest single block: a string, the array part of a table, a stack.
    package var blockBytes: Int
    /// CPU time of one call, summed over its slices, unless the call brings its own budget.
    package var cpu: Duration
    /// CPU time for loading the script.
    package var loadCPU: Duration
    /// Virtual machine instructions between two looks at the clock. A smaller number costs no more and overshoots less.
    package var hookEvery: UInt32
    /// The largest result, error value or argument list that a script may hand out, in encoded bytes.
    package var resultBytes: UInt32

    package init(
        memoryBytes: Int = 16 << 20,
        blockBytes: Int = 2 << 20,
        cpu: Duration = .milliseconds(250),
        loadCPU: Duration = .milliseconds(250),
        hookEvery: UInt32 = 100,
        resultBytes: UInt32 = 4 << 20
    ) {
        self.memoryBytes = memoryBytes
        self.blockBytes = blockBytes
        self.cpu = cpu
        self.loadCPU = loadCPU
        self.hookEvery = hookEvery
        self.resultBytes = resultBytes
    }
}

extension Duration {
    /// Whole nanoseconds, kept within what the C side counts with.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 1_000_000_000 else { return 1_000_000_000_000_000_000 }
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
