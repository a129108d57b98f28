/// The parameters of requests.
struct OpenAPIParameters {
    /// One of them.
    enum Name: String, CaseIterable {
        case id, attributes, excludedAttributes, sortOrder, startIndex, count, cursor
        case ifMatch = "If-Match"
        case ifNoneMatch = "If-None-Match"
    }

    private let configuration: ServiceProviderConfig

    init(_ configuration: ServiceProviderConfig) { self.configuration = configuration }

    /// The parameters that are the same everywhere, as components.
    var document: AttributeMap {
        AttributeMap(Name.allCases.filter(isServed).map { .init(name: $0.rawValue, value: parameter($0)) })
    }

    /// References to those of the parameters that the server understands.
    func references(_ names: [Name]) -> [AttributeValue] {
        names.filter(isServed).map { ["$ref": .string("#/components/parameters/\($0.rawValue)")] }
    }

    /// The parameters of a search by GET (RFC 7644 §3.4.2, RFC 9865 §2).
    /// - Parameters:
    ///   - filter: The name of the schema of filters.
    ///   - sortAttribute: The name of the schema of what is sorted by.
    func search(filter: String, sortAttribute: String) -> [AttributeValue] {
        var parameters: [AttributeValue] = []
        if configuration.filterMaximumResults != nil {
            parameters.append(
                Self.query("filter", "What resources must fulfil (RFC 7644 §3.4.2.2); none for all", OpenAPISchemas.reference(filter)))
        }
        if configuration.supportsSort {
            parameters.append(
                Self.query(
                    "sortBy", "The attribute by whose values results are ordered (RFC 7644 §3.4.2.3)",
                    OpenAPISchemas.reference(sortAttribute)))
        }
        return parameters + references([.sortOrder, .startIndex, .count, .cursor, .attributes, .excludedAttributes])
    }

    private func isServed(_ name: Name) -> Bool {
        switch name {
        case .id, .attributes, .excludedAttributes, .count: true
        case .sortOrder: configuration.supportsSort
        case .startIndex: configuration.pagination?.supportsIndex ?? true
        case .cursor: configuration.pagination?.supportsCursor ?? false
        case .ifMatch, .ifNoneMatch: configuration.supportsETag
        }
    }

    private func parameter(_ name: Name) -> AttributeValue {
        switch name {
        case .id:
            [
                "name": "id", "in": "path", "required": true, "description": "Identifier of the resource",
                "schema": ["type": "string", "minLength": 1, "maxLength": 512],
            ]
        case .attributes:
            Self.query(
                "attributes", "Names of the attributes to return, with commas between; without it all that are returned by default",
                ["type": "string"])
        case .excludedAttributes:
            Self.query(
                "excludedAttributes", "Names of attributes not to return, with commas between; means nothing beside attributes",
                ["type": "string"])
        case .sortOrder:
            Self.query("sortOrder", "Whether the least value comes first", OpenAPISchemas.sortOrder)
        case .startIndex:
            Self.query(
                "startIndex", "Number of the first result, counted from 1; does not go with cursor", OpenAPISchemas.startIndex)
        case .count:
            Self.query("count", "How many results are wanted; the server may give fewer", OpenAPISchemas.count(configuration))
        case .cursor:
            Self.query(
                "cursor",
                "Leads to a page (RFC 9865): empty for the first, then the nextCursor or previousCursor of an answer to the same search",
                OpenAPISchemas.cursor, [.init(name: "allowEmptyValue", value: true), .init(name: "example", value: "")])
        case .ifMatch:
            Self.precondition(
                name, "Entity tags with commas between, or *: answered 412 where the resource has none of them", example: "*")
        case .ifNoneMatch:
            Self.precondition(
                name, "Entity tags with commas between, or *: answered 304 where the resource has one of them", example: "W/\"3\"")
        }
    }

    private static func query(
        _ name: String, _ description: String, _ schema: AttributeValue, _ more: [AttributeMap.Member] = []
    ) -> AttributeValue {
        let map: AttributeMap = ["name": .string(name), "in": "query", "description": .string(description), "schema": schema]
        return .complex(AttributeMap(map.members + more))
    }

    private static func precondition(_ name: Name, _ description: String, example: String) -> AttributeValue {
        [
            "name": .string(name.rawValue), "in": "header", "description": .string(description + " (RFC 7644 §3.14)"),
            "schema": ["type": "string", "pattern": .string(OpenAPIPatterns.entityTags)], "example": .string(example),
        ]
    }
}
