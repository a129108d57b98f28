import Testing

/// One thing that an RFC asks for, in our own words, and how it is found out whether we do it.
struct Requirement: Sendable {
    /// How strongly the RFC asks (RFC 2119); SHALL and REQUIRED are MUST.
    enum Level: String, Sendable {
        case must = "MUST"
        case mustNot = "MUST NOT"
        case should = "SHOULD"
        case shouldNot = "SHOULD NOT"
        case may = "MAY"
        /// The RFC describes it without one of these words.
        case described = "–"
    }

    /// Whether we do it.
    enum Follows: Sendable {
        case yes
        /// We do not, for a reason.
        case no(String)
        /// It asks something of clients, or of servers that are not like ours.
        case notApplicable(String)
    }

    /// Finds out; throws where the requirement is not met.
    typealias Check = @Sendable (Probe) async throws -> Void

    /// The RFC's number and section: `7644 §3.5.2.2`.
    let section: String
    /// How strongly it is asked.
    let level: Level
    /// What is asked.
    let text: String
    /// Whether we do it.
    let follows: Follows
    /// What else there is to say; "" for nothing.
    let note: String
    /// What the server is configured with beside what every check has, by the names of keys.
    let flags: [String: String]
    /// Finds out; nil where nothing can be found out over HTTP.
    let check: Check?

    /// A requirement that we follow.
    init(_ section: String, _ level: Level, _ text: String, note: String = "", flags: [String: String] = [:], check: @escaping Check) {
        self.init(section, level, text, follows: .yes, note: note, flags: flags, check: check)
    }

    /// A requirement that we do not follow. The check is that of the requirement, and must fail.
    init(_ section: String, _ level: Level, _ text: String, notFollowed reason: String, check: @escaping Check) {
        self.init(section, level, text, follows: .no(reason), note: "", flags: [:], check: check)
    }

    /// A requirement that does not concern us.
    init(_ section: String, _ level: Level, _ text: String, notApplicable reason: String) {
        self.init(section, level, text, follows: .notApplicable(reason), note: "", flags: [:], check: nil)
    }

    private init(
        _ section: String, _ level: Level, _ text: String, follows: Follows, note: String, flags: [String: String], check: Check?
    ) {
        self.section = section
        self.level = level
        self.text = text
        self.follows = follows
        self.note = note
        self.flags = flags
        self.check = check
    }
}

extension Requirement: CustomTestStringConvertible {
    var testDescription: String { "\(section) \(level.rawValue): \(text)" }
}

extension Requirement {
    /// All of RFC 7644 §3 and RFC 9865, in the order of the sections.
    static let all: [Requirement] =
        background + endpoints + creating + retrieving + filtering + sorting + paging + projecting + searchingByPost + modifying + replacing
        + patching + adding + removing + replacingParts + deleting + bulk + bulkReferences + bulkAnswers + formats + answering + notation
        + authenticatedSubject + errors + protocolVersions + entityTags + cursors + cursorErrors + bothMethods + cursorsByPost
        + paginationConfiguration + cursorSecurity
}
