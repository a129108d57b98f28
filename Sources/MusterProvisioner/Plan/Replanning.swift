import Logging
import MusterCore
import SCIM

/// A note that everybody at a target has to be planned anew: written with the edit that wants it, and crossed out when the work is
/// made, so that what is cut off in between is made up for.
struct Replanning: Sendable, Hashable {
    /// How old a note is before others than its writer see to it.
    static let patience = Duration.seconds(900)

    /// Whether the newest rules hold for those too who have an account made by older ones.
    var reappliesRules: Bool
    /// When it was written.
    var time: Timestamp

    /// The note as it is kept.
    var text: String { "\(reappliesRules ? "rules" : "edit") \(time.milliseconds)" }

    init(reappliesRules: Bool, time: Timestamp) {
        self.reappliesRules = reappliesRules
        self.time = time
    }

    /// Reads a note; nil where it is none.
    init?(_ text: String?) {
        let parts = text?.split(separator: " ") ?? []
        guard parts.count == 2, let milliseconds = Int64(parts[1]) else { return nil }
        self.init(reappliesRules: parts[0] == "rules", time: Timestamp(milliseconds: milliseconds))
    }

    private static func setting(_ name: String, _ tenant: Tenant) -> String { "provisioning.replan.\(name):\(tenant.name)" }

    /// The note at a target; nil for none.
    static func note(at name: String, in tenant: Tenant, _ transaction: any ReadTransaction) throws -> Replanning? {
        Replanning(try transaction.setting(setting(name, tenant)))
    }

    /// Writes the note.
    func write(at name: String, in tenant: Tenant, _ transaction: any WriteTransaction) throws {
        try transaction.setSetting(Self.setting(name, tenant), text)
    }

    /// Crosses out whatever is noted.
    static func crossOut(at name: String, in tenant: Tenant, _ transaction: any WriteTransaction) throws {
        try transaction.setSetting(setting(name, tenant), "")
    }
}

extension Provisioner {
    /// Plans everybody anew where an act that wanted so was cut off.
    func makeUp(at target: KnownTarget, now: Timestamp) async throws {
        let (name, tenant) = (target.row.name, target.row.tenant)
        let note = try await store.read { try Replanning.note(at: name, in: tenant, $0) }
        guard let note, note.time + Replanning.patience <= now else { return }
        logger.warning("an edit was cut off before everybody was planned anew", metadata: ["target.name": "\(name)"])
        _ = try await enqueueAll(at: target, reappliesRules: note.reappliesRules)
    }
}
