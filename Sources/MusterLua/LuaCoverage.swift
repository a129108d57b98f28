import CMusterLua

/// Which lines of which files have run, and how often.
package struct LuaCoverage: Sendable, Hashable {
    /// Hits by file, then by line.
    package var hits: [String: [Int: UInt64]] = [:]

    package init() {}

    /// The lines of a source that can run at all, as the compiler sees them.
    package struct ExecutableLines: Sendable, Hashable {
        package var lines: Set<Int> = []
        /// First and last line of each function; the whole chunk is 0...0.
        package var functions: [ClosedRange<Int>] = []
    }

    /// Reads the executable lines from the compiled source; nil when it does not compile.
    package static func executableLines(file: String, source: String) -> ExecutableLines? {
        var found = ExecutableLines()
        let code = withUnsafeMutablePointer(to: &found) { pointer in
            source.withBytes { text, count in
                ms_executable_lines("@\(file)", text, count, pointer) { user, kind, line, last in
                    guard let found = user?.assumingMemoryBound(to: ExecutableLines.self) else { return }
                    if kind == 0 {
                        found.pointee.lines.insert(Int(line))
                    } else {
                        found.pointee.functions.append(Int(line)...max(Int(line), Int(last)))
                    }
                }
            }
        }
        return code == 0 ? found : nil
    }
}
