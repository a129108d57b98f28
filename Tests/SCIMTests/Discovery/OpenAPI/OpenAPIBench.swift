import Foundation
import SCIM

/// What the tests of the description have in common.
enum OpenAPIBench {
    static let extra = Schema(
        id: "urn:example:a:X", name: "X", description: "Extra",
        attributes: [
            .init("Weight", .decimal), .init("shift", canonicalValues: ["early", "late"], isClosed: true),
            .init("size", canonicalValues: ["S", "M"]), .init("code", isRequired: true, uniqueness: .server), .init("since", .dateTime),
            .init("floor", .integer), .init("home", .reference, referenceTypes: ["uri"]), .init("key", .binary),
            .init("tags", isMultiValued: true, isRequired: true), .init("seen", .boolean, isRequired: true, mutability: .readOnly),
            .init("pin", isRequired: true, mutability: .writeOnly, returned: .never),
            .init(
                "ports", .complex, isMultiValued: true,
                subAttributes: [.init("number", .integer, isRequired: true), .init("state", mutability: .readOnly)]),
        ])
    static let site = Schema(
        id: "urn:example:b:2.0:Site", name: "Site", description: "Where it stands",
        attributes: [.init("room", isRequired: true), .init("checked", .boolean, mutability: .readOnly)])
    static let device = ResourceType(
        name: "Device", endpoint: "/Devices", description: "Device", schema: extra.id,
        schemaExtensions: [.init(schema: site.id, isRequired: true)])
    static let registry = SchemaRegistry(
        resourceTypes: [.user, .group, device], schemas: [.user, .enterpriseUser, .group, extra, site])
    static let full = ServiceProviderConfig(
        documentationURI: "https://help", bulk: .init(maximumOperations: 10, maximumPayloadBytes: 1000), supportsChangePassword: true,
        supportsSort: true, supportsETag: true, authenticationSchemes: [.bearerToken, .oauth2, .httpBasic, .mutualTLS],
        pagination: .init(supportsCursor: true, defaultPageSize: 100, maximumPageSize: 1000))
    static let baseURL = "https://host/scim/v2"

    static func document(
        _ registry: SchemaRegistry = registry, _ configuration: ServiceProviderConfig = full
    ) -> AttributeValue {
        OpenAPIDocument(registry: registry, configuration: configuration, baseURL: baseURL).document
    }

    static func schema(_ name: String) -> AttributeValue? { document()["components"]?["schemas"]?[name] }

    static func operations(_ document: AttributeValue) -> [(path: String, method: String, operation: AttributeValue)] {
        (document["paths"]?.complex?.members ?? []).flatMap { item in
            (item.value.complex?.members ?? []).map { (item.name, $0.name, $0.value) }
        }
    }

    /// The targets of all references below `value`.
    static func references(in value: AttributeValue) -> Set<String> {
        switch value {
        case .array(let elements): elements.reduce(into: []) { $0.formUnion(references(in: $1)) }
        case .complex(let map):
            map.members.reduce(into: []) { found, member in
                if member.name == "$ref", let target = member.value.string {
                    found.insert(target)
                } else {
                    found.formUnion(references(in: member.value))
                }
            }
        default: []
        }
    }

    /// Whether a text is as one of the patterns of a schema wants it.
    static func isMatched(_ text: String, by schema: AttributeValue?) throws -> Bool {
        let choices = schema?["anyOf"]?.array ?? [schema].compactMap { $0 }
        return try choices.contains { choice in
            guard let pattern = choice["pattern"]?.string else { return choice["enum"]?.array?.contains(.string(text)) == true }
            let expression = try NSRegularExpression(pattern: pattern)
            return expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
        }
    }
}
