package import MusterCore
package import SCIM

/// How a version that runs as a shadow has done beside the live one.
package struct ShadowReport: Sendable, Hashable {
    /// A run in which it did otherwise.
    package struct Divergence: Sendable, Hashable {
        package var time: Timestamp
        package var hook: String
        /// Whom it was about, as `User/ID`.
        package var subject: String
        package var requestID: String
        /// The event, for hooks after the commit.
        package var eventID: String?
        /// What differs: `- ` only live, `+ ` only in the shadow, `~ ` otherwise.
        package var lines: [String]
    }

    /// Divergences that are kept.
    package static let limit = 100
    /// Whose values the reports are; no plugin can have this name.
    static let owner = "muster:shadow"

    /// The two versions, for a person.
    package var liveVersion: String
    package var shadowVersion: String
    /// Their checksums: a report goes on as long as both are the same.
    var digests: [String]
    /// When they began to run side by side.
    package var since: Timestamp
    package var agreements = 0
    package var divergences = 0
    /// Runs of which the shadow was spared, since it was too slow.
    package var dropped = 0
    /// The last divergences, the oldest first.
    package var list: [Divergence] = []

    /// Runs of both versions.
    package var runs: Int { agreements + divergences }

    init(liveVersion: String, shadowVersion: String, digests: [String], since: Timestamp) {
        self.liveVersion = liveVersion
        self.shadowVersion = shadowVersion
        self.digests = digests
        self.since = since
    }

    mutating func add(_ divergence: Divergence) {
        divergences += 1
        list.append(divergence)
        if list.count > Self.limit { list.removeFirst(list.count - Self.limit) }
    }

    /// Goes on with what was counted before.
    mutating func continueFrom(_ earlier: ShadowReport) {
        guard earlier.digests == digests else { return }
        since = earlier.since
        agreements += earlier.agreements
        divergences += earlier.divergences
        dropped += earlier.dropped
        list = Array((earlier.list + list).suffix(Self.limit))
    }

    /// Reads the report that a server has kept in its store, for this or another process.
    /// - Parameter tenant: The tenant with plugins of its own; the default one for the site's.
    package static func stored(in store: any Store, plugin: String, tenant: Tenant = .default) async throws -> ShadowReport? {
        let bytes = try await PluginValues.stored(in: store, plugin: owner, clock: .system).get(plugin, tenant)
        return bytes.flatMap { PluginValue(bytes: $0) }.flatMap { ShadowReport($0.value) }
    }
}

// MARK: JSON

extension ShadowReport {
    init?(_ document: AttributeValue) {
        guard let since = document["since"]?.integer, let digests = document["digests"]?.array else { return nil }
        func number(_ name: String) -> Int { document[name]?.integer.map { Int($0) } ?? 0 }
        self.init(
            liveVersion: document["liveVersion"]?.string ?? "", shadowVersion: document["shadowVersion"]?.string ?? "",
            digests: digests.compactMap(\.string), since: Timestamp(milliseconds: since))
        (agreements, divergences, dropped) = (number("agreements"), number("divergences"), number("dropped"))
        list = (document["list"]?.array ?? []).map { entry in
            Divergence(
                time: Timestamp(milliseconds: entry["time"]?.integer ?? 0), hook: entry["hook"]?.string ?? "",
                subject: entry["subject"]?.string ?? "", requestID: entry["requestID"]?.string ?? "", eventID: entry["eventID"]?.string,
                lines: entry["lines"]?.array?.compactMap(\.string) ?? [])
        }
    }

    /// The report as it is kept.
    var stored: AttributeValue {
        let list = list.map { divergence in
            var map: AttributeMap = [
                "time": .integer(divergence.time.milliseconds), "hook": .string(divergence.hook), "subject": .string(divergence.subject),
                "requestID": .string(divergence.requestID), "lines": .array(divergence.lines.map { .string($0) }),
            ]
            if let id = divergence.eventID { map.append("eventID", .string(id)) }
            return AttributeValue.complex(map)
        }
        return [
            "liveVersion": .string(liveVersion), "shadowVersion": .string(shadowVersion),
            "digests": .array(digests.map { .string($0) }), "since": .integer(since.milliseconds),
            "agreements": .integer(Int64(agreements)),
            "divergences": .integer(Int64(divergences)), "dropped": .integer(Int64(dropped)), "list": .array(list),
        ]
    }

    /// The report as JSON for a person's tools.
    package var document: AttributeValue {
        let list = list.map { divergence in
            var map: AttributeMap = [
                "time": .string(divergence.time.dateTime), "hook": .string(divergence.hook), "subject": .string(divergence.subject),
                "requestID": .string(divergence.requestID),
            ]
            if let id = divergence.eventID { map.append("eventID", .string(id)) }
            map.append("differences", .array(divergence.lines.map { .string($0) }))
            return AttributeValue.complex(map)
        }
        return [
            "live": .string(liveVersion), "shadow": .string(shadowVersion), "since": .string(since.dateTime), "runs": .integer(Int64(runs)),
            "agreements": .integer(Int64(agreements)), "divergences": .integer(Int64(divergences)), "dropped": .integer(Int64(dropped)),
            "lastDivergences": .array(list),
        ]
    }
}
