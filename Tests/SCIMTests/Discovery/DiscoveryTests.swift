import SCIM
import Testing

@Suite("Discovery documents")
struct DiscoveryTests {
    private let base = "https://host/scim/v2"

    @Test("the configuration says what is supported and where it lies (RFC 7643 §5)")
    func configuration() {
        let document = ServiceProviderConfig(filterMaximumResults: 200).document(baseURL: base)
        #expect(document["schemas"] == [.string(Schema.serviceProviderConfig.id)])
        #expect(document["patch"] == ["supported": true])
        #expect(document["bulk"] == ["supported": false, "maxOperations": 0, "maxPayloadSize": 0])
        #expect(document["filter"] == ["supported": true, "maxResults": 200])
        for name in ["changePassword", "sort", "etag"] { #expect(document[name] == ["supported": false]) }
        #expect(document["authenticationSchemes"]?.array?.first?["type"] == "oauthbearertoken")
        #expect(document["meta"] == ["resourceType": "ServiceProviderConfig", "location": "https://host/scim/v2/ServiceProviderConfig"])
        for name in ["documentationUri", "pagination", "securityEvents"] { #expect(document[name] == nil) }
    }

    @Test("paging and events show where there are such (RFC 9865 §4, RFC 9967 §4)")
    func pagination() {
        let document = ServiceProviderConfig(
            pagination: .init(
                supportsCursor: true, defaultPageSize: 100, maximumPageSize: 1000, cursorTimeout: .milliseconds(3_600_500)),
            securityEvents: .init(eventURIs: ["urn:ietf:params:scim:event:prov:delete"])
        ).document(baseURL: base)
        #expect(
            document["pagination"] == [
                "cursor": true, "index": true, "defaultPaginationMethod": "index", "defaultPageSize": 100, "maxPageSize": 1000,
                "cursorTimeout": 3600,
            ])
        #expect(document["securityEvents"] == ["asyncRequest": "none", "eventUris": ["urn:ietf:params:scim:event:prov:delete"]])
        let untold = ServiceProviderConfig(pagination: .init(supportsCursor: false, defaultMethod: nil)).document(baseURL: base)
        #expect(untold["pagination"] == ["cursor": false, "index": true])
    }

    @Test("each way to authenticate shows, one of them as the preferred one")
    func authenticationSchemes() {
        var help = ServiceProviderConfig.AuthenticationScheme.httpBasic
        help.documentationURI = "https://help"
        let schemes = ServiceProviderConfig(authenticationSchemes: [.bearerToken, .oauth2, help, .mutualTLS])
            .document(baseURL: base)["authenticationSchemes"]?.array
        #expect(schemes?.map { $0["type"] } == ["oauthbearertoken", "oauth2", "httpbasic", "mutualtls"])
        #expect(schemes?.map { $0["primary"] } == [true, false, false, false])
        #expect(schemes?.map { $0["documentationUri"] } == [nil, nil, "https://help", nil])
        #expect(schemes?.allSatisfy { $0["specUri"]?.string?.hasPrefix("https://") == true } == true)
    }

    @Test("each setting of the configuration shows")
    func settings() {
        let document = ServiceProviderConfig(
            documentationURI: "https://help", supportsPatch: false, bulk: .init(maximumOperations: 10, maximumPayloadBytes: 1000),
            filterMaximumResults: nil, supportsChangePassword: true, supportsSort: true, supportsETag: true, authenticationSchemes: []
        ).document(baseURL: base)
        #expect(document["documentationUri"] == "https://help")
        #expect(document["patch"] == ["supported": false])
        #expect(document["bulk"] == ["supported": true, "maxOperations": 10, "maxPayloadSize": 1000])
        #expect(document["filter"] == ["supported": false, "maxResults": 0])
        for name in ["changePassword", "sort", "etag"] { #expect(document[name] == ["supported": true]) }
        #expect(document["authenticationSchemes"] == [])
    }

    @Test("a resource type names its endpoint, schema and extensions (RFC 7643 §6)")
    func resourceTypes() {
        let user = ResourceType.user.document(baseURL: base)
        #expect(user["schemas"] == [.string(Schema.resourceType.id)])
        #expect(user["id"] == "User")
        #expect(user["endpoint"] == "/Users")
        #expect(user["schema"] == .string(Schema.user.id))
        #expect(user["schemaExtensions"] == [["schema": .string(Schema.enterpriseUser.id), "required": false]])
        #expect(user["meta"] == ["resourceType": "ResourceType", "location": "https://host/scim/v2/ResourceTypes/User"])
        #expect(ResourceType.group.document(baseURL: base)["schemaExtensions"] == nil)
    }

    @Test(
        "a schema shows every characteristic of every attribute, true to the registry (RFC 7643 §7)",
        arguments: SchemaRegistry.standard.schemas)
    func schemas(schema: Schema) throws {
        let document = schema.document(baseURL: base)
        #expect(document["schemas"] == [.string(Schema.schema.id)])
        #expect(document["id"] == .string(schema.id))
        #expect(document["name"] == .string(schema.name))
        #expect(document["meta"] == ["resourceType": "Schema", "location": .string("https://host/scim/v2/Schemas/" + schema.id)])
        try compare(document["attributes"], schema.attributes)
    }

    private func compare(_ documents: AttributeValue?, _ definitions: [AttributeDefinition]) throws {
        let documents = documents?.array ?? []
        #expect(documents.count == definitions.count)
        for (document, definition) in zip(documents, definitions) {
            #expect(document["name"] == .string(definition.name))
            #expect(document["type"] == .string(definition.type.rawValue))
            #expect(document["multiValued"] == .boolean(definition.isMultiValued))
            #expect(document["required"] == .boolean(definition.isRequired))
            #expect(document["mutability"] == .string(definition.mutability.rawValue))
            #expect(document["returned"] == .string(definition.returned.rawValue))
            #expect(document["uniqueness"] == .string(definition.uniqueness.rawValue))
            #expect(document["description"] == .string(definition.description))
            #expect(document["canonicalValues"]?.array?.compactMap(\.string) ?? [] == definition.canonicalValues)
            #expect(document["referenceTypes"]?.array?.compactMap(\.string) ?? [] == definition.referenceTypes)
            let isText = [.string, .reference, .binary].contains(definition.type)
            #expect(document["caseExact"] == (isText ? .boolean(definition.isCaseExact) : nil))
            try compare(document["subAttributes"], definition.subAttributes)
        }
    }

    @Test("the documents follow the schemas that describe them")
    func selfDescription() throws {
        let schemas: [Schema] = [.serviceProviderConfig, .resourceType, .schema]
        for (document, schema) in zip(
            [
                ServiceProviderConfig(
                    documentationURI: "x",
                    pagination: .init(
                        supportsCursor: true, defaultPageSize: 1, maximumPageSize: 1, cursorTimeout: .seconds(1)),
                    securityEvents: .init(eventURIs: ["x"])
                ).document(baseURL: base), ResourceType.user.document(baseURL: base),
                Schema.user.document(baseURL: base),
            ],
            schemas)
        {
            let known = (schema.attributes + AttributeDefinition.common).map(\.name)
            for member in document.complex?.members ?? [] {
                #expect(known.contains(member.name), "\(schema.name) \(member.name)")
                let definition = schema.attribute(member.name)
                for element in member.value.array ?? [member.value] {
                    for part in element.complex?.members ?? [] where definition != nil {
                        #expect(definition?.subAttribute(part.name)?.name == part.name, "\(schema.name) \(member.name).\(part.name)")
                    }
                }
            }
            for definition in schema.attributes where definition.isRequired { #expect(document[definition.name] != nil) }
        }
    }
}
