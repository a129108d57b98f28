import MusterCore
import SCIM

/// Since when a store has kept what hooks do: a delivery without a record tells of a hook that did nothing only from then on.
struct RecordingPeriod: Sendable {
    private static let setting = "deliveryRecordsSince"

    let store: any Store
    var clock = WallClock.system

    /// When it began; nil while nothing is kept.
    func start() async throws -> Timestamp? {
        try await store.read { try $0.setting(Self.setting) }.flatMap { Int64($0) }.map { Timestamp(milliseconds: $0) }
    }

    /// Notes at the start of a server whether it keeps records.
    func note(isRecording: Bool) async throws {
        let isKnown = try await start() != nil
        guard isKnown != isRecording else { return }
        let value = isRecording ? String(clock.now().milliseconds) : ""
        try await store.write { try $0.setSetting(Self.setting, value) }
    }
}
