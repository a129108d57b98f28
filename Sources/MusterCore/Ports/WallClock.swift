import Foundation
public import SCIM

/// Where the time of day comes from, so that a test can hand in its own.
public struct WallClock: Sendable {
    /// The present time.
    public var now: @Sendable () -> Timestamp

    /// Creates a clock.
    public init(now: @escaping @Sendable () -> Timestamp) { self.now = now }

    /// The machine's clock.
    public static let system = WallClock {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }
}
