/// A resource type with what its description needs: its schemas, and the names of its components and operations.
struct OpenAPIResource: Sendable {
    /// An extension of the type.
    struct Extension: Sendable {
        let schema: Schema
        let isRequired: Bool
    }

    /// The schemas that are made for each resource type.
    enum Component: String, CaseIterable, Sendable {
        /// The resource in answers.
        case resource = ""
        /// What a client may write of it.
        case attributes = "Attributes"
        /// The body of POST and PUT.
        case request = "Request"
        /// The body of PATCH.
        case patch = "Patch"
        /// One page of results.
        case list = "List"
        /// The body of a `POST .search`.
        case search = "Search"
        /// A filter.
        case filter = "Filter"
        /// What results are sorted by.
        case sortAttribute = "SortAttribute"
        /// Where a PATCH leads.
        case path = "Path"
    }

    let type: ResourceType
    let schema: Schema
    let extensions: [Extension]
    /// What the names of components and of operations on one resource end with: `User`.
    let singular: String
    /// What the names of operations on several resources end with: `Users`.
    let plural: String

    /// The name of a schema.
    func name(_ component: Component) -> String { singular + component.rawValue }

    /// All resource types, in the order of their publication.
    static func all(of registry: SchemaRegistry) -> [OpenAPIResource] {
        var names = OpenAPINames(reserved: OpenAPISchemas.fixedNames + OpenAPIPaths.fixedOperationIDs)
        return registry.resourceTypes.compactMap { type in
            guard let schema = registry.schema(type.schema) else { return nil }
            let singular = names.stem(OpenAPINames.identifier(type.name)) { stem in
                Component.allCases.map { stem + $0.rawValue } + OpenAPIPaths.operations(onOne: stem)
            }
            let plural = names.stem(OpenAPINames.identifier(type.endpoint), of: OpenAPIPaths.operations(onSeveral:))
            return OpenAPIResource(
                type: type, schema: schema,
                extensions: type.schemaExtensions.compactMap { item in
                    registry.schema(item.schema).map { Extension(schema: $0, isRequired: item.isRequired) }
                },
                singular: singular, plural: plural)
        }
    }
}

extension OpenAPIResource {
    /// The name of an attribute as clients write it in filters and paths, with its definition.
    struct Path: Sendable {
        let text: String
        /// The attribute.
        let attribute: AttributeDefinition
        /// The sub-attribute that is named; nil where the whole attribute is.
        let part: AttributeDefinition?

        /// The definition whose values are compared: of a complex attribute named alone its `value`.
        var leaf: AttributeDefinition { part ?? attribute.subAttribute("value") ?? attribute }

        /// Whether values are never shown.
        var isHidden: Bool { [attribute, leaf].contains(where: \.isNeverKept) }
    }

    /// The names of all attributes and sub-attributes: common ones, those of the core schema, those of the extensions.
    var paths: [Path] {
        var paths: [Path] = []
        func append(_ attributes: [AttributeDefinition], prefix: String) {
            for attribute in attributes {
                let name = prefix + attribute.name
                paths.append(Path(text: name, attribute: attribute, part: nil))
                for part in attribute.subAttributes { paths.append(Path(text: "\(name).\(part.name)", attribute: attribute, part: part)) }
            }
        }
        append(AttributeDefinition.common, prefix: "")
        append(schema.attributes, prefix: "")
        for item in extensions { append(item.schema.attributes, prefix: item.schema.id + ":") }
        return paths
    }
}
