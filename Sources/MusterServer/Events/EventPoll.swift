import Logging
import SCIM

/// A poll for security events (RFC 8936 §2.4), with a cursor of ours.
struct EventPoll: Sendable {
    /// Where to begin.
    enum Start: Sendable, Hashable {
        /// With the oldest change that is kept.
        case oldest
        /// With what is still to come.
        case now
        /// Where an earlier answer ended.
        case cursor(String)
    }

    /// What a reader found wrong with a token.
    struct Failure: Sendable, Hashable {
        let token: String
        let code: String
        let description: String
    }

    static let (usualCount, maximumCount) = (100, 1000)

    /// How many events to answer at most; 0 only acknowledges.
    var count: Int
    /// Whether to answer at once also where there is nothing.
    var returnsImmediately: Bool
    /// Where to begin.
    var start: Start
    /// How many tokens the reader has taken in.
    var acknowledged: Int
    /// The tokens that it could not take in.
    var failures: [Failure]

    /// Reads the message; what it does not know it passes over.
    /// - Throws: `SCIMError` `invalidSyntax`, `invalidValue`.
    init(message: AttributeValue) throws(SCIMError) {
        guard let map = message.complex else { throw .invalidSyntax("a poll is a JSON object; {} polls from the oldest event") }
        func value(_ name: String) -> AttributeValue? {
            guard let value = map[name], value != .null else { return nil }
            return value
        }
        count = Self.usualCount
        if let value = value("maxEvents") {
            guard let wanted = value.integer, wanted >= 0 else {
                throw .invalidValue("maxEvents: give a number from 0 to \(Self.maximumCount)")
            }
            count = Int(min(wanted, Int64(Self.maximumCount)))
        }
        returnsImmediately = false
        if let value = value("returnImmediately") {
            guard let wanted = value.boolean else { throw .invalidValue("returnImmediately: give true or false") }
            returnsImmediately = wanted
        }
        acknowledged = 0
        if let value = value("ack") {
            guard let tokens = value.array, tokens.allSatisfy({ $0.string != nil }) else {
                throw .invalidValue("ack: give an array of the jti of tokens")
            }
            acknowledged = tokens.count
        }
        failures = []
        if let value = value("setErrs") {
            guard let errors = value.complex, errors.members.allSatisfy({ $0.value.complex != nil }) else {
                throw .invalidValue("setErrs: give an object with, by the jti of tokens, objects with err and description")
            }
            failures = errors.members.map { member in
                Failure(
                    token: member.name, code: member.value["err"]?.string ?? "", description: member.value["description"]?.string ?? "")
            }
        }
        start = try Self.start(cursor: value("cursor"), from: value("from"))
    }

    private static func start(cursor: AttributeValue?, from: AttributeValue?) throws(SCIMError) -> Start {
        if let cursor, cursor != "" {
            guard let text = cursor.string else { throw .invalidValue("cursor: give back the text of the last answer") }
            guard from == nil else { throw .invalidValue("from: begins a new reading; leave it out where there is a cursor") }
            return .cursor(text)
        }
        switch from {
        case nil, "oldest"?: return .oldest
        case "now"?: return .now
        default: throw .invalidValue("from: give \"oldest\" or \"now\"")
        }
    }

    // MARK: Logging

    private static let (loggedFailures, loggedCharacters) = (10, 200)

    /// Notes what the reader tells of earlier tokens. It is the reader's cursor that moves on, so that nothing follows from it.
    func log(to logger: Logger) {
        if acknowledged > 0 { logger.debug("events acknowledged", metadata: ["events.count": "\(acknowledged)"]) }
        for failure in failures.prefix(Self.loggedFailures) {
            logger.warning(
                "a reader could not take in an event",
                metadata: [
                    "event.jti": .string(Self.printable(failure.token)), "event.err": .string(Self.printable(failure.code)),
                    "event.description": .string(Self.printable(failure.description)),
                ])
        }
        if failures.count > Self.loggedFailures {
            logger.warning(
                "a reader could not take in more events", metadata: ["events.count": "\(failures.count - Self.loggedFailures)"])
        }
    }

    /// The beginning of a reader's text, in which nothing acts upon a terminal or begins a line.
    private static func printable(_ text: String) -> String {
        let start = text.unicodeScalars.prefix(loggedCharacters).map { scalar -> Character in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: "?"
            default: Character(scalar)
            }
        }
        return String(start)
    }
}
