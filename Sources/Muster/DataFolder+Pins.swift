import Foundation
package import MusterPlugins

extension DataFolder {
    /// Whether plugins must be as they were pinned here.
    package func pins(_ configuration: Configuration) -> PinPolicy {
        PinPolicy(file: URL(filePath: pinsPath), isRequired: configuration.pluginPins == "required")
    }
}
