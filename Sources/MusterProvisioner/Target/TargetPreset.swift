/// A kind of application, with what is known about it.
package enum TargetPreset: String, Sendable, Hashable, CaseIterable {
    case rfc, clarizen, slack
    case awsIdentityCenter = "aws-identity-center"
    case gitHubEMU = "github-emu"
    case googleCloudIdentity = "google-cloud-identity"
    case scim1 = "scim-1.1"
}
