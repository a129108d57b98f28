import CMusterLua

/// Which lines, functions and branches of which files have run, and how often.
package struct LuaCoverage: Sendable, Hashable {
    /// What is known of one file.
    package struct File: Sendable, Hashable {
        /// Hits by line.
        package var lines: [Int: UInt64] = [:]
        /// Calls of functions by their first and last line; 0...0 is the file itself.
        package var calls: [ClosedRange<Int>: UInt64] = [:]
        /// How often each way of a branch was taken.
        package var branches: [Branch: Ways] = [:]

        package init() {}

        mutating func merge(_ other: File) {
            lines.merge(other.lines, uniquingKeysWith: &+)
            calls.merge(other.calls, uniquingKeysWith: &+)
            branches.merge(other.branches) { Ways(straight: $0.straight &+ $1.straight, other: $0.other &+ $1.other) }
        }
    }

    /// A place where a function goes one of two ways: a condition, a part of `and` or `or`, or the turn of a `for`.
    package struct Branch: Sendable, Hashable {
        /// First and last line of the function.
        package var function: ClosedRange<Int>
        /// The deciding instruction, counted from the function's beginning.
        package var instruction: Int
    }

    /// The two ways of a branch.
    package struct Ways: Sendable, Hashable {
        /// How often it went on with the instruction that stands next or, for loops, into the body.
        package var straight: UInt64
        /// How often it went elsewhere.
        package var other: UInt64
    }

    /// By the name that the file was loaded under.
    package var files: [String: File] = [:]

    package init() {}

    /// Hits by file, then by line.
    package var hits: [String: [Int: UInt64]] { files.mapValues(\.lines).filter { !$0.value.isEmpty } }

    /// Adds what another machine has run.
    package mutating func merge(_ other: LuaCoverage) {
        for (name, file) in other.files { files[name, default: File()].merge(file) }
    }
}

extension LuaCoverage {
    /// What can run at all in a source, as the compiler sees it.
    package struct Executable: Sendable, Hashable {
        /// A branch and where it leads.
        package struct Site: Sendable, Hashable {
            package var branch: Branch
            /// The line of the condition.
            package var line: Int
            /// The line where it goes straight on.
            package var straight: Int
            /// The line where it goes otherwise.
            package var other: Int
        }

        /// The lines that can run.
        package var lines: Set<Int> = []
        /// First and last line of each function; the whole chunk is 0...0.
        package var functions: [ClosedRange<Int>] = []
        /// The branches in the order of their functions' text. Empty where this Lua library cannot be followed.
        package var branches: [Site] = []

        /// Functions that share their lines with another one, so that their branches cannot be told apart.
        package var ambiguousFunctions: Set<ClosedRange<Int>> {
            Set(Dictionary(grouping: functions) { $0 }.filter { $0.value.count > 1 }.keys)
        }
    }

    /// Reads what can run from the compiled source; nil when it does not compile.
    package static func executable(file: String, source: String) -> Executable? {
        var found = Executable()
        let code = withUnsafeMutablePointer(to: &found) { pointer in
            source.withBytes { text, count in
                ms_executable_parts("@\(file)", text, count, pointer) { user, part in
                    guard let found = user?.assumingMemoryBound(to: Executable.self), let part = part?.pointee else { return }
                    found.pointee.add(part)
                }
            }
        }
        return code == 0 ? found : nil
    }
}

extension LuaCoverage.Executable {
    fileprivate mutating func add(_ part: ms_executable) {
        let function = Int(part.first)...max(Int(part.first), Int(part.last))
        switch part.kind {
        case Int32(MS_C_LINE.rawValue): lines.insert(Int(part.line))
        case Int32(MS_C_FUNCTION.rawValue): functions.append(function)
        default:
            branches.append(
                Site(
                    branch: LuaCoverage.Branch(function: function, instruction: Int(part.instruction)), line: Int(part.line),
                    straight: Int(part.to.0), other: Int(part.to.1)))
        }
    }
}

extension LuaCoverage {
    mutating func add(_ covered: ms_covered) {
        guard let name = covered.file else { return }
        let first = Int(covered.first)
        let function = first...max(first, Int(covered.last))
        var file = files.removeValue(forKey: String(cString: name)) ?? File()
        switch covered.kind {
        case Int32(MS_C_LINE.rawValue): file.lines[first] = covered.hits.0
        case Int32(MS_C_FUNCTION.rawValue): file.calls[function] = covered.hits.0
        default:
            let branch = Branch(function: function, instruction: Int(covered.instruction))
            file.branches[branch] = Ways(straight: covered.hits.0, other: covered.hits.1)
        }
        files[String(cString: name)] = file
    }
}
