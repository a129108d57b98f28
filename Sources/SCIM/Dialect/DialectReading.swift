/// The dialect in which a request is read, and the quirks that were met so far.
struct DialectReading {
    /// What is understood.
    let dialect: ClientDialect
    /// What was met.
    private(set) var noted: Set<Quirk> = []

    init(_ dialect: ClientDialect) { self.dialect = dialect }

    /// Whether the dialect understands `quirk`, which was met; if so it is noted.
    mutating func understands(_ quirk: Quirk) -> Bool {
        guard dialect.quirks.contains(quirk) else { return false }
        noted.insert(quirk)
        return true
    }

    /// Notes `quirk`, which was met.
    /// - Throws: `error` when the dialect does not understand it.
    mutating func meet(_ quirk: Quirk, else error: @autoclosure () -> SCIMError) throws(SCIMError) {
        guard understands(quirk) else { throw error() }
    }
}
