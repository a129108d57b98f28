import Foundation

/// Identifiers that nobody can guess.
package enum RandomIdentifier {
    /// A random UUID in lower case.
    package static let uuid: @Sendable () -> String = { UUID().uuidString.lowercased() }
    /// So many random bytes.
    package static let bytes: @Sendable (Int) -> [UInt8] = { count in
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
