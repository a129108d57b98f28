/// The endpoints (RFC 7644 §3.2).
struct OpenAPIPaths {
    let registry: SchemaRegistry
    let configuration: ServiceProviderConfig

    private typealias Responses = OpenAPIResponses

    /// The path items by their path below the base URL.
    var all: AttributeMap {
        var paths = AttributeMap()
        for type in registry.resourceTypes {
            paths.append(type.endpoint, .complex(collection(type)))
            paths.append(type.endpoint + "/{id}", .complex(resource(type, path: type.endpoint + "/{id}", hasID: true)))
            paths.append(
                type.endpoint + "/.search", search(path: type.endpoint + "/.search", OpenAPISchemas.list(of: type), tag: type.name))
        }
        if let user = registry.resourceType(named: ResourceType.user.name) {
            paths.append("/Me", .complex(resource(user, path: "/Me", hasID: false)))
        }
        paths.append(
            "/",
            .complex(
                reads(
                    Operation("/", "Search over all resource types", tag: "protocol", OpenAPIParameters.query),
                    Responses.success("One page of results", OpenAPISchemas.anyList))))
        paths.append("/.search", search(path: "/.search", OpenAPISchemas.anyList, tag: "protocol"))
        if configuration.bulk != nil { paths.append("/Bulk", bulk) }
        for (path, summary, parameter, schema) in discovery {
            let operation = Operation(path, summary, tag: "discovery", parameter.map { [$0] } ?? [])
            paths.append(path, .complex(reads(operation, Responses.success(summary, schema))))
        }
        paths.append("/openapi.json", description)
        return paths
    }

    private let discovery: [(path: String, summary: String, parameter: String?, schema: String)] = [
        ("/ServiceProviderConfig", "What the service provider can do", nil, "Message.ServiceProviderConfig"),
        ("/ResourceTypes", "The resource types", nil, "Message.ResourceTypeList"),
        ("/ResourceTypes/{name}", "One resource type", "name", "Message.ResourceType"),
        ("/Schemas", "The schemas", nil, "Message.SchemaList"), ("/Schemas/{urn}", "One schema", "urn", "Message.Schema"),
    ]

    // MARK: Path items

    private func collection(_ type: ResourceType) -> AttributeMap {
        let path = type.endpoint
        var item = reads(
            Operation(path, "Search for resources of the type \(type.name)", tag: type.name, OpenAPIParameters.query),
            Responses.success("One page of results", OpenAPISchemas.list(of: type)))
        var created = Responses.success("The resource is created", type.name, headers: ["Location", "ETag"])
        created.append("links", links(to: type))
        item["post"] = operation(
            "post", Operation(path, "Create a resource of the type \(type.name)", tag: type.name, OpenAPIParameters.selection),
            body: OpenAPISchemas.request(of: type), [(201, created)], errors: Responses.usual + Responses.body + Responses.change)
        return item
    }

    private func resource(_ type: ResourceType, path: String, hasID: Bool) -> AttributeMap {
        let isShown = Responses.success("The resource", type.name, headers: ["ETag"])
        let isDone = Responses.success("The change is made")
        let (changes, who) = (Responses.usual + Responses.change, hasID ? "a resource of the type \(type.name)" : "the client's own user")
        let parameters = (hasID ? ["id"] : []) + OpenAPIParameters.selection + OpenAPIParameters.conditions
        func named(_ verb: String, _ parameters: [String]) -> Operation { Operation(path, "\(verb) \(who)", tag: type.name, parameters) }
        let unchanged = Responses.success("The client has the resource in this state already", headers: ["ETag"])
        var item = reads(named("Read", parameters), isShown, [(304, unchanged)], errors: [412])
        item["put"] = operation(
            "put", named("Replace", parameters), body: OpenAPISchemas.request(of: type), [(200, isShown), (204, isDone)],
            errors: changes + Responses.body)
        if configuration.supportsPatch {
            item["patch"] = operation(
                "patch", named("Change", parameters), body: "Message.PatchOp", [(200, isShown), (204, isDone)],
                errors: changes + Responses.body)
        }
        item["delete"] = operation(
            "delete", named("Delete", (hasID ? ["id"] : []) + OpenAPIParameters.conditions), body: nil,
            [(204, Responses.success("The resource is deleted"))], errors: changes)
        return item
    }

    private func search(path: String, _ schema: String, tag: String) -> AttributeValue {
        [
            "post": operation(
                "post", Operation(path, "Search by a message (RFC 7644 §3.4.3)", tag: tag, []), body: "Message.SearchRequest",
                [(200, Responses.success("One page of results", schema))], errors: Responses.usual + Responses.body)
        ]
    }

    private var bulk: AttributeValue {
        [
            "post": operation(
                "post", Operation("/Bulk", "Several operations in one request (RFC 7644 §3.7)", tag: "protocol", []),
                body: "Message.BulkRequest", [(200, Responses.success("What became of each operation", "Message.BulkResponse"))],
                errors: Responses.usual + Responses.body + [409])
        ]
    }

    private var description: AttributeValue {
        let answer: AttributeMap = [
            "description": "This document", "content": ["application/json": ["schema": ["type": "object"]]],
        ]
        return .complex(reads(Operation("/openapi.json", "This description", tag: "discovery", []), answer))
    }

    // MARK: Operations

    /// What an operation is called.
    private struct Operation {
        let path: String
        let summary: String
        let tag: String
        let parameters: [String]

        init(_ path: String, _ summary: String, tag: String, _ parameters: [String]) {
            (self.path, self.summary, self.tag, self.parameters) = (path, summary, tag, parameters)
        }

        /// `get.Users.id`: an endpoint has no dot in it, so that no two operations have the same.
        func identifier(_ method: String) -> String {
            let parts = path.split(separator: "/").map { $0.filter { !"{}".contains($0) } }
            return ([method] + (parts.isEmpty ? ["root"] : parts.map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 }))
                .joined(separator: ".")
        }
    }

    /// A path item with GET and HEAD.
    private func reads(
        _ name: Operation, _ success: AttributeMap, _ more: [(Int, AttributeMap)] = [], errors: [Int] = []
    ) -> AttributeMap {
        var withoutBody = success
        withoutBody["content"] = nil
        return [
            "get": operation("get", name, body: nil, [(200, success)] + more, errors: Responses.usual + errors),
            "head": operation(
                "head", name, body: nil, [(200, withoutBody)] + more, errors: Responses.usual + errors),
        ]
    }

    private func operation(
        _ method: String, _ name: Operation, body: String?, _ successes: [(Int, AttributeMap)], errors: [Int]
    ) -> AttributeValue {
        var map: AttributeMap = [
            "tags": [.string(name.tag)], "summary": .string(name.summary), "operationId": .string(name.identifier(method)),
        ]
        if !name.parameters.isEmpty { map.append("parameters", OpenAPIParameters.references(name.parameters)) }
        if let body { map.append("requestBody", ["required": true, "content": OpenAPI.content(body)]) }
        map.append("responses", Responses.all(successes.map { ($0.0, .complex($0.1)) }, errors: errors))
        return .complex(map)
    }

    /// What can be done with a resource that was created.
    private func links(to type: ResourceType) -> AttributeValue {
        let methods = ["get", "put"] + (configuration.supportsPatch ? ["patch"] : []) + ["delete"]
        return .complex(
            AttributeMap(
                methods.map { method in
                    let name = Operation(type.endpoint + "/{id}", "", tag: "", []).identifier(method)
                    return .init(name: method, value: ["operationId": .string(name), "parameters": ["id": "$response.body#/id"]])
                }))
    }
}
