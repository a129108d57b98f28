package import SCIM

/// What a site says about its plugins; it lives apart from their folders, so that a folder can be replaced as a unit.
package struct PluginSettings: Sendable {
    /// What is said about one plugin.
    package struct Entry: Sendable, Hashable {
        /// Whether the plugin runs. Nil: as soon as it has all that it needs.
        package var isEnabled: Bool?
        /// Its settings: an object that fits the schema in its plugin.json.
        package var config: AttributeValue
        /// Hosts that it may reach although they resolve to private, loopback or link-local addresses. Names and
        /// addresses that a permission does not cover stay closed all the same.
        package var privateHosts: [String]
        /// The folder of another version of the plugin, which runs beside it without any effect; nil for none.
        package var shadow: String?

        package init(
            isEnabled: Bool? = nil, config: AttributeValue = .complex([:]), privateHosts: [String] = [], shadow: String? = nil
        ) {
            self.isEnabled = isEnabled
            self.config = config
            self.privateHosts = privateHosts
            self.shadow = shadow
        }
    }

    /// What is said, by the plugin's name.
    package var plugins: [String: Entry]
    /// Gives the secret of this name, or nil.
    package var secret: @Sendable (String) -> String?

    package init(plugins: [String: Entry] = [:], secret: @escaping @Sendable (String) -> String? = { _ in nil }) {
        self.plugins = plugins
        self.secret = secret
    }
}
