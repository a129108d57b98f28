extension Schema {
    /// Reads a schema from the document that `/Schemas/{id}` answers (RFC 7643 §7).
    ///
    /// Characteristics that are left out are those of RFC 7643 §2.2; `name` is the last part of the URN. An attribute may
    /// have two members that the RFC has not: `"closed": true` refuses other values than the canonical ones, and
    /// `"indexed": true` asks for an index. The schema may have `resourceTypes` and `required`, see
    /// ``SchemaRegistry/extended(by:)``.
    /// - Throws: All that is wrong with it. Warnings alone throw nothing.
    public init(document: AttributeValue) throws(SchemaFindings) {
        var reading = SchemaReading(file: "")
        let file = SchemaFile(document, at: "", &reading)
        guard let file, !reading.hasErrors else { throw SchemaFindings(reading.findings) }
        self = file.schema
    }
}

/// A site's schema, with what else the document says.
struct SchemaFile: Sendable {
    /// The schema.
    var schema: Schema
    /// The names of the resource types that it extends, each with where it stands.
    var resourceTypes: [(name: String, path: String)]
    /// Whether resources of these types must have the extension.
    var isRequired: Bool
    /// The attributes and sub-attributes for which an index is wanted: `weight`, `place.room`.
    var indexed: [String]
    /// Where each attribute stands in the document.
    var places: [String]
    /// Where the document stands in the file; "" for the whole file.
    var path: String

    private static let members = ["schemas", "id", "name", "description", "attributes", "meta", "resourceTypes", "required"]
    private static let maximumAttributes = 1000

    /// Reads a schema; nil when it has no usable URN.
    init?(_ document: AttributeValue, at path: String, _ reading: inout SchemaReading) {
        guard case .complex(let map) = document else {
            reading.error(path, "a JSON object with a schema is wanted")
            return nil
        }
        reading.checkMembers(of: map, at: path, known: Self.members)
        let id = reading.demandedText("id", of: map, at: path)
        if let id, let problem = Self.problem(ofURN: id) { reading.error(SchemaReading.join(path, "id"), problem) }
        let name = reading.text("name", of: map, at: path) ?? ""
        schema = Schema(
            id: id ?? "", name: name.isEmpty ? id.map { String($0.split(separator: ":").last ?? "") } ?? "" : name,
            description: reading.text("description", of: map, at: path) ?? "", attributes: [])
        let typesPath = SchemaReading.join(path, "resourceTypes")
        resourceTypes = (reading.texts("resourceTypes", of: map, at: path) ?? []).enumerated().map { ($1, "\(typesPath)[\($0)]") }
        isRequired = reading.flag("required", of: map, at: path) ?? false
        (indexed, places, self.path) = ([], [], path)
        let attributesPath = SchemaReading.join(path, "attributes")
        guard let elements = reading.elements("attributes", of: map, at: path), !elements.isEmpty else {
            if map["attributes"]?.array != nil || map["attributes"] == nil {
                reading.error(attributesPath, "at least one attribute is wanted")
            }
            return nil
        }
        guard elements.count <= Self.maximumAttributes else {
            reading.error(attributesPath, "more than \(Self.maximumAttributes) attributes are not accepted")
            return nil
        }
        for (number, element) in elements.enumerated() {
            let place = "\(attributesPath)[\(number)]"
            guard let attribute = AttributeFile(element, at: place, isPart: false, &reading) else { continue }
            if schema.attribute(attribute.definition.name) != nil {
                reading.error(
                    SchemaReading.join(place, "name"), "'\(attribute.definition.name)' is defined twice; names compare without case")
                continue
            }
            schema.attributes.append(attribute.definition)
            places.append(place)
            indexed += attribute.indexed
        }
        if id.map({ Self.problem(ofURN: $0) != nil }) ?? true { return nil }
    }

    /// What is wrong with a URN as the name of a schema, or nil. Paths such as `urn:…:User:department` must be readable,
    /// which narrows what a URN may hold (RFC 7644 §3.10).
    private static func problem(ofURN urn: String) -> String? {
        let parts = urn.split(separator: ":", omittingEmptySubsequences: false)
        let letters = { (byte: UInt8) in byte.isLetterOrDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") }
        guard parts.count >= 3, parts[0].lowercased() == "urn", parts.allSatisfy({ !$0.isEmpty }),
            parts[1].utf8.count >= 2, parts.dropFirst().allSatisfy({ $0.utf8.allSatisfy { letters($0) || $0 == UInt8(ascii: ".") } })
        else {
            return "a URN is wanted, such as urn:example:params:scim:schemas:extension:1.0:User; "
                + "its parts are letters, digits, '-', '_' and '.'"
        }
        let last = parts[parts.count - 1].split(separator: ".", omittingEmptySubsequences: false)
        guard last.count <= 2, last.allSatisfy({ !$0.isEmpty }) else { return "the last part of the URN may have one '.' within it" }
        for reserved in ["urn:ietf:params:scim:api:"] where urn.lowercased().hasPrefix(reserved) {
            return "URNs that begin with \(reserved) are those of messages"
        }
        for schema in [Schema.serviceProviderConfig, .resourceType, .schema] where schema.id.isSameName(as: urn) {
            return "the schema \(schema.id) cannot be changed"
        }
        return nil
    }
}

extension UInt8 {
    /// Whether this is an ASCII letter or digit.
    var isLetterOrDigit: Bool { isLetter || self &- UInt8(ascii: "0") < 10 }

    /// Whether this is an ASCII letter.
    var isLetter: Bool { asciiLowercased &- UInt8(ascii: "a") < 26 }
}
