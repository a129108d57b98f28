import HTTPTypes
import MusterCore
package import SCIM

/// Describes administration as OpenAPI 3.1: as a document of its own, or as a part of the one of the SCIM endpoints.
package enum AdminDescription {
    /// The document of a tenant's administration.
    static func document(of tenant: Tenant) -> AttributeValue {
        let base = tenant == .default ? "/admin/api" : "/tenants/\(tenant.name)/admin/api"
        return [
            "openapi": "3.1.0",
            "info": ["title": "Muster administration", "version": "1.0", "description": .string(introduction)],
            "servers": [["url": .string(base)]], "security": [["bearerToken": []]],
            "tags": .array(tags.map { ["name": .string($0)] }), "paths": .complex(paths(below: "")),
            "components": [
                "schemas": .complex(schemas), "responses": .complex(responses),
                "securitySchemes": ["bearerToken": ["type": "http", "scheme": "bearer"]],
            ],
        ]
    }

    /// What the document of the SCIM endpoints has besides, where both are served by one host.
    package static var supplement: OpenAPISupplement {
        OpenAPISupplement(tags: tags, paths: paths(below: "/admin/api", server: "/"), schemas: schemas, responses: responses)
    }

    private static let introduction = """
        Targets that people are provisioned into, mapping rules, approvals, and who did what. Tokens need the scope admin, or \
        admin:read to look. Each act leaves an audit entry in the name of the token. Errors have the form of SCIM's (RFC 7644 §3.12), \
        and what a person has to repair in a document is listed in findings. HEAD is answered wherever GET is.
        """

    private static var tags: [String] { AdminOperation.Tag.allCases.map { name(of: $0) } }

    private static func name(of tag: AdminOperation.Tag) -> String { "Administration: \(tag.rawValue)" }

    private static var schemas: AttributeMap { AttributeMap(AdminSchema.allCases.map { .init(name: $0.name, value: $0.document) }) }

    // MARK: Paths

    /// - Parameter server: Where the paths begin, if not where the document says; relative to where it is read.
    private static func paths(below base: String, server: String? = nil) -> AttributeMap {
        var paths = AttributeMap()
        for operation in AdminOperation.all {
            let path = base + operation.path.text
            var item = paths[path]?.complex ?? [:]
            if item.isEmpty, let server { item.append("servers", [["url": .string(server)]]) }
            item.append(operation.method.rawValue.lowercased(), document(of: operation))
            paths[path] = .complex(item)
        }
        return paths
    }

    private static func document(of operation: AdminOperation) -> AttributeValue {
        var map: AttributeMap = [
            "operationId": .string("admin." + operation.id), "tags": [.string(name(of: operation.tag))],
            "summary": .string(operation.summary), "description": .string("Scope: `\(operation.access.rawValue)`"),
        ]
        let parameters = operation.path.names.map(pathParameter) + operation.query.map(\.document)
        if !parameters.isEmpty { map.append("parameters", .array(parameters)) }
        if let body = operation.body {
            map.append("requestBody", ["required": .boolean(!body.isOptional), "content": content(body.schema)])
        }
        var responses = AttributeMap()
        for success in operation.successes {
            var response: AttributeMap = ["description": .string(success.meaning)]
            if let schema = success.schema { response.append("content", content(schema)) }
            responses.append(String(success.status), .complex(response))
        }
        let errors = Kind.everywhere + operation.errors + (operation.body == nil ? [] : Kind.ofBodies)
        for kind in Kind.all where errors.contains(kind.status) {
            responses.append(String(kind.status), ["$ref": .string("#/components/responses/\(kind.name)")])
        }
        map.append("responses", .complex(responses))
        return .complex(map)
    }

    private static func pathParameter(_ name: String) -> AttributeValue {
        let schema: AttributeValue =
            name == "number" ? ["type": "integer", "minimum": 1] : ["type": "string", "minLength": 1, "maxLength": 512]
        return ["name": .string(name), "in": "path", "required": true, "description": .string(meaning(of: name)), "schema": schema]
    }

    private static func meaning(of name: String) -> String {
        switch name {
        case "name": "Name of the target"
        case "number": "Number of the plan"
        case "user": "Id or userName of the person"
        default: "Id, userName or displayName"
        }
    }

    private static func content(_ schema: AdminSchema) -> AttributeValue { ["application/json": ["schema": schema.reference]] }

    // MARK: Errors

    private struct Kind {
        let status: Int
        let word: String
        let meaning: String
        var name: String { "Admin." + word }

        /// What every request may be answered.
        static let everywhere = [400, 401, 403, 414, 429, 500, 503]
        /// What may be wrong with a body.
        static let ofBodies = [408, 413, 415]

        static let all = [
            Kind(status: 400, word: "BadRequest", meaning: "The request is malformed, or a document has findings"),
            Kind(status: 401, word: "Unauthorized", meaning: "No token was sent, or none that is good here"),
            Kind(status: 403, word: "Forbidden", meaning: "The token lacks the scope"),
            Kind(status: 404, word: "NotFound", meaning: "There is no such target, plan or person"),
            Kind(status: 408, word: "RequestTimeout", meaning: "The body did not come in time"),
            Kind(status: 409, word: "Conflict", meaning: "It was changed meanwhile, or is there already"),
            Kind(status: 413, word: "ContentTooLarge", meaning: "The body is too large"),
            Kind(status: 414, word: "URITooLong", meaning: "The URL is too long"),
            Kind(status: 415, word: "UnsupportedMediaType", meaning: "The body is no JSON by its Content-Type"),
            Kind(status: 429, word: "TooManyRequests", meaning: "Too many requests with wrong credentials; try again later"),
            Kind(status: 500, word: "InternalServerError", meaning: "The server failed; its log has more under X-Request-Id"),
            Kind(status: 502, word: "BadGateway", meaning: "The target could not be reached, or refused"),
            Kind(status: 503, word: "ServiceUnavailable", meaning: "The server cannot do it now; try again later"),
        ]
    }

    private static var responses: AttributeMap {
        AttributeMap(
            Kind.all.map { kind in
                .init(name: kind.name, value: ["description": .string(kind.meaning), "content": content(.error)])
            })
    }
}

extension AdminParameter {
    /// The parameter as OpenAPI has it.
    fileprivate var document: AttributeValue {
        ["name": .string(rawValue), "in": "query", "description": .string(meaning), "schema": schema]
    }
}
