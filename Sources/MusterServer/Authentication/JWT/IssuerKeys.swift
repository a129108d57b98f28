import JWTKit
import Logging
import SCIM

/// An issuer's keys, kept until newer ones come.
///
/// They are looked for when a token names one that is not there and when they are old, and not more often than the site
/// allows: whoever makes up key ids cannot make us ask the issuer for each. What cannot be read leaves the keys as they are.
actor IssuerKeys {
    /// While there is no key at all, nobody gets in: then they are looked for more often.
    private static let firstInterval = Duration.seconds(5)

    private let settings: JWTSettings
    private let source: JSONWebKeySource
    private let now: @Sendable () -> ContinuousClock.Instant
    private let logger: Logger
    private var keys: JSONWebKeys?
    private var readAt: ContinuousClock.Instant?
    private var triedAt: ContinuousClock.Instant?
    private var reading: Task<Void, Never>?

    init(settings: JWTSettings, source: JSONWebKeySource, now: @escaping @Sendable () -> ContinuousClock.Instant, logger: Logger) {
        self.settings = settings
        self.source = source
        self.now = now
        self.logger = logger
    }

    /// The keys that could have signed a token.
    /// - Throws: `SCIMError` 503 when no key could be read so far.
    func verifiers(id: String?, algorithm: String) async throws -> [any JWTAlgorithm] {
        if let keys, keys.contains(id: id) {
            if let readAt, now() >= readAt + settings.maximumAge { startReading() }
        } else if let reading = startReading() {
            await reading.value
        }
        guard let keys else {
            throw SCIMError.unavailable("the keys of the token's issuer cannot be read now", retryAfter: 5)
        }
        return keys.verifiers(id: id, algorithm: algorithm)
    }

    /// Reads the keys once at the start, so that the log tells early what is wrong.
    func prepare() async { await startReading()?.value }

    /// The reading that is under way or may begin; nil when it is too early for another.
    @discardableResult
    private func startReading() -> Task<Void, Never>? {
        if let reading { return reading }
        let interval = keys == nil ? min(Self.firstInterval, settings.refreshInterval) : settings.refreshInterval
        if let triedAt, now() < triedAt + interval { return nil }
        triedAt = now()
        let task = Task { await read() }
        reading = task
        return task
    }

    private func read() async {
        defer { reading = nil }
        do {
            keys = try await JSONWebKeys(source.read(), algorithms: settings.algorithms)
            readAt = now()
        } catch {
            logger.warning(
                "the keys of an issuer could not be read", metadata: ["jwt.issuer": .string(settings.issuer), "error": "\(error)"])
        }
    }
}
