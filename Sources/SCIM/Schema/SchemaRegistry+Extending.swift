extension SchemaRegistry {
    /// The registry with what a site's files say, and all that is wrong with them.
    ///
    /// A file holds a schema (RFC 7643 §7), a resource type (§6), an array of these, or a ListResponse as `/Schemas`
    /// answers it. What tells them apart is `schemas`, or else that a schema has `attributes`.
    ///
    /// - A schema with the URN of one that is there adds its attributes to it; what is defined already cannot be changed.
    /// - Another schema extends the resource types that it names: `"resourceTypes": ["User"]`, with `"required": true` where
    ///   each resource must have it. Or a resource type names it as its `schema` or among its `schemaExtensions`.
    /// - A resource type with the name of one that is there adds its extensions to it.
    ///
    /// - Parameter files: The files with their names, in the order in which they are read. An order by name keeps answers
    ///   the same on each start.
    /// - Returns: The registry; the attributes for which an index is wanted, by the name of the resource type, in the
    ///   spelling of ``ResolvedAttribute/name``; and the findings. With an error among them the registry is not to be used.
    public func extended(
        by files: [(name: String, document: AttributeValue)]
    ) -> (registry: SchemaRegistry, indexed: [String: [String]], findings: [SchemaFinding]) {
        var draft = RegistryExtension(self)
        for file in files { draft.read(file.document, file: file.name) }
        return draft.result()
    }
}

/// A registry on its way.
private struct RegistryExtension {
    private var types: [ResourceType]
    private var schemas: [Schema]
    private var findings: [SchemaFinding] = []
    private var readTypes: [(type: ResourceType, file: String, path: String)] = []
    private var readSchemas: [(schema: SchemaFile, file: String)] = []
    private let original: SchemaRegistry

    init(_ registry: SchemaRegistry) {
        original = registry
        types = registry.resourceTypes
        schemas = registry.schemas
    }

    // MARK: Reading

    mutating func read(_ document: AttributeValue, file: String) {
        var reading = SchemaReading(file: file)
        if let elements = document.array {
            read(elements, at: "", file, &reading)
        } else if let elements = document["Resources"]?.array {
            read(elements, at: "Resources", file, &reading)
        } else {
            readOne(document, at: "", file, &reading)
        }
        findings += reading.findings
    }

    private mutating func read(_ elements: [AttributeValue], at path: String, _ file: String, _ reading: inout SchemaReading) {
        if elements.isEmpty { reading.error(path, "there is nothing in it; a schema or a resource type is wanted") }
        for (number, element) in elements.enumerated() { readOne(element, at: "\(path)[\(number)]", file, &reading) }
    }

    private mutating func readOne(_ document: AttributeValue, at path: String, _ file: String, _ reading: inout SchemaReading) {
        switch Self.kind(of: document) {
        case Schema.schema.id?:
            if let schema = SchemaFile(document, at: path, &reading) { readSchemas.append((schema, file)) }
        case Schema.resourceType.id?:
            let count = reading.findings.count
            let type = ResourceType(document, at: path, &reading)
            // A resource type with an error is not used at all: half of one would be another one.
            if let type, reading.findings[count...].allSatisfy({ $0.severity == .warning }) { readTypes.append((type, file, path)) }
        default:
            reading.error(path, "neither a schema, which has 'attributes', nor a resource type, which has 'endpoint'")
        }
    }

    private static func kind(of document: AttributeValue) -> String? {
        let named = document["schemas"]?.array?.compactMap(\.string) ?? []
        for schema in [Schema.schema, .resourceType] where named.contains(where: { $0.isSameName(as: schema.id) }) { return schema.id }
        if document["attributes"] != nil { return Schema.schema.id }
        return document["endpoint"] != nil || document["schema"] != nil ? Schema.resourceType.id : nil
    }

    // MARK: Joining

    mutating func result() -> (registry: SchemaRegistry, indexed: [String: [String]], findings: [SchemaFinding]) {
        for item in readSchemas { add(item.schema, item.file) }
        for item in readTypes { add(item.type, item.file, item.path) }
        for item in readSchemas { bind(item.schema, item.file) }
        for item in readSchemas { checkUse(item.schema, item.file) }
        let registry = SchemaRegistry(resourceTypes: types, schemas: schemas)
        var indexed: [String: [String]] = [:]
        for item in readSchemas {
            for type in types { indexed[type.name, default: []] += names(item.schema, in: type, registry) }
        }
        return (registry, indexed.filter { !$0.value.isEmpty }, findings)
    }

    private mutating func error(_ file: String, _ path: String, _ problem: String, _ severity: SchemaFinding.Severity = .error) {
        findings.append(SchemaFinding(severity, file: file, path: path, problem: problem))
    }

    private func index(ofSchema urn: String) -> Int? { schemas.firstIndex { $0.id.isSameName(as: urn) } }

    private mutating func add(_ file: SchemaFile, _ name: String) {
        guard let place = index(ofSchema: file.schema.id) else {
            schemas.append(file.schema)
            return
        }
        let idPath = SchemaReading.join(file.path, "id")
        guard original.schema(file.schema.id) != nil else {
            return error(name, idPath, "the schema \(file.schema.id) is defined twice; put its attributes into one file")
        }
        for (attribute, path) in zip(file.schema.attributes, file.places) {
            guard let existing = schemas[place].attribute(attribute.name) else {
                schemas[place].attributes.append(attribute)
                continue
            }
            // What was copied from an answer of /Schemas may stay in the file.
            if existing != attribute {
                error(
                    name, SchemaReading.join(path, "name"),
                    "\(schemas[place].name) has an attribute '\(existing.name)' already, which cannot be changed; choose another name")
            }
        }
    }

    private mutating func add(_ type: ResourceType, _ file: String, _ path: String) {
        func place(_ name: String) -> String { SchemaReading.join(path, name) }
        func nearest(_ urn: String) -> String { NearestName.suffix(urn, among: schemas.map(\.id)) }
        var known: [ResourceType.Extension] = []
        for (number, item) in type.schemaExtensions.enumerated() {
            guard let found = index(ofSchema: item.schema) else {
                error(file, place("schemaExtensions[\(number)].schema"), "there is no schema \(item.schema)" + nearest(item.schema))
                continue
            }
            known.append(.init(schema: schemas[found].id, isRequired: item.isRequired))
        }
        if let existing = types.firstIndex(where: { $0.name.isSameName(as: type.name) }) {
            let there = types[existing]
            guard original.resourceType(named: type.name) != nil else {
                return error(file, place("name"), "the resource type '\(there.name)' is defined twice")
            }
            guard there.schema.isSameName(as: type.schema), there.endpoint == type.endpoint else {
                return error(
                    file, place("name"),
                    "there is a resource type '\(there.name)' with the endpoint \(there.endpoint) and the schema \(there.schema) already; "
                        + "name these to add extensions to it, or choose another name")
            }
            for item in known { bind(item, to: existing) }
            return
        }
        if let taken = types.first(where: { $0.endpoint.isSameName(as: type.endpoint) }) {
            return error(file, place("endpoint"), "\(taken.endpoint) is the endpoint of '\(taken.name)' already")
        }
        guard let base = index(ofSchema: type.schema) else {
            return error(file, place("schema"), "there is no schema \(type.schema)" + nearest(type.schema))
        }
        types.append(
            ResourceType(
                name: type.name, endpoint: type.endpoint, description: type.description, schema: schemas[base].id,
                schemaExtensions: known))
    }

    /// Adds an extension to a resource type, or says anew whether it is required.
    private mutating func bind(_ item: ResourceType.Extension, to type: Int) {
        if let place = types[type].schemaExtensions.firstIndex(where: { $0.schema.isSameName(as: item.schema) }) {
            types[type].schemaExtensions[place].isRequired = item.isRequired
        } else {
            types[type].schemaExtensions.append(item)
        }
    }

    /// Binds a schema to the resource types that it names.
    private mutating func bind(_ file: SchemaFile, _ name: String) {
        for item in file.resourceTypes {
            guard let type = types.firstIndex(where: { $0.name.isSameName(as: item.name) }) else {
                error(
                    name, item.path,
                    "there is no resource type '\(item.name)'" + NearestName.suffix(item.name, among: types.map(\.name)))
                continue
            }
            if types[type].schema.isSameName(as: file.schema.id) {
                error(name, item.path, "this is the own schema of '\(types[type].name)', no extension; leave the member out")
                continue
            }
            bind(.init(schema: file.schema.id, isRequired: file.isRequired), to: type)
        }
    }

    /// Finds references to what there is not, and schemas and names that lead nowhere.
    private mutating func checkUse(_ file: SchemaFile, _ name: String) {
        let known = types.map(\.name) + ["external", "uri"]
        for (attribute, path) in zip(file.schema.attributes, file.places) {
            let parts = attribute.subAttributes.enumerated().map { ($1, "\(path).subAttributes[\($0)]") }
            for (definition, path) in [(attribute, path)] + parts {
                for type in definition.referenceTypes where !known.contains(type) {
                    error(
                        name, SchemaReading.join(path, "referenceTypes"),
                        "'\(type)' is no resource type, nor 'external' or 'uri'" + NearestName.suffix(type, among: known))
                }
            }
        }
        let users = types.filter { $0.schema.isSameName(as: file.schema.id) }
        let extended = types.filter { $0.schemaExtensions.contains { $0.schema.isSameName(as: file.schema.id) } }
        if users.isEmpty, extended.isEmpty {
            error(
                name, SchemaReading.join(file.path, "id"),
                "no resource type has this schema; name one in 'resourceTypes', or in a resource type's document", .warning)
        }
        for type in extended {
            guard let base = index(ofSchema: type.schema) else { continue }
            for (attribute, path) in zip(file.schema.attributes, file.places) where schemas[base].attribute(attribute.name) != nil {
                error(
                    name, SchemaReading.join(path, "name"),
                    "\(type.name) has an attribute '\(attribute.name)' of its own, which is meant where the URN is left out", .warning)
            }
        }
    }

    /// The names of what is to be indexed, as paths of resources of `type`.
    private func names(_ file: SchemaFile, in type: ResourceType, _ registry: SchemaRegistry) -> [String] {
        let isBase = type.schema.isSameName(as: file.schema.id)
        guard isBase || type.schemaExtensions.contains(where: { $0.schema.isSameName(as: file.schema.id) }),
            let schema = registry.schema(file.schema.id)
        else { return [] }
        return file.indexed.compactMap { name in
            let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
            guard let attribute = schema.attribute(parts[0]) else { return nil }
            let part = parts.count > 1 ? attribute.subAttribute(parts[1]) : nil
            return ResolvedAttribute(schema: isBase ? nil : schema.id, attribute: attribute, subAttribute: part).name
        }
    }
}
