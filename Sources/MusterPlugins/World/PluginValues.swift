package import MusterCore
package import SCIM

/// Where `muster.kv` keeps values: in the store, or in memory for a spec.
package struct PluginValues: Sendable {
    /// The stored bytes of a key, or nil.
    package var get: @Sendable (_ key: String, _ tenant: Tenant) async throws -> [UInt8]?
    /// Replaces the stored bytes by what `change` makes of them, all at once; nil removes them.
    package var update:
        @Sendable (_ key: String, _ tenant: Tenant, _ change: @escaping @Sendable ([UInt8]?) throws -> PluginValue?) async throws -> Void

    package init(
        get: @escaping @Sendable (_ key: String, _ tenant: Tenant) async throws -> [UInt8]?,
        update:
            @escaping @Sendable (_ key: String, _ tenant: Tenant, _ change: @escaping @Sendable ([UInt8]?) throws -> PluginValue?)
            async throws -> Void
    ) {
        self.get = get
        self.update = update
    }

    /// The values of one plugin in the store.
    package static func stored(in store: any Store, plugin: String, clock: WallClock) -> PluginValues {
        PluginValues(
            get: { key, tenant in
                try await store.read { try $0.pluginValue(key, plugin: plugin, tenant: tenant, now: clock.now()) }
            },
            update: { key, tenant, change in
                try await store.write { transaction in
                    let old = try transaction.pluginValue(key, plugin: plugin, tenant: tenant, now: clock.now())
                    let new = try change(old)
                    try transaction.setPluginValue(key, new?.bytes, plugin: plugin, tenant: tenant, expires: new?.expires)
                }
            })
    }
}

/// A value with its end, as it is stored: JSON, so that a later change can keep the end.
package struct PluginValue: Sendable {
    package var value: AttributeValue
    /// When it ends; nil for never.
    package var expires: Timestamp?

    package init(_ value: AttributeValue, expires: Timestamp? = nil) {
        self.value = value
        self.expires = expires
    }

    /// Reads what ``bytes`` wrote.
    package init?(bytes: [UInt8]) {
        guard let document = try? AttributeValue(json: bytes), let value = document["v"] else { return nil }
        self.init(value, expires: document["e"]?.integer.map { Timestamp(milliseconds: $0) })
    }

    package var bytes: [UInt8] {
        var map: AttributeMap = ["v": value]
        if let expires { map.append("e", .integer(expires.milliseconds)) }
        return AttributeValue.complex(map).jsonBytes
    }
}
