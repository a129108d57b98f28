package import SCIM

/// What an administrator decided about a target.
package struct TargetDefinition: Sendable, Hashable {
    /// How requests prove who sends them. Secrets stand here by their names only: the
    /// value is in the environment as `MUSTER_SECRET_NAME`, or in the secrets folder.
    package enum Authentication: Sendable, Hashable {
        /// None: for tests.
        case none
        /// `Authorization: Bearer …`.
        case bearer(token: String)
        /// `Authorization: Basic …`.
        case basic(user: String, password: String)
        /// OAuth 2.0 client credentials (RFC 6749 §4.4): a token is fetched, kept until shortly before it expires, and fetched anew
        /// after a 401.
        case clientCredentials(tokenURL: String, clientID: String, clientSecret: String, scope: String?)
        /// Mutual TLS: PEM files.
        case certificate(chain: String, key: String)
    }

    /// Who goes to the target.
    package struct Scope: Sendable, Hashable {
        /// Everybody, whom ``filter`` lets through.
        package var everyone = false
        /// The display names or ids of groups of ours whose members go there, besides those that are assigned.
        package var groups: [String] = []
        /// What everybody who goes there must fulfil, whatever brought them; nil for nothing.
        package var filter: Filter?

        package init() {}
    }

    /// What leaving the scope, or the directory, means for an account.
    package enum Leaving: Sendable, Hashable {
        /// It is deactivated.
        case deactivate
        /// It is deleted.
        case delete
        /// It is deactivated, and deleted so many days later.
        case deleteAfter(days: Int)
        /// Nothing happens there.
        case nothing
    }

    /// How groups at the target are dealt with.
    package struct Groups: Sendable, Hashable {
        /// Whether a group of the same display name as one of the person's own groups is joined too.
        package var mirror = false
        /// Whether groups that the target lacks are made there.
        package var create = false

        package init() {}
    }

    /// Which actions wait for an administrator.
    package struct Approval: Sendable, Hashable {
        /// Making accounts.
        package var create = true
        /// Changing and reactivating accounts.
        package var update = true
        /// Deactivating and deleting accounts.
        package var delete = true
        /// Joining and leaving groups.
        package var groups = true
        /// How many administrators have to agree; at least 1.
        package var approvers = 1

        package init() {}
    }

    /// Where more is taken away than this, nothing is until someone approves it: more than ``count`` accounts, and more than
    /// ``percent`` of those that are active.
    package struct Guard: Sendable, Hashable {
        /// How many accounts.
        package var count = 5
        /// Which share of the active ones, in percent.
        package var percent = 10.0
        /// Within how long removals that come one by one are counted together.
        package var window: Duration = .seconds(3600)

        package init() {}
    }

    /// When a person's account is written.
    package enum Updates: String, Sendable, Hashable, CaseIterable {
        /// On every change of the person, with one PATCH for each group, as OneLogin does.
        case always
        /// Only where something differs from what the target took last.
        case onlyChanges = "only-changes"
    }

    /// The name.
    package var name: String
    /// The preset that the rest was made from.
    package var preset: TargetPreset
    /// The SCIM base URL, without a slash at its end.
    package var baseURL: String
    /// How requests prove who sends them.
    package var authentication: Authentication = .none
    /// Headers that are sent with each request.
    package var headers: [String: String] = [:]
    /// Whether the URL may lead to a loopback or private address.
    package var allowsPrivateAddress = false
    /// What a person becomes there.
    package var template: ProvisioningTemplate
    /// The attributes by which an account that is there is found, in this order of precedence, such as `userName`, `externalId`.
    package var matching: [String] = ["userName"]
    /// Who goes there.
    package var scope = Scope()
    /// What leaving the scope means.
    package var leaving: Leaving = .deactivate
    /// How groups are dealt with.
    package var groups = Groups()
    /// Which actions wait for an administrator.
    package var approval = Approval()
    /// When a person's account is written.
    package var updates: Updates = .always
    /// What stops a wrong edit from emptying the target.
    package var `guard` = Guard()
    /// What the target can and cannot do, and how fast.
    package var dialect: TargetDialect

    package init(name: String, preset: TargetPreset, baseURL: String, template: ProvisioningTemplate, dialect: TargetDialect) {
        self.name = name
        self.preset = preset
        self.baseURL = baseURL
        self.template = template
        self.dialect = dialect
    }
}
