/// A kind of application, with what is known about it. Where what is known comes from stands in the design's table of what real
/// targets demand: the vendors' own pages.
package enum TargetPreset: String, Sendable, Hashable, CaseIterable {
    case rfc, clarizen, slack
    case awsIdentityCenter = "aws-identity-center"
    case gitHubEMU = "github-emu"
    case googleCloudIdentity = "google-cloud-identity"
    case scim1 = "scim-1.1"

    /// One line for a person.
    package var description: String {
        switch self {
        case .rfc: "SCIM 2.0 to the letter: PUT, PATCH, filters, pages"
        case .clarizen: "as OneLogin provisions into Clarizen: nine fields, PUT of users, one PATCH per group"
        case .slack: "Slack: 10 writes a second; deleting deactivates"
        case .awsIdentityCenter: "AWS IAM Identity Center: pages of 50, PATCH attribute by attribute, no groups in users"
        case .gitHubEMU: "GitHub Enterprise Managed Users: at most 1,000 users an hour; deleting is irreversible"
        case .googleCloudIdentity: "Google Cloud Identity: no pages"
        case .scim1: "SCIM 1.1: other schemas, PATCH by fragments"
        }
    }

    /// What the application can and cannot do, and how fast it may be asked.
    package var dialect: TargetDialect {
        var dialect = TargetDialect()
        switch self {
        case .rfc: dialect.memberRemoval = .filter
        case .clarizen: dialect.mediaType = "application/json"
        case .slack:
            dialect.memberRemoval = .filter
            (dialect.readsPerSecond, dialect.writesPerSecond) = (16, 3)
        case .awsIdentityCenter:
            dialect.update = .patch
            dialect.pageSize = 50
            dialect.writesPerSecond = 10
        case .gitHubEMU:
            // A thousand an hour, and something for the groups.
            dialect.writesPerSecond = 0.27
            dialect.concurrency = 1
        case .googleCloudIdentity: dialect.paging = false
        case .scim1:
            dialect.version = .one
            dialect.mediaType = "application/json"
        }
        return dialect
    }

    /// What a person becomes there unless the administrator says otherwise.
    package var template: ProvisioningTemplate {
        switch self {
        case .rfc: .rfc
        case .clarizen: .clarizen
        case .slack: .slack
        case .awsIdentityCenter: .awsIdentityCenter
        case .gitHubEMU: .gitHubEMU
        case .googleCloudIdentity: .googleCloudIdentity
        case .scim1: .scim1
        }
    }
}
