import HTTPTypes
import SCIM

/// What a path below the base URL names (RFC 7644 §3.2).
enum Endpoint: Sendable, Hashable {
    /// All resources of a type: `/Users`.
    case collection(ResourceType)
    /// One resource: `/Users/{id}`.
    case resource(ResourceType, id: String)
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
    /// An endpoint of the RFC that this server does not offer, such as `/Bulk`.
    case unsupported(String)
    /// Nothing.
    case unknown

    /// Longer ids belong to nobody and are not looked for.
    private static let maximumIDBytes = 512

    /// Reads a path below the base URL; slashes at either end mean nothing.
    init(path: Substring, in registry: SchemaRegistry) {
        let parts = path.split(separator: "/")
        guard let first = parts.first, parts.count <= 2 else { self = .unknown; return }
        guard parts.count == 2 else {
            self = Self.collection(named: first, in: registry)
            return
        }
        guard parts[1].utf8.count <= Self.maximumIDBytes, let id = PercentEncoding.decode(parts[1], plusIsSpace: false) else {
            self = .unknown
            return
        }
        switch Self.collection(named: first, in: registry) {
        case .collection(let type): self = id == ".search" ? .unsupported("search by POST") : .resource(type, id: id)
        case .resourceTypes: self = .resourceType(id)
        case .schemas: self = .schema(id)
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
        case "Bulk": .unsupported("/Bulk")
        case "Me": .unsupported("/Me")
        case ".search": .unsupported("search by POST")
        default: .unknown
        }
    }

    /// The methods that it takes, as they stand in `Allow`.
    var methods: [HTTPRequest.Method] {
        switch self {
        case .collection: [.get, .head, .post]
        case .resource: [.get, .head, .put, .patch, .delete]
        case .serviceProviderConfig, .resourceTypes, .resourceType, .schemas, .schema: [.get, .head]
        case .unsupported, .unknown: []
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
        case .unsupported: "/unsupported"
        case .unknown: "/unknown"
        }
    }
}
