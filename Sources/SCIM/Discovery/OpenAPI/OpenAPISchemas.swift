/// The JSON Schemas (2020-12) of requests and answers.
struct OpenAPISchemas {
    let resources: [OpenAPIResource]
    let configuration: ServiceProviderConfig

    /// The names of the schemas that there are whatever the resource types.
    static let fixedNames = [
        "Error", "ListResponse", "ResourceList", "SearchRequest", "Filter", "SortAttribute", "BulkRequest", "BulkResponse", "EventPoll",
        "EventPollAnswer", "KeySet", "ServiceProviderConfig", "ResourceType", "ResourceTypeList", "Schema", "SchemaList", "Description",
    ]

    /// A reference to a schema.
    static func reference(_ name: String) -> AttributeValue { ["$ref": .string("#/components/schemas/\(name)")] }

    /// All schemas by name.
    var document: AttributeMap {
        var map = AttributeMap()
        for resource in resources { append(resource, to: &map) }
        map.append("Error", Self.error)
        map.append("ListResponse", listResponse)
        map.append(
            "ResourceList", Self.list(of: ["anyOf": .array(resources.map { Self.reference($0.name(.resource)) })], "Resources of all types")
        )
        if configuration.filterMaximumResults != nil { map.append("Filter", filter(of: sharedPaths)) }
        if configuration.supportsSort { map.append("SortAttribute", sortAttribute(of: sharedPaths)) }
        map.append("SearchRequest", search(filter: "Filter", sortAttribute: "SortAttribute"))
        if let bulk = configuration.bulk {
            map.append("BulkRequest", bulkRequest(bulk))
            map.append("BulkResponse", Self.bulkResponse)
        }
        map.append("EventPoll", Self.eventPoll)
        map.append("EventPollAnswer", Self.eventPollAnswer)
        map.append("KeySet", Self.keySet)
        map.append("ServiceProviderConfig", Self.discovery(.serviceProviderConfig))
        map.append("ResourceType", Self.discovery(.resourceType))
        map.append("ResourceTypeList", Self.list(of: Self.reference("ResourceType"), "The resource types"))
        map.append("Schema", Self.discovery(.schema))
        map.append("SchemaList", Self.list(of: Self.reference("Schema"), "The schemas"))
        map.append("Description", Self.description)
        return map
    }

    // MARK: Of a resource type

    private func append(_ resource: OpenAPIResource, to map: inout AttributeMap) {
        map.append(resource.name(.resource), resource.answer)
        map.append(resource.name(.attributes), resource.attributes)
        map.append(resource.name(.request), resource.request)
        map.append(
            resource.name(.list), Self.list(of: Self.reference(resource.name(.resource)), "Resources of the type \(resource.type.name)"))
        if configuration.supportsPatch {
            map.append(resource.name(.patch), patch(of: resource))
            map.append(resource.name(.path), resource.patchPath)
        }
        if configuration.filterMaximumResults != nil { map.append(resource.name(.filter), filter(of: resource.paths)) }
        if configuration.supportsSort { map.append(resource.name(.sortAttribute), sortAttribute(of: resource.paths)) }
        map.append(
            resource.name(.search), search(filter: resource.name(.filter), sortAttribute: resource.name(.sortAttribute)))
    }

    /// What the first resource type has in common with all others: a search over all types may name it.
    private var sharedPaths: [OpenAPIResource.Path] {
        let others = resources.dropFirst().map { Set($0.paths.map(\.text)) }
        return resources.first?.paths.filter { path in others.allSatisfy { $0.contains(path.text) } } ?? []
    }

    // MARK: Searches

    /// One page of results.
    private static func list(of item: AttributeValue, _ description: String) -> AttributeValue {
        [
            "description": .string(description),
            "allOf": [reference("ListResponse"), ["properties": ["Resources": ["type": "array", "items": item]]]],
        ]
    }

    private var listResponse: AttributeValue {
        let number: AttributeValue = ["type": "integer", "minimum": 0]
        var properties: AttributeMap = ["schemas": Self.message(MessageSchema.listResponse)]
        properties.append("totalResults", Self.described(number, "How many resources there are on all pages together"))
        properties.append("startIndex", Self.described(number, "Number of the first resource of the page, counted from 1"))
        properties.append("itemsPerPage", Self.described(number, "How many resources the page has"))
        if isCursorServed {
            properties.append("nextCursor", Self.described(Self.cursor, "Leads to the next page; not on the last one"))
            properties.append("previousCursor", Self.described(Self.cursor, "Leads to the page before; not on the first one"))
        }
        properties.append("Resources", ["type": "array", "items": ["type": "object"]])
        return Self.object(
            "One page of results (RFC 7644 §3.4.2, RFC 9865 §2)", properties, required: ["schemas", "itemsPerPage", "Resources"])
    }

    private func search(filter: String, sortAttribute: String) -> AttributeValue {
        var properties: AttributeMap = ["schemas": Self.message(MessageSchema.searchRequest)]
        if configuration.filterMaximumResults != nil { properties.append("filter", Self.reference(filter)) }
        if configuration.supportsSort {
            properties.append("sortBy", Self.reference(sortAttribute))
            properties.append("sortOrder", Self.sortOrder)
        }
        if configuration.pagination?.supportsIndex ?? true {
            properties.append("startIndex", Self.described(Self.startIndex, "Number of the first result; does not go with cursor"))
        }
        properties.append("count", Self.described(Self.count(configuration), "How many results are wanted"))
        if isCursorServed {
            properties.append("cursor", Self.described(Self.cursor, "Leads to a page (RFC 9865 §3); empty for the first"))
        }
        let names: AttributeValue = ["type": "array", "items": ["type": "string"], "maxItems": 500]
        properties.append("attributes", Self.described(names, "Names of the attributes to return"))
        properties.append("excludedAttributes", Self.described(names, "Names of attributes not to return"))
        return Self.object(
            "A search by POST (RFC 7644 §3.4.3)", properties, required: ["schemas"],
            more: isCursorServed ? ["not": ["required": ["startIndex", "cursor"]]] : [:])
    }

    private var isCursorServed: Bool { configuration.pagination?.supportsCursor == true }

    /// The order of results.
    static let sortOrder: AttributeValue = ["type": "string", "enum": ["ascending", "descending"], "default": "ascending"]
    /// The number of a result.
    static let startIndex: AttributeValue = ["type": "integer", "default": 1]
    /// What leads to a page.
    static let cursor: AttributeValue = ["type": "string", "pattern": .string(OpenAPIPatterns.cursor), "maxLength": 4096]

    /// The number of results.
    static func count(_ configuration: ServiceProviderConfig) -> AttributeValue {
        var map: AttributeMap = ["type": "integer"]
        if let size = configuration.pagination?.defaultPageSize { map.append("default", .integer(Int64(size))) }
        return .complex(map)
    }

    private func filter(of paths: [OpenAPIResource.Path]) -> AttributeValue {
        var choices = OpenAPIPatterns.comparisons(of: paths).map { ["type": "string", "pattern": .string($0)] as AttributeValue }
        choices.append(
            ["type": "string", "description": "Any other filter; the pattern is its outline", "pattern": .string(OpenAPIPatterns.filter)])
        return [
            "description": "A filter (RFC 7644 §3.4.2.2): one comparison, or several with and, or, not and parentheses",
            "anyOf": .array(choices), "examples": ["externalId eq \"701984\"", "meta.lastModified gt \"2011-05-13T04:42:34Z\""],
        ]
    }

    private func sortAttribute(of paths: [OpenAPIResource.Path]) -> AttributeValue {
        let names = paths.filter { !$0.isHidden && $0.leaf.type != .complex }.map { AttributeValue.string($0.text) }
        return ["type": "string", "description": "Name of an attribute whose values have an order", "enum": .array(names)]
    }

    // MARK: Changes

    private func patch(of resource: OpenAPIResource) -> AttributeValue {
        func kinds(_ names: [String]) -> AttributeValue {
            ["type": "string", "enum": .array(names.map { .string($0) })]
        }
        // Entra ID writes them with a capital.
        let (setting, removing) = (kinds(["add", "replace", "Add", "Replace"]), kinds(["remove", "Remove"]))
        let path = Self.reference(resource.name(.path))
        let kept = resource.changeable.filter { ($0.part ?? $0.attribute).isRequired }.map { AttributeValue.string($0.text) }
        let removed: AttributeValue = kept.isEmpty ? path : ["allOf": [path], "not": ["enum": .array(kept)]]
        let choices: [AttributeValue] = [
            Self.object("Sets what is at the path", ["op": setting, "path": path, "value": true], required: ["op", "path", "value"]),
            Self.object(
                "Sets the attributes that are given", ["op": setting, "value": Self.reference(resource.name(.attributes))],
                required: ["op", "value"]),
            Self.object("Removes what is at the path", ["op": removing, "path": removed], required: ["op", "path"]),
        ]
        return Self.object(
            "Operations that are carried out in order, all or none (RFC 7644 §3.5.2)",
            [
                "schemas": Self.message(MessageSchema.patchOp, isOptional: true),
                "Operations": [
                    "type": "array", "minItems": 1, "maxItems": .integer(Int64(PatchRequest.maximumOperations)),
                    "items": ["anyOf": .array(choices)],
                ],
            ], required: ["Operations"])
    }

    private func bulkRequest(_ bulk: ServiceProviderConfig.Bulk) -> AttributeValue {
        let methods = BulkOperation.Method.allCases.map { AttributeValue.string($0.rawValue) }
        let operation = Self.object(
            "What a single request would be",
            [
                "method": ["type": "string", "enum": .array(methods)],
                "bulkId": [
                    "type": "string",
                    "description": "The client's name for what a POST creates, unique in the request; data refers to it as bulkId:name",
                ],
                "version": ["type": "string", "description": "Entity tag that the resource must have"],
                "path": [
                    "type": "string", "description": "Path below the base URL",
                    "examples": .array(resources.flatMap { [.string($0.type.endpoint), .string($0.type.endpoint + "/{id}")] }),
                ],
                "data": ["description": "The body: a resource, or a PATCH message"],
            ], required: ["method", "path"])
        return Self.object(
            "Operations that succeed or fail each for itself (RFC 7644 §3.7)",
            [
                "schemas": Self.message(MessageSchema.bulkRequest, isOptional: true),
                "failOnErrors": [
                    "type": ["integer", "null"], "minimum": 1, "description": "After how many errors the rest is left undone",
                ],
                "Operations": [
                    "type": "array", "minItems": 1, "items": operation,
                    "description": .string("At most \(bulk.maximumOperations), in a body of at most \(bulk.maximumPayloadBytes) bytes"),
                ],
            ], required: ["Operations"])
    }
}
