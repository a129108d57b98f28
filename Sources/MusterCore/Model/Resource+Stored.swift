package import SCIM

extension Resource {
    /// The resource that a stored document holds, without meta, members and groups.
    /// - Throws: ``StoreError`` `unavailable` when the document is damaged.
    package init(stored: StoredResource) throws {
        guard case .complex(let attributes) = try AttributeValue(json: stored.document) else {
            throw StoreError(.unavailable, "the stored document of \(stored.key.type) \(stored.key.id) is damaged")
        }
        self.init(attributes: attributes)
    }

    /// The bytes that the store keeps.
    package var document: [UInt8] { AttributeValue.complex(attributes).jsonBytes }

    /// Whether a user may sign in: only an explicit `true` says so.
    package var isActive: Bool { self["active"] == true }

    /// The id of a user's manager, or nil.
    package var managerID: String? { self[Schema.enterpriseUser.id]?["manager"]?["value"]?.string }
}
