package import MusterCore
package import SCIM

/// How far a reader of a tenant's events has come, as the opaque text that it gets and gives back.
///
/// It holds everything that the server needs, so that nothing is kept about readers. Who forges one reads no more than a
/// reader from the beginning does.
package struct EventCursor: Sendable, Hashable {
    /// Whose events.
    package var tenant: Tenant
    /// The number of the last change that was looked at; 0 for none.
    package var number: Int64
    /// How many tokens of that change were told; nil for all of them.
    package var position: Int?
    /// When the changes up to here were read.
    package var issued: Timestamp

    package init(tenant: Tenant, number: Int64, position: Int? = nil, issued: Timestamp) {
        self.tenant = tenant
        self.number = number
        self.position = position
        self.issued = issued
    }

    /// The text for the reader: base64url of a small JSON object.
    package var text: String {
        var map: AttributeMap = [
            "e": .string(tenant.name), "n": .integer(number), "t": .integer(issued.milliseconds),
        ]
        if let position { map.append("p", .integer(Int64(position))) }
        return AttributeValue.complex(map).jsonBytes.base64URL
    }

    /// Reads a text.
    /// - Parameter retention: How long changes are kept at least. A younger cursor has lost nothing: all that was committed
    ///   since it was issued is kept still.
    /// - Throws: `invalidCursor` when it is none of this tenant's, `expiredCursor` when changes may have been forgotten that
    ///   the reader has not seen.
    package init(text: String, tenant: Tenant, now: Timestamp, retention: Duration) throws(SCIMError) {
        let value = text.utf8.count <= 2048 ? text.base64URLBytes.flatMap { try? AttributeValue(json: $0) } : nil
        guard let map = value?.complex, let name = map["e"]?.string, let number = map["n"]?.integer, number >= 0,
            let issued = map["t"]?.integer, issued <= now.milliseconds + 60_000, issued >= 0
        else { throw .invalidCursor("the cursor is none of this server's; read from the beginning, without one") }
        guard name == tenant.name else {
            throw .invalidCursor("the cursor belongs to another tenant; read from the beginning, without one")
        }
        var position: Int?
        if let value = map["p"] {
            guard let told = value.integer, (0...Int64(Int32.max)).contains(told) else {
                throw .invalidCursor("the cursor is none of this server's; read from the beginning, without one")
            }
            position = Int(told)
        }
        guard Timestamp(milliseconds: issued) + retention >= now else {
            throw .expiredCursor(
                "changes are kept for \(retention.components.seconds) seconds and the cursor is older; "
                    + "read all resources, then poll from \"now\" or from the oldest event")
        }
        self.init(tenant: tenant, number: number, position: position, issued: Timestamp(milliseconds: issued))
    }
}
