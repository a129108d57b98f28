extension ServiceProviderConfig {
    /// The document that `/ServiceProviderConfig` answers (RFC 7643 §5, RFC 9865 §4, RFC 9967 §4).
    /// - Parameter baseURL: As the client sees it, without a slash at the end: `https://host/scim/v2`.
    public func document(baseURL: String) -> AttributeValue {
        var map: AttributeMap = ["schemas": [.string(Schema.serviceProviderConfig.id)]]
        if let documentationURI { map.append("documentationUri", .string(documentationURI)) }
        map.append("patch", ["supported": .boolean(supportsPatch)])
        map.append(
            "bulk",
            [
                "supported": .boolean(bulk != nil), "maxOperations": .integer(Int64(bulk?.maximumOperations ?? 0)),
                "maxPayloadSize": .integer(Int64(bulk?.maximumPayloadBytes ?? 0)),
            ])
        map.append(
            "filter",
            [
                "supported": .boolean(filterMaximumResults != nil),
                "maxResults": .integer(Int64(filterMaximumResults ?? 0)),
            ])
        map.append("changePassword", ["supported": .boolean(supportsChangePassword)])
        map.append("sort", ["supported": .boolean(supportsSort)])
        map.append("etag", ["supported": .boolean(supportsETag)])
        if let pagination { map.append("pagination", pagination.document) }
        if let securityEvents {
            map.append(
                "securityEvents",
                [
                    "asyncRequest": .string(securityEvents.asyncRequest.rawValue),
                    "eventUris": .array(securityEvents.eventURIs.map { .string($0) }),
                ])
        }
        map.append("authenticationSchemes", .array(authenticationSchemes.map(\.document)))
        map.append(
            "meta", ["resourceType": "ServiceProviderConfig", "location": .string(baseURL + "/ServiceProviderConfig")])
        return .complex(map)
    }
}

extension ServiceProviderConfig.Pagination {
    fileprivate var document: AttributeValue {
        var map: AttributeMap = ["cursor": .boolean(supportsCursor), "index": .boolean(supportsIndex)]
        if let defaultMethod { map.append("defaultPaginationMethod", .string(defaultMethod.rawValue)) }
        if let defaultPageSize { map.append("defaultPageSize", .integer(Int64(defaultPageSize))) }
        if let maximumPageSize { map.append("maxPageSize", .integer(Int64(maximumPageSize))) }
        if let cursorTimeout { map.append("cursorTimeout", .integer(cursorTimeout.components.seconds)) }
        return .complex(map)
    }
}

extension ServiceProviderConfig.AuthenticationScheme {
    fileprivate var document: AttributeValue {
        var map: AttributeMap = ["type": .string(type), "name": .string(name), "description": .string(description)]
        if let specURI { map.append("specUri", .string(specURI)) }
        if let documentationURI { map.append("documentationUri", .string(documentationURI)) }
        map.append("primary", .boolean(isPrimary))
        return .complex(map)
    }
}
