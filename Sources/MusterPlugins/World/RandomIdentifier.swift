import Foundation

/// Identifiers and bytes that nobody can guess.
package enum RandomIdentifier {
    /// A random UUID in lower case.
    package static let uuid: @Sendable () -> String = { UUID().uuidString.lowercased() }

    /// Random bytes.
    package static let bytes: @Sendable (Int) -> [UInt8] = { count in
        var random = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }
}
