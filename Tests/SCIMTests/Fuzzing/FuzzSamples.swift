import SCIM

/// The resources that filters are asked of and operations are done to.
enum Samples {
    /// A user with a value of every kind, and a group.
    static let all: [(ResourceType, Resource)] = [(.user, user), (.group, group)]

    private static let user = Resource(attributes: [
        "schemas": [.string(Schema.user.id), .string(Schema.enterpriseUser.id)], "id": "7", "externalId": "ext-7",
        "userName": "bjensen",
        "name": ["formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara"],
        "displayName": "Babs \u{C9}", "profileUrl": "https://login.example.com/bjensen", "title": "Guide", "active": true,
        "emails": [
            ["value": "bjensen@example.com", "type": "work", "primary": true], ["value": "babs@jensen.org", "type": "home"],
            ["value": "b@x"],
        ],
        "phoneNumbers": [["value": "555-555-5555", "type": "work"], ["value": "555-555-4444", "type": "mobile"]],
        "photos": [["value": "https://photos.example.com/F", "type": "photo"]],
        "addresses": [
            ["streetAddress": "100 Universal City Plaza", "locality": "Hollywood", "type": "work", "primary": true],
            ["formatted": "456 Hollywood Blvd", "type": "home"],
        ],
        "groups": [["value": "8", "display": "Tour Guides", "type": "direct"]],
        "roles": [["value": "admin", "primary": false]],
        "x509Certificates": [["value": "QUJD"]],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": [
            "employeeNumber": "701984", "department": "Tour Operations", "manager": ["value": "26", "$ref": "../Users/26"],
        ],
    ])

    private static let group = Resource(attributes: [
        "schemas": [.string(Schema.group.id)], "id": "8", "externalId": "ext-8", "displayName": "Tour Guides",
    ])
}
