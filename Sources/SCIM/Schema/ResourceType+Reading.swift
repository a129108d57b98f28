extension ResourceType {
    /// Reads a resource type from the document that `/ResourceTypes/{name}` answers (RFC 7643 §6). The slash in front of
    /// `endpoint` may be missing.
    ///
    /// Whether the schemas exist, and whether name and endpoint are free, is for ``SchemaRegistry/extended(by:)`` to say.
    /// - Throws: All that is wrong with it.
    public init(document: AttributeValue) throws(SchemaFindings) {
        var reading = SchemaReading(file: "")
        let type = ResourceType(document, at: "", &reading)
        guard let type, !reading.hasErrors else { throw SchemaFindings(reading.findings) }
        self = type
    }

    private static let members = ["schemas", "id", "name", "description", "endpoint", "schema", "schemaExtensions", "meta"]

    /// The paths of RFC 7644 §3.2 that are no resource types.
    static let reservedEndpoints = ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/Bulk", "/Me"]

    init?(_ document: AttributeValue, at path: String, _ reading: inout SchemaReading) {
        guard case .complex(let map) = document else {
            reading.error(path, "a JSON object with a resource type is wanted")
            return nil
        }
        func place(_ name: String) -> String { SchemaReading.join(path, name) }
        reading.checkMembers(of: map, at: path, known: Self.members)
        let name = reading.demandedText("name", of: map, at: path)
        if let name, !name.isWord {
            reading.error(place("name"), "'\(name.prefix(40))' is no name: a letter is wanted, then letters, digits, '-' and '_'")
        }
        if let name, let id = reading.text("id", of: map, at: path), id != name {
            reading.error(place("id"), "the id is the name, '\(name)'; leave it out")
        }
        var endpoint = reading.demandedText("endpoint", of: map, at: path)
        if let given = endpoint {
            let slashed = given.hasPrefix("/") ? given : "/" + given
            endpoint = slashed
            if !String(slashed.dropFirst()).isWord {
                reading.error(
                    place("endpoint"), "'\(given.prefix(40))' is no endpoint: one part of a path is wanted, such as /Devices")
            } else if let reserved = Self.reservedEndpoints.first(where: { $0.isSameName(as: slashed) }) {
                reading.error(place("endpoint"), "\(reserved) is an endpoint of the protocol (RFC 7644 §3.2); choose another one")
            }
        }
        let schema = reading.demandedText("schema", of: map, at: path)
        var extensions: [Extension] = []
        for (number, element) in (reading.elements("schemaExtensions", of: map, at: path) ?? []).enumerated() {
            let place = "\(place("schemaExtensions"))[\(number)]"
            guard case .complex(let part) = element else {
                reading.error(place, "a JSON object with schema and required is wanted")
                continue
            }
            // Okta's examples have "resourceType" here, which says nothing.
            reading.checkMembers(of: part, at: place, known: ["schema", "required", "resourceType"])
            guard let urn = reading.demandedText("schema", of: part, at: place) else { continue }
            if extensions.contains(where: { $0.schema.isSameName(as: urn) }) {
                reading.error(place + ".schema", "the extension is named twice")
            } else if let schema, schema.isSameName(as: urn) {
                reading.error(place + ".schema", "this is the resource type's own schema, no extension")
            } else {
                extensions.append(Extension(schema: urn, isRequired: reading.flag("required", of: part, at: place) ?? false))
            }
        }
        let description = reading.text("description", of: map, at: path) ?? ""
        guard let name, let endpoint, let schema else { return nil }
        self.init(name: name, endpoint: endpoint, description: description, schema: schema, schemaExtensions: extensions)
    }
}

extension String {
    /// Whether this is a letter followed by letters, digits, `-` and `_`, not too long.
    fileprivate var isWord: Bool {
        utf8.count <= 64 && utf8.first?.isLetter == true
            && utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    }
}
