import HTTPTypes
import HummingbirdCore
import MusterCore
import MusterDirectory
import SCIM

extension SCIMResponder {
    /// Answers what the server offers (RFC 7644 §4).
    /// - Throws: `SCIMError` 404; 403 where a filter is sent, as the RFC asks: nobody shall believe that it was applied.
    func discover(_ endpoint: Endpoint, _ call: Call) throws(SCIMError) -> Response {
        guard call.parameters["filter"] == nil else {
            throw .forbidden("\(endpoint.pattern) cannot be filtered; ask for it without a filter")
        }
        let registry = call.directory.registry
        let bytes =
            switch endpoint {
            case .serviceProviderConfig: configuration(of: call.directory).document(baseURL: call.baseURL).jsonBytes
            case .resourceTypes: list(registry.resourceTypes.map { $0.document(baseURL: call.baseURL) })
            case .schemas: list(registry.schemas.map { $0.document(baseURL: call.baseURL) })
            case .resourceType(let name): try found(registry.resourceType(named: name), name).document(baseURL: call.baseURL).jsonBytes
            case .schema(let urn): try found(registry.schema(urn), urn).document(baseURL: call.baseURL).jsonBytes
            case .openAPI:
                OpenAPIDocument(
                    registry: registry, configuration: configuration(of: call.directory), baseURL: call.baseURL,
                    supplement: supplement
                ).jsonBytes
            default: throw .notFound("there is no such endpoint")
            }
        // A description is no SCIM message.
        return Response(status: .ok, bytes: bytes, mediaType: endpoint == .openAPI ? .json : call.mediaType)
    }

    /// What this server does, in truth.
    private func configuration(of directory: Directory) -> ServiceProviderConfig {
        let settings = directory.settings
        var configuration = ServiceProviderConfig(
            bulk: ServiceProviderConfig.Bulk(
                maximumOperations: settings.bulk.maximumOperations, maximumPayloadBytes: settings.bulk.maximumPayloadBytes),
            filterMaximumResults: settings.maximumCount, supportsChangePassword: directory.keepsSecrets, supportsSort: true,
            supportsETag: true, authenticationSchemes: authentication.schemes)
        configuration.pagination = ServiceProviderConfig.Pagination(
            supportsCursor: true, supportsIndex: true, defaultMethod: .index, defaultPageSize: settings.defaultCount,
            maximumPageSize: settings.maximumCount, cursorTimeout: settings.cursorLifetime)
        if let events, events.settings.isAdvertised {
            configuration.securityEvents = ServiceProviderConfig.SecurityEvents(
                eventURIs: events.settings.mode.eventURIs.map(\.rawValue))
        }
        return configuration
    }

    private func list(_ documents: [AttributeValue]) -> [UInt8] {
        ListResponse.jsonBytes(totalResults: documents.count, startIndex: 1, resources: documents)
    }

    private func found<Value>(_ value: Value?, _ name: String) throws(SCIMError) -> Value {
        guard let value else { throw .notFound("there is no '\(name)' here; ask for the list to see what there is") }
        return value
    }
}
