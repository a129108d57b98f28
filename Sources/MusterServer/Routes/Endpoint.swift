import HTTPTypes
import MusterCore
import SCIM

/// What a path below the base URL names (RFC 7644 §3.2).
enum Endpoint: Sendable, Hashable {
    /// All resources of a type: `/Users`.
    case collection(ResourceType)
    /// One resource: `/Users/{id}`.
    case resource(ResourceType, id: String)
    /// A search by POST over one type: `/Users/.search` (RFC 7644 §3.4.3).
    case search(ResourceType)
    /// The base URL itself, which searches all types (RFC 7644 §3.4.2.1).
    case root
    /// A search by POST over all types: `/.search`.
    case rootSearch
    /// The user that the client itself is: `/Me` (RFC 7644 §3.11).
    case me
    /// Several operations in one request: `/Bulk` (RFC 7644 §3.7).
    case bulk
    /// Changes as security event tokens, by polling (RFC 9967, RFC 8936).
    case events
    /// The public key of the events' signatures: `/Events/jwks.json`.
    case eventKeys
    /// `/ServiceProviderConfig`.
    case serviceProviderConfig
    /// `/ResourceTypes`.
    case resourceTypes
    /// `/ResourceTypes/{name}`.
    case resourceType(String)
    /// `/Schemas`.
    case schemas
    /// `/Schemas/{urn}`.
    case schema(String)
    /// A description of all this: `/openapi.json`.
    case openAPI
    /// Nothing.
    case unknown

    /// Longer ids belong to nobody and are not looked for.
    private static let maximumIDBytes = 512

    /// Reads a path below the base URL; slashes at either end mean nothing.
    init(path: Substring, in registry: SchemaRegistry) {
        let parts = path.split(separator: "/")
        guard let first = parts.first else { self = .root; return }
        guard parts.count <= 2 else { self = .unknown; return }
        guard parts.count == 2 else {
            self = Self.collection(named: first, in: registry)
            return
        }
        guard parts[1].utf8.count <= Self.maximumIDBytes, let id = PercentEncoding.decode(parts[1], plusIsSpace: false) else {
            self = .unknown
            return
        }
        switch Self.collection(named: first, in: registry) {
        case .collection(let type): self = id == ".search" ? .search(type) : .resource(type, id: id)
        case .resourceTypes: self = .resourceType(id)
        case .schemas: self = .schema(id)
        case .events where id == "jwks.json": self = .eventKeys
        default: self = .unknown
        }
    }

    private static func collection(named name: Substring, in registry: SchemaRegistry) -> Endpoint {
        for type in registry.resourceTypes where type.endpoint.utf8.dropFirst().elementsEqual(name.utf8) {
            return .collection(type)
        }
        return switch name {
        case "ServiceProviderConfig": .serviceProviderConfig
        case "ResourceTypes": .resourceTypes
        case "Schemas": .schemas
        case "Bulk": .bulk
        case "Me": .me
        case ".search": .rootSearch
        case "Events": .events
        case "openapi.json": .openAPI
        default: .unknown
        }
    }

    /// The methods that it takes, as they stand in `Allow`.
    var methods: [HTTPRequest.Method] {
        switch self {
        case .collection: [.get, .head, .post]
        case .resource, .me: [.get, .head, .put, .patch, .delete]
        case .search, .rootSearch, .bulk, .events: [.post]
        case .root, .serviceProviderConfig, .resourceTypes, .resourceType, .schemas, .schema, .openAPI, .eventKeys:
            [.get, .head]
        case .unknown: []
        }
    }

    /// Its path with names for what varies, so that metrics have a bounded number of labels.
    var pattern: String {
        switch self {
        case .collection(let type): type.endpoint
        case .resource(let type, _): type.endpoint + "/{id}"
        case .serviceProviderConfig: "/ServiceProviderConfig"
        case .resourceTypes: "/ResourceTypes"
        case .resourceType: "/ResourceTypes/{name}"
        case .schemas: "/Schemas"
        case .schema: "/Schemas/{urn}"
        case .search(let type): type.endpoint + "/.search"
        case .root: "/"
        case .rootSearch: "/.search"
        case .me: "/Me"
        case .bulk: "/Bulk"
        case .events: "/Events"
        case .eventKeys: "/Events/jwks.json"
        case .openAPI: "/openapi.json"
        case .unknown: "/unknown"
        }
    }
}
