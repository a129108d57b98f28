/// Something that clients send and RFC 7643 and 7644 have not, with what it is taken for.
///
/// Each is read by one pure function of this folder. Whether it is understood is a matter of the ``ClientDialect``; the
/// reading functions tell which ones they met, so that a log line or an answer can name them. A request that follows
/// the RFC meets none.
public struct Quirk: Sendable {
    /// The name in logs, headers and settings, such as `boolean-as-string`.
    public let name: String
    /// What is sent and what it is taken for, in one sentence.
    public let summary: String
    /// The clients that are known to send it, those that have a preset by its name: `onelogin`, `entra`, …
    ///
    /// `mappings` stands for every client whose administrators map attributes or write templates by hand.
    public let clients: [String]

    init(_ name: String, _ summary: String, clients: [String]) {
        self.name = name
        self.summary = summary
        self.clients = clients
    }

    /// The quirk of that name in any case, or nil.
    public init?(named name: String) {
        guard let found = Self.all.first(where: { $0.name.isSameName(as: name) }) else { return nil }
        self = found
    }

    /// Every quirk, in the order in which they are documented.
    public static let all: [Quirk] = ofValues + ofSchemas + ofReferences + ofMessages + ofOperations + ofMembers + ofFilters
}

extension Quirk: Hashable, CustomStringConvertible {
    /// Whether the names are equal.
    public static func == (left: Quirk, right: Quirk) -> Bool { left.name == right.name }

    /// Hashes the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }

    /// The name.
    public var description: String { name }
}
