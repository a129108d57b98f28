/// What the attributes of one resource type are, read from the documents that the server publishes (RFC 7643 §7).
struct ReferenceSchema: Sendable {
    /// The characteristics of an attribute that a filter asks for.
    struct Attribute: Sendable {
        var type: String
        var isCaseExact: Bool
        var parts: [String: Attribute] = [:]
    }

    /// The attributes by the lower-case URN of their schema; those that every resource has stand at "".
    private var attributes: [String: [String: Attribute]]
    /// The lower-case URN of the type's core schema.
    let core: String

    /// - Parameters:
    ///   - documents: Those of the type's schemas.
    ///   - core: The URN of the type's core schema.
    init(_ documents: [PlainJSON], core: String) {
        self.core = core.lowercased()
        func read(_ definitions: PlainJSON?) -> [String: Attribute] {
            Dictionary(
                (definitions?.elements ?? []).map { definition in
                    let attribute = Attribute(
                        type: definition["type"]?.text ?? "string", isCaseExact: definition["caseExact"]?.flag ?? false,
                        parts: read(definition["subAttributes"]))
                    return (definition["name"]?.text?.lowercased() ?? "", attribute)
                }
            ) { first, _ in first }
        }
        // RFC 7643 §3 and §3.1: these are in no schema.
        attributes = [
            "": [
                "schemas": Attribute(type: "reference", isCaseExact: true), "id": Attribute(type: "string", isCaseExact: true),
                "externalid": Attribute(type: "string", isCaseExact: true),
                "meta": Attribute(
                    type: "complex", isCaseExact: false,
                    parts: [
                        "resourcetype": Attribute(type: "string", isCaseExact: true),
                        "created": Attribute(type: "dateTime", isCaseExact: false),
                        "lastmodified": Attribute(type: "dateTime", isCaseExact: false),
                        "location": Attribute(type: "reference", isCaseExact: true),
                        "version": Attribute(type: "string", isCaseExact: true),
                    ]),
            ]
        ]
        for document in documents { attributes[document["id"]?.text?.lowercased() ?? ""] = read(document["attributes"]) }
    }

    /// The attribute, or the part of one, that a path of ``ReferenceFilter`` names; nil where there is none.
    func attribute(_ path: [String]) -> Attribute? {
        let (schema, name) = (path[0].lowercased(), path[1].lowercased())
        let found = schema.isEmpty ? attributes[""]?[name] ?? attributes[core]?[name] : attributes[schema]?[name]
        guard path.count > 2 else { return found }
        return found?.parts[path[2].lowercased()]
    }
}
