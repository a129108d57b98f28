import SCIM
import Testing

/// Reads requests in a dialect, as the server does, and tells what came of them.
struct DialectBench {
    /// What a request leaves, and the quirks that it has.
    struct Outcome {
        var resource: Resource
        var secrets: [String: SecretChange]
        var quirks: Set<Quirk>
    }

    /// The user whom PATCH changes.
    static let user = #"""
        {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"id":"7",
         "userName":"a","title":"T","active":true,"name":{"givenName":"A","familyName":"L"},
         "emails":[{"value":"w@x","type":"work","primary":true},{"value":"h@x","type":"home"}],
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"m1","$ref":"../Users/m1"}}}
        """#

    /// The group that PATCH changes.
    static let group = #"""
        {"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"7","displayName":"G",
         "members":[{"value":"a"},{"value":"b"},{"value":"c"}]}
        """#

    let type: ResourceType
    var dialect: ClientDialect

    init(_ type: ResourceType = .user, _ dialect: ClientDialect = .auto) {
        self.type = type
        self.dialect = dialect
    }

    /// The dialect that understands `quirk` and nothing else.
    static func only(_ quirk: Quirk) -> ClientDialect {
        ClientDialect(name: "only", quirks: [quirk], unknownAttributes: quirk == .unknownAttributes ? .ignore : .refuse)
    }

    /// What a request leaves: a PATCH message where there are `Operations`, else the body of a POST, or of a PUT that
    /// replaces `existing`.
    func read(_ json: String, replacing existing: Resource? = nil) throws -> Outcome {
        let body = try AttributeValue(json: json)
        var outcome = Outcome(resource: Resource(), secrets: [:], quirks: [])
        let validator = ResourceValidator(registry: .standard, type: type)
        if body["Operations"] != nil {
            let text = type.name == ResourceType.group.name ? Self.group : Self.user
            let before = Resource(attributes: try #require(AttributeValue(json: text).complex))
            let patched = try PatchRequest(message: body, dialect: dialect, noting: &outcome.quirks)
                .expanded(for: type, in: .standard, resourceID: before.id, dialect: dialect, noting: &outcome.quirks)
                .applied(to: before, of: type, in: .standard, dialect: dialect, noting: &outcome.quirks)
            outcome.secrets = try validator.secrets(in: patched.attributes, dialect: dialect, noting: &outcome.quirks)
            outcome.resource = try validator.validated(patched, replacing: before)
        } else {
            outcome.secrets = try validator.secrets(in: body.complex ?? [:], dialect: dialect, noting: &outcome.quirks)
            outcome.resource = try validator.resource(from: body, replacing: existing, dialect: dialect, noting: &outcome.quirks)
        }
        return outcome
    }

    /// A PATCH message of one operation.
    static func patch(_ operation: String) -> String {
        #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[\#(operation)]}"#
    }

    /// A user's body with the right `schemas`.
    static func post(_ members: String) -> String {
        #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a"\#(members)}"#
    }

    /// The body of a user in an organization with the right `schemas`.
    static func postEnterprise(_ members: String) -> String {
        #"{"schemas":["\#(Schema.user.id)","\#(Schema.enterpriseUser.id)"],"userName":"a",\#(members)}"#
    }
}
