import MusterCore
import SCIM

/// What a reconciliation has seen so far: kept after each page, so that one that is interrupted goes on where it was.
struct ReconcileState: Sendable {
    /// How long what was seen counts after an interruption.
    static let lifetime = Duration.seconds(6 * 3600)

    var mode: ReconcileMode
    var started: Timestamp
    /// The page of accounts that is read next; nil when all are read.
    var nextIndex: Int? = 1
    /// The ids, at the target, of the accounts that were read.
    var seen: Set<String> = []
    /// Everything that differs so far.
    var differences: [ReconcileDifference] = []
    /// People, of ours, for whom there is something to do.
    var drifted: [String] = []
    /// What is there of those in whom something differs, by the person's id, of ours: as far as Muster writes it.
    var present: [String: AttributeValue] = [:]
    /// How many accounts were read.
    var accounts = 0
    /// For how many accounts an attribute was wanted, and for how many of them it was not there at all; by its path. Not kept.
    var tallies: [String: (wanted: Int, absent: Int)] = [:]
    /// The ids, at the target, of groups in which a person should be and is not, by the person. Read in one go, hence not kept.
    var lost: [String: [String]] = [:]
    /// The ids, at the target, of the groups in which a person should be, by the person, as far as they are known already.
    var wanted: [String: [String]] = [:]

    init(mode: ReconcileMode, started: Timestamp) {
        self.mode = mode
        self.started = started
    }

    /// How many accounts of a kind make a rule of it.
    private static let severalAccounts = 3

    /// What somebody should know about the target: which attributes it seems to take and never to give back.
    var notes: [String] {
        tallies.filter { $0.value.wanted == $0.value.absent && $0.value.absent >= Self.severalAccounts }.keys.sorted().map { path in
            "no account there has '\(path)'; where the target never gives it back, name it in dialect.notReturned"
        }
    }

    /// The state as JSON.
    var json: AttributeValue {
        var map: AttributeMap = [
            "mode": .string(mode.rawValue), "started": .integer(started.milliseconds), "accounts": .integer(Int64(accounts)),
            "seen": .array(seen.map { .string($0) }), "differences": .array(differences.map(\.json)),
            "drifted": .array(drifted.map { .string($0) }),
            "present": .complex(AttributeMap(present.map { .init(name: $0.key, value: $0.value) })),
        ]
        if let nextIndex { map.append("nextIndex", .integer(Int64(nextIndex))) }
        return .complex(map)
    }

    /// Reads a state that was kept; nil when it is none, of another mode, or too old.
    init?(text: String?, mode: ReconcileMode, now: Timestamp) {
        guard let text, let json = try? AttributeValue(json: text, limits: .init(maximumBytes: 256 << 20, maximumMembers: 10_000_000)),
            json["mode"]?.string == mode.rawValue, let started = json["started"]?.integer
        else { return nil }
        self.init(mode: mode, started: Timestamp(milliseconds: started))
        guard now < self.started + Self.lifetime else { return nil }
        nextIndex = json["nextIndex"]?.integer.map { Int($0) }
        seen = Set(json["seen"]?.array?.compactMap(\.string) ?? [])
        differences = json["differences"]?.array?.compactMap { ReconcileDifference(json: $0) } ?? []
        drifted = json["drifted"]?.array?.compactMap(\.string) ?? []
        for member in json["present"]?.complex?.members ?? [] { present[member.name] = member.value }
        accounts = json["accounts"]?.integer.map { Int($0) } ?? 0
    }
}
