import SCIM

/// The templates that come with Muster, one for each kind of application; what real targets demand is in the design's table.
extension ProvisioningTemplate {
    /// RFC 7643's user with the enterprise extension.
    package static let rfc = shipped(
        #"""
        { "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
          "externalId": "{$user.id}", "userName": "{$user.username}", "displayName": "{$user.display_name}",
          "name": { "givenName": "{$user.firstname}", "familyName": "{$user.lastname}" }, "title": "{$user.title}",
          "userType": "{$user.user_type}", "preferredLanguage": "{$user.preferred_language}", "locale": "{$user.locale}",
          "timezone": "{$user.timezone}", "active": "{$user.active}",
          "emails": [{ "value": "{$user.email}", "type": "work", "primary": true }],
          "phoneNumbers": [{ "value": "{$user.phone}", "type": "work" }, { "value": "{$user.mobile}", "type": "mobile" }],
          "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "employeeNumber": "{$user.employee_number}", "costCenter": "{$user.cost_center}", "organization": "{$user.organization}",
            "division": "{$user.division}", "department": "{$user.department}", "manager": { "value": "{$user.manager_id}" } } }
        """#)

    /// What OneLogin provisions into Clarizen: user name, display name, email, first name, last name, office phone, mobile phone,
    /// direct manager and job title. Fields of the site are added beside them; `Weight`, say, by the custom field
    /// `"Weight": "{$user.custom_fields.Weight}"`.
    package static let clarizen = shipped(
        #"""
        { "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
          "userName": "{$parameters.scimusername}", "displayName": "{$user.display_name}",
          "name": { "givenName": "{$user.firstname}", "familyName": "{$user.lastname}" },
          "emails": [{ "value": "{$user.email}", "type": "work", "primary": true }],
          "phoneNumbers": [{ "value": "{$user.phone}", "type": "work" }, { "value": "{$user.mobile}", "type": "mobile" }],
          "title": "{$parameters.title}", "active": "{$user.active}",
          "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "manager": { "value": "{$parameters.external_manager_id}" } } }
        """#)

    /// AWS IAM Identity Center: given, family and display name are required, one value of each kind, the address is the primary one.
    package static let awsIdentityCenter = shipped(
        #"""
        { "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
          "externalId": "{$user.id}", "userName": "{$user.username}", "displayName": "{$user.display_name}",
          "name": { "givenName": "{$user.firstname}", "familyName": "{$user.lastname}" }, "title": "{$user.title}",
          "active": "{$user.active}", "emails": [{ "value": "{$user.email}", "type": "work", "primary": true }],
          "phoneNumbers": [{ "value": "{$user.phone}", "type": "work" }],
          "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "employeeNumber": "{$user.employee_number}", "costCenter": "{$user.cost_center}", "organization": "{$user.organization}",
            "division": "{$user.division}", "department": "{$user.department}", "manager": { "value": "{$user.manager_id}" } } }
        """#)

    /// Slack.
    package static let slack = shipped(
        #"""
        { "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
          "externalId": "{$user.id}", "userName": "{$user.username}", "displayName": "{$user.display_name}",
          "name": { "givenName": "{$user.firstname}", "familyName": "{$user.lastname}" }, "title": "{$user.title}",
          "active": "{$user.active}", "emails": [{ "value": "{$user.email}", "type": "work", "primary": true }],
          "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "department": "{$user.department}", "manager": { "value": "{$user.manager_id}" } } }
        """#)

    /// GitHub Enterprise Managed Users.
    package static let gitHubEMU = shipped(
        #"""
        { "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
          "externalId": "{$user.id}", "userName": "{$user.username}", "displayName": "{$user.display_name}",
          "name": { "givenName": "{$user.firstname}", "familyName": "{$user.lastname}", "formatted": "{$user.display_name}" },
          "active": "{$user.active}", "emails": [{ "value": "{$user.email}", "type": "work", "primary": true }] }
        """#)

    /// Google Cloud Identity.
    package static let googleCloudIdentity = shipped(
        #"""
        { "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
          "externalId": "{$user.id}", "userName": "{$user.username}", "displayName": "{$user.display_name}",
          "name": { "givenName": "{$user.firstname}", "familyName": "{$user.lastname}" }, "active": "{$user.active}",
          "emails": [{ "value": "{$user.email}", "type": "work", "primary": true }] }
        """#)

    /// SCIM 1.1.
    package static let scim1 = shipped(
        #"""
        { "schemas": ["urn:scim:schemas:core:1.0", "urn:scim:schemas:extension:enterprise:1.0"],
          "externalId": "{$user.id}", "userName": "{$user.username}", "displayName": "{$user.display_name}",
          "name": { "givenName": "{$user.firstname}", "familyName": "{$user.lastname}" }, "title": "{$user.title}",
          "active": "{$user.active}", "emails": [{ "value": "{$user.email}", "type": "work", "primary": true }],
          "phoneNumbers": [{ "value": "{$user.phone}", "type": "work" }],
          "urn:scim:schemas:extension:enterprise:1.0": {
            "department": "{$user.department}", "manager": { "managerId": "{$user.manager_id}" } } }
        """#)

    private static func shipped(_ text: String) -> ProvisioningTemplate {
        guard let document = try? AttributeValue(json: text) else { preconditionFailure("a shipped template is no JSON") }
        return ProvisioningTemplate(document: document)
    }
}
