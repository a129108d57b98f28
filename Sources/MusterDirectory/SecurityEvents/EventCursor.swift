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

    package init(tenant: Tenant, number: Int64, position: Int? = nil) {
        self.tenant = tenant
        self.number = number
        self.position = position
    }

    /// The number of the last change that was told to its end.
    var lastComplete: Int64 { position == nil ? number : number - 1 }

    /// The text for the reader: base64url of a small JSON object.
    package var text: String {
        var map: AttributeMap = ["tenant": .string(tenant.name), "change": .integer(number)]
        if let position { map.append("told", .integer(Int64(position))) }
        return Base64URL.encode(AttributeValue.complex(map).jsonBytes)
    }

    /// Reads a text.
    /// - Throws: `invalidCursor` when it is none of this tenant's.
    package init(text: String, tenant: Tenant) throws(SCIMError) {
        let malformed = SCIMError.invalidCursor("the cursor is none of this server's; read from the beginning, without one")
        let bytes = text.utf8.count <= 2048 ? Base64URL.decode(text) : nil
        guard let map = bytes.flatMap({ try? AttributeValue(json: $0) })?.complex, let name = map["tenant"]?.string,
            let number = map["change"]?.integer, (0..<Int64.max).contains(number)
        else { throw malformed }
        guard name == tenant.name else {
            throw .invalidCursor("the cursor belongs to another tenant; read from the beginning, without one")
        }
        var position: Int?
        if let value = map["told"] {
            guard let told = value.integer, (0...Int64(Int32.max)).contains(told), number > 0 else { throw malformed }
            position = Int(told)
        }
        self.init(tenant: tenant, number: number, position: position)
    }
}
