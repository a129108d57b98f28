/// The endpoints and their operations (RFC 7644 §3.2).
struct OpenAPIPaths {
    private let resources: [OpenAPIResource]
    private let configuration: ServiceProviderConfig
    private let parameters: OpenAPIParameters
    /// The path items by path.
    private(set) var document = AttributeMap()
    /// The groups of operations, in the order of their first use.
    private(set) var tags: [String] = []

    /// The names of the operations that there are whatever the resource types.
    static let fixedOperationIDs = [
        "listAll", "searchAll", "getMe", "replaceMe", "patchMe", "deleteMe", "runBulk", "pollEvents", "getEventKeys",
        "getServiceProviderConfig", "listResourceTypes", "getResourceType", "listSchemas", "getSchema", "getDescription",
    ]

    /// The names of the operations on one resource.
    static func operations(onOne name: String) -> [String] { ["create", "get", "replace", "patch", "delete"].map { $0 + name } }

    /// The names of the operations on several resources.
    static func operations(onSeveral name: String) -> [String] { ["list", "search"].map { $0 + name } }

    init(resources: [OpenAPIResource], configuration: ServiceProviderConfig) {
        self.resources = resources
        self.configuration = configuration
        parameters = OpenAPIParameters(configuration)
        for resource in resources { append(resource) }
        appendRoot()
        if let user = resources.first(where: { $0.type.name == ResourceType.user.name }) { appendMe(user) }
        if configuration.bulk != nil { appendBulk() }
        appendEvents()
        appendDiscovery()
    }

    /// Adds an endpoint. A resource type that has the path already keeps it, as it does in the server.
    private mutating func append(_ path: String, _ operations: [(method: String, OpenAPIOperation)]) {
        guard document[path] == nil else { return }
        for (_, operation) in operations where !tags.contains(operation.tag) { tags.append(operation.tag) }
        document.append(path, .complex(AttributeMap(operations.map { .init(name: $0.method, value: $0.1.document) })))
    }

    // MARK: Resources

    private mutating func append(_ resource: OpenAPIResource) {
        let (type, name) = (resource.type, resource.type.name)
        let endpoint = type.endpoint
        var list = OpenAPIOperation("list\(resource.plural)", tag: name, "Finds resources of the type \(name) (RFC 7644 §3.4.2)")
        list.parameters = parameters.search(filter: resource.name(.filter), sortAttribute: resource.name(.sortAttribute))
        list.responses.append(200, "A page of results", content: OpenAPIResponses.content(OpenAPISchemas.reference(resource.name(.list))))
        list.responses.append(errors: [])
        var create = OpenAPIOperation("create\(resource.singular)", tag: name, "Creates a resource (RFC 7644 §3.3)")
        create.parameters = parameters.references([.attributes, .excludedAttributes])
        create.body = OpenAPIResponses.content(OpenAPISchemas.reference(resource.name(.request)), example: resource.example)
        create.responses.append(
            201, "The resource as it was created", headers: [.location] + eTag + [.quirks], content: content(of: resource),
            links: links(to: resource))
        create.responses.append(errors: OpenAPIOperation.errorsOfBodies + [409])
        append(endpoint, [("get", list), ("post", create)])
        append(
            endpoint + "/.search",
            [("post", search("search\(resource.plural)", tag: name, resource.name(.search), answer: resource.name(.list)))])
        append(endpoint + "/{id}", single(resource, tag: name, ending: resource.singular, parameters.references([.id])))
    }

    private func content(of resource: OpenAPIResource) -> AttributeValue {
        OpenAPIResponses.content(OpenAPISchemas.reference(resource.name(.resource)))
    }

    private var eTag: [OpenAPIHeaders] { configuration.supportsETag ? [.eTag] : [] }

    /// From a new resource to the operations on it.
    private func links(to resource: OpenAPIResource) -> AttributeMap {
        let names = ["get", "replace"] + (configuration.supportsPatch ? ["patch"] : []) + ["delete"]
        return AttributeMap(
            names.map { name in
                let operation = name + resource.singular
                return .init(name: operation, value: ["operationId": .string(operation), "parameters": ["id": "$response.body#/id"]])
            })
    }

    /// The operations on one resource.
    /// - Parameters:
    ///   - ending: What the names of the operations end with.
    ///   - address: The parameters that say which resource is meant.
    private func single(
        _ resource: OpenAPIResource, tag: String, ending: String, _ address: [AttributeValue]
    ) -> [(method: String, OpenAPIOperation)] {
        let selection = parameters.references([.attributes, .excludedAttributes])
        let condition = parameters.references([.ifMatch])
        let refusals = [404, 405] + (configuration.supportsETag ? [412] : [])
        let changes = refusals + OpenAPIOperation.errorsOfBodies + [409]

        var get = OpenAPIOperation("get\(ending)", tag: tag, "Reads the resource (RFC 7644 §3.4.1)")
        get.parameters = address + selection + parameters.references([.ifNoneMatch, .ifMatch])
        get.responses.append(200, "The resource", headers: eTag, content: content(of: resource))
        if configuration.supportsETag { get.responses.append(304, "The client has this state already", headers: eTag) }
        get.responses.append(errors: refusals)

        var replace = OpenAPIOperation(
            "replace\(ending)", tag: tag, "Replaces the resource; attributes that are left out are cleared (RFC 7644 §3.5.1)")
        replace.parameters = address + selection + condition
        replace.body = OpenAPIResponses.content(OpenAPISchemas.reference(resource.name(.request)), example: resource.example)
        replace.responses.append(200, "The resource as it is now", headers: eTag + [.quirks], content: content(of: resource))
        replace.responses.append(errors: changes)

        var patch = OpenAPIOperation("patch\(ending)", tag: tag, "Changes some attributes of the resource (RFC 7644 §3.5.2)")
        patch.parameters = address + selection + condition
        patch.body = OpenAPIResponses.content(
            OpenAPISchemas.reference(resource.name(.patch)), example: OpenAPIResource.patchExample)
        patch.responses.append(200, "The resource as it is now", headers: eTag + [.quirks], content: content(of: resource))
        patch.responses.append(204, "It is changed; the client wants no answer", headers: eTag + [.quirks])
        patch.responses.append(errors: changes)

        var delete = OpenAPIOperation("delete\(ending)", tag: tag, "Deletes the resource (RFC 7644 §3.6)")
        delete.parameters = address + condition
        delete.responses.append(204, "It is deleted")
        delete.responses.append(errors: refusals + [409])

        var operations = [("get", get), ("put", replace)]
        if configuration.supportsPatch { operations.append(("patch", patch)) }
        return operations + [("delete", delete)]
    }

    private func search(_ id: String, tag: String, _ request: String, answer: String) -> OpenAPIOperation {
        var search = OpenAPIOperation(id, tag: tag, "Finds resources, with the search in the body (RFC 7644 §3.4.3)")
        search.body = OpenAPIResponses.content(
            OpenAPISchemas.reference(request),
            example: ["schemas": [.string(MessageSchema.searchRequest)], "filter": "externalId pr", "startIndex": 1, "count": 10])
        search.responses.append(200, "A page of results", content: OpenAPIResponses.content(OpenAPISchemas.reference(answer)))
        search.responses.append(errors: OpenAPIOperation.errorsOfBodies)
        return search
    }

    // MARK: All types

    private mutating func appendRoot() {
        var list = OpenAPIOperation("listAll", tag: "All types", "Finds resources of all types (RFC 7644 §3.4.2.1)")
        list.parameters = parameters.search(filter: "Filter", sortAttribute: "SortAttribute")
        list.responses.append(200, "A page of results", content: OpenAPIResponses.content(OpenAPISchemas.reference("ResourceList")))
        list.responses.append(errors: [])
        append("/", [("get", list)])
        append("/.search", [("post", search("searchAll", tag: "All types", "SearchRequest", answer: "ResourceList"))])
    }

    private mutating func appendMe(_ user: OpenAPIResource) {
        append("/Me", single(user, tag: "Me", ending: "Me", []))
    }

    private mutating func appendBulk() {
        var bulk = OpenAPIOperation("runBulk", tag: "Bulk", "Carries out several operations (RFC 7644 §3.7)")
        bulk.body = OpenAPIResponses.content(
            OpenAPISchemas.reference("BulkRequest"),
            example: [
                "schemas": [.string(MessageSchema.bulkRequest)],
                "Operations": .array(
                    resources.prefix(1).map { resource in
                        ["method": "POST", "path": .string(resource.type.endpoint), "bulkId": "qwerty", "data": resource.example]
                    }),
            ])
        bulk.responses.append(
            200, "What became of each operation", headers: [.quirks],
            content: OpenAPIResponses.content(OpenAPISchemas.reference("BulkResponse")))
        bulk.responses.append(errors: OpenAPIOperation.errorsOfBodies + [409])
        append("/Bulk", [("post", bulk)])
    }

    // MARK: Events

    private mutating func appendEvents() {
        var poll = OpenAPIOperation(
            "pollEvents", tag: "Events", "Reads what has changed, as security event tokens (RFC 9967, RFC 8936)")
        poll.body = OpenAPIResponses.content(
            OpenAPISchemas.reference("EventPoll"), example: ["maxEvents": 10, "returnImmediately": true])
        poll.responses.append(
            200, "The tokens", content: OpenAPIResponses.content(OpenAPISchemas.reference("EventPollAnswer"), in: ["application/json"]))
        poll.responses.append(errors: OpenAPIOperation.errorsOfBodies + [404])
        append("/Events", [("post", poll)])
        var keys = OpenAPIOperation("getEventKeys", tag: "Events", "Reads the public key of the tokens' signatures (RFC 7517)")
        keys.responses.append(
            200, "The key", content: OpenAPIResponses.content(OpenAPISchemas.reference("KeySet"), in: ["application/json"]))
        keys.responses.append(errors: [404])
        append("/Events/jwks.json", [("get", keys)])
    }

    // MARK: Discovery

    private mutating func appendDiscovery() {
        appendDocument(
            "/ServiceProviderConfig", "getServiceProviderConfig", "Tells what the server can do (RFC 7643 §5)", "ServiceProviderConfig")
        appendDocument("/ResourceTypes", "listResourceTypes", "Lists the resource types (RFC 7643 §6)", "ResourceTypeList")
        appendDocument(
            "/ResourceTypes/{id}", "getResourceType", "Describes a resource type", "ResourceType",
            ids: ("Name of the resource type", resources.map(\.type.name)))
        appendDocument("/Schemas", "listSchemas", "Lists the schemas (RFC 7643 §7)", "SchemaList")
        appendDocument(
            "/Schemas/{id}", "getSchema", "Describes a schema", "Schema",
            ids: ("URN of the schema", resources.flatMap { [$0.schema.id] + $0.extensions.map(\.schema.id) }))
        appendDocument("/openapi.json", "getDescription", "Describes all this as OpenAPI 3.1", "Description", ["application/json"])
    }

    /// - Parameter ids: What the last part of the path is, and values that there are; nil where the path has no such part.
    private mutating func appendDocument(
        _ path: String, _ id: String, _ summary: String, _ schema: String, _ mediaTypes: [String] = OpenAPIResponses.mediaTypes,
        ids: (description: String, values: [String])? = nil
    ) {
        var operation = OpenAPIOperation(id, tag: "Discovery", summary)
        if let ids {
            var (names, examples) = (OpenAPINames(reserved: []), AttributeMap())
            for value in Set(ids.values).sorted() {
                examples.append(names.stem(OpenAPINames.identifier(value)) { [$0] }, ["value": .string(value)])
            }
            operation.parameters = [
                [
                    "name": "id", "in": "path", "required": true, "description": .string(ids.description),
                    "schema": ["type": "string", "minLength": 1, "maxLength": 512], "examples": .complex(examples),
                ]
            ]
        }
        operation.responses.append(
            200, "The document", content: OpenAPIResponses.content(OpenAPISchemas.reference(schema), in: mediaTypes))
        operation.responses.append(errors: ids == nil ? [] : [404])
        append(path, [("get", operation)])
    }
}
