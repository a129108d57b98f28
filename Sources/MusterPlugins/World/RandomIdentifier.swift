import Foundation

/// Identifiers that nobody can guess.
package enum RandomIdentifier {
    /// A random UUID in lower case.
    package static let uuid: @Sendable () -> String = { UUID().uuidString.lowercased() }
}
