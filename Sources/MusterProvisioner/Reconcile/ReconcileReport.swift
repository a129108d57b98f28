package import SCIM

/// How much of a target is read.
package enum ReconcileMode: String, Sendable, Hashable, CaseIterable {
    /// Everything.
    case full
    /// What changed there since the last time, as far as the target says so; what is missing is not noticed.
    case incremental
}

/// How far a reconciliation is.
package struct ReconcileProgress: Sendable, Hashable {
    /// What is read now: `people`, `accounts`, `missing` or `groups`.
    package var phase: String
    /// How many were looked at.
    package var done: Int
    /// Of how many, where that is known.
    package var all: Int?
}

/// One thing in which a target differs from what it should be.
package struct ReconcileDifference: Sendable, Hashable {
    /// The kinds of difference.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// An account should be there and is not.
        case missing
        /// An account is there, or active, and should not be.
        case extra
        /// An account differs.
        case different
        /// An account is there which Muster does not manage: it is left alone, unless a person of ours matches it.
        case unmanaged
    }

    /// What kind.
    package var kind: Kind
    /// The userName there, or of the person.
    package var name: String
    /// The id, of ours, of the person whom it concerns; nil for none.
    package var person: String?
    /// What differs, line by line.
    package var lines: [String]

    package init(_ kind: Kind, name: String, person: String?, lines: [String]) {
        self.kind = kind
        self.name = name
        self.person = person
        self.lines = lines
    }
}

/// What a reconciliation found, and made of it.
package struct ReconcileReport: Sendable, Hashable {
    /// Everything that differs.
    package var differences: [ReconcileDifference] = []
    /// How many accounts were read.
    package var accounts = 0
    /// What somebody should know about the target, in one line each.
    package var notes: [String] = []
    /// Whether everything was read, rather than what changed lately.
    package var mode = ReconcileMode.full
    /// The work that was made; nil where only a plan was wanted, or nothing differs.
    package var batch: ProvisioningBatch?

    /// Whether something differs that Muster manages.
    package var hasDrift: Bool { differences.contains { $0.kind != .unmanaged || $0.person != nil } }

    /// How many differences there are of each kind.
    package var counts: [ReconcileDifference.Kind: Int] {
        differences.reduce(into: [:]) { $0[$1.kind, default: 0] += 1 }
    }

    /// How many people there is work for.
    package var enqueued: Int { batch?.people ?? 0 }

    /// The report as JSON.
    package var json: AttributeValue {
        var map: AttributeMap = [
            "mode": .string(mode.rawValue), "accounts": .integer(Int64(accounts)),
            "counts": .complex(
                AttributeMap(
                    ReconcileDifference.Kind.allCases.map { .init(name: $0.rawValue, value: .integer(Int64(counts[$0] ?? 0))) })),
            "differences": .array(differences.map(\.json)), "enqueued": .integer(Int64(enqueued)),
        ]
        if !notes.isEmpty { map.append("notes", .array(notes.map { .string($0) })) }
        if let batch { map.append("batch", batch.json) }
        return .complex(map)
    }
}

extension ReconcileDifference {
    /// The difference as JSON.
    package var json: AttributeValue {
        var map: AttributeMap = ["kind": .string(kind.rawValue), "name": .string(name)]
        if let person { map.append("person", .string(person)) }
        map.append("lines", .array(lines.map { .string($0) }))
        return .complex(map)
    }

    /// Reads a difference that was kept; nil when it is none.
    init?(json: AttributeValue) {
        guard let kind = json["kind"]?.string.flatMap(Kind.init), let name = json["name"]?.string else { return nil }
        self.init(kind, name: name, person: json["person"]?.string, lines: json["lines"]?.array?.compactMap(\.string) ?? [])
    }
}

extension ProvisioningBatch {
    /// The batch as JSON.
    package var json: AttributeValue {
        [
            "id": .string(id), "target": .string(target), "people": .integer(Int64(people)), "removals": .integer(Int64(removals)),
            "active": .integer(Int64(active)), "parked": .boolean(isParked),
        ]
    }
}
