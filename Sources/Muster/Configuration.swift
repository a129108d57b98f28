public import SCIM

/// What a site decides about its server. Every value has a default; ``load(file:environment:flags:)`` reads them from
/// `muster.yaml`, the environment and flags.
public struct Configuration: Sendable, Hashable {
    /// The HTTP server.
    public struct Server: Sendable, Hashable {
        /// `server.host` (text, `127.0.0.1`): the address to listen on.
        public var host = "127.0.0.1"
        /// `server.port` (number, 8080): the port; 0 takes any that is free.
        public var port = 8080
        /// `server.publicURL` (text, none): the base URL as clients see it, such as `https://scim.example.com/scim/v2`.
        /// Without it, the address comes from each request's `Host`.
        public var publicURL: String?
        /// `server.trustForwardedHeaders` (yes or no, no): believe `X-Forwarded-Proto` and `-Host`; only behind a proxy
        /// that sets both.
        public var trustForwardedHeaders = false
        /// `server.maximumBodyBytes` (number, 1048576): the largest request body.
        public var maximumBodyBytes = 1 << 20
        /// `server.requestTimeoutSeconds` (number, 30): how long a request may be worked on.
        public var requestTimeoutSeconds = 30
        /// `server.maximumConnections` (number, 1000): connections at a time; further ones wait.
        public var maximumConnections = 1000
        /// `server.metrics` (`off`, `open` or `token`, `token`): whether `/metrics` answers Prometheus, and whom: anybody, or
        /// whoever has a token of the default tenant that may read everything.
        public var metrics = "token"
        /// `server.tls`: TLS on the server's own socket.
        public var tls = TLS()

        /// Creates the defaults.
        public init() {}
    }

    /// The directory.
    public struct Directory: Sendable, Hashable {
        /// `directory.defaultCount` (number, 100): results of a search that names no count.
        public var defaultCount = 100
        /// `directory.maximumCount` (number, 1000): results of a search at most.
        public var maximumCount = 1000
        /// `directory.patchBodyMemberLimit` (number, 100): a PATCH of a group with more members is answered 204.
        public var patchBodyMemberLimit = 100
        /// `directory.uniqueGroupNames` (yes or no, no): refuse a second group with the same displayName, as Entra ID
        /// expects. RFC 7643 §4.2 allows it, so it is off unless asked for.
        public var uniqueGroupNames = false
        /// `directory.dialect` (text, `auto`): how clients' messages are read and answered, where their token does not say:
        /// `auto`, `rfc`, `onelogin`, `okta`, `entra`, `jumpcloud`, `google`, `ping` or `sailpoint`.
        public var dialect = "auto"
        /// `directory.unknownAttributes` (`ignore` or `refuse`, as the dialect): what becomes of attributes that no schema has.
        public var unknownAttributes: String?
        /// `directory.patchAnswer` (`resource` or `noContent`, as the dialect): 200 with the resource after a PATCH, or 204.
        public var patchAnswer: String?
        /// `directory.schemas` (text, none): a folder with JSON files of schemas and resource types of the site's own.
        public var schemas: String?
        /// `directory.passwords` (`hash` or `drop`, `hash`): whether a hash of users' passwords is kept, or nothing.
        public var passwords = "hash"
        /// `directory.cursorLifetimeSeconds` (number, 3600): how long a search can be paged through by cursor.
        public var cursorLifetimeSeconds = 3600
        /// `directory.bulkMaximumOperations` (number, 1000): operations in one bulk request.
        public var bulkMaximumOperations = 1000
        /// `directory.bulkMaximumPayloadBytes` (number, 1048576): the largest bulk request.
        public var bulkMaximumPayloadBytes = 1 << 20
        /// `directory.indexUser` (list, none): further attributes of users to index, such as `title` or
        /// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`.
        public var indexUser: [String] = []
        /// `directory.indexGroup` (list, none): further attributes of groups to index.
        public var indexGroup: [String] = []

        /// Creates the defaults.
        public init() {}
    }

    /// The delivery of events to hooks.
    public struct Delivery: Sendable, Hashable {
        /// `delivery.concurrency` (number, 64): how many hooks run at the same time.
        public var concurrency = 64
        /// `delivery.retentionDays` (number, 7): how long finished deliveries are kept.
        public var retentionDays = 7
        /// `delivery.graceSeconds` (number, 20): how long running hooks may go on at shutdown.
        public var graceSeconds = 20
        /// `delivery.recordCalls` (yes or no, yes): keep what plugins' hooks call, with the answers, as long as the delivery, so
        /// that `muster replay` can compare. Secrets are blotted out, but bodies may hold personal data.
        public var recordCalls = true

        /// Creates the defaults.
        public init() {}
    }

    /// Security event tokens (RFC 9967), at `/Events` below the base URL.
    public struct Events: Sendable, Hashable {
        /// `events.mode` (`notice` or `full`, `notice`): whether events name the attributes that changed, or carry the resource.
        public var mode = "notice"
        /// `events.audience` (text, none): who the events are for, as their claim `aud`.
        public var audience: String?
        /// `events.advertised` (yes or no, no): tell of them in `/ServiceProviderConfig`, as RFC 9967 has it. Clients that know
        /// RFC 7643 alone, those built on Python's scim2-models among them, refuse the whole document for it.
        public var isAdvertised = false
        /// `events.signingKey` (text, none): the name of the secret that holds the key, P-256 in PEM. Without it the server makes
        /// a key and keeps it in its database.
        public var signingKey: String?

        /// Creates the defaults.
        public init() {}
    }

    /// The mails of plugins.
    public struct Mail: Sendable, Hashable {
        /// `mail.sendmail` (path, `/usr/sbin/sendmail`): the program that takes mails, as `sendmail -t -i -f SENDER` does.
        public var sendmail = "/usr/sbin/sendmail"
        /// `mail.from` (address, none): from whom mails come, such as `Muster <muster@example.com>`, where a plugin names nobody.
        public var from: String?

        /// Creates the defaults.
        public init() {}
    }

    /// One plugin's settings, `plugins.NAME`.
    public struct Plugin: Sendable, Hashable {
        /// `enabled` (yes or no, none): whether it runs; without it, as soon as it has all that it needs.
        public var isEnabled: Bool?
        /// `config` (object): what its plugin.json asks for.
        public var config: AttributeValue = .complex([:])
        /// `privateHosts` (list): hosts that it may reach although their addresses are private or loopback.
        public var privateHosts: [String] = []
        /// `shadow` (text, none): the folder of another version of the plugin, which runs beside it without any effect.
        public var shadow: String?

        /// Creates the defaults.
        public init() {}
    }

    /// What differs for one tenant, `tenants.NAME`.
    public struct Tenant: Sendable, Hashable {
        /// `directory`: the site's, with what is said here in place of it.
        public var directory = Directory()
        /// `plugins`: as the site's `plugins`; where a plugin is not named, the site's settings hold. Nil: the site's in all.
        public var plugins: [String: Plugin]?
        /// `allowedAddresses` (list, none): addresses and ranges from which the tenant's clients may come, beside the site's list.
        public var allowedAddresses: [String]?

        /// Creates the defaults.
        public init() {}
    }

    /// The HTTP server.
    public var server = Server()
    /// Who may use the directory.
    public var authentication = Authentication()
    /// The directory.
    public var directory = Directory()
    /// The delivery of events to hooks.
    public var delivery = Delivery()
    /// Security event tokens.
    public var events = Events()
    /// The mails of plugins.
    public var mail = Mail()
    /// The plugins' settings by name.
    public var plugins: [String: Plugin] = [:]
    /// What differs for tenants, by their names. A tenant that is not named here has the site's settings.
    public var tenants: [String: Tenant] = [:]
    /// `pluginReload` (`watch` or `signal`, `watch`): whether changed plugins are taken up by themselves, or only on SIGHUP and
    /// `muster plugin reload`.
    public var pluginReload = "watch"
    /// `pluginPins` (`auto` or `required`, `auto`): whether plugins must be as they were pinned where there is a `plugins.lock`
    /// in the data folder, or always.
    public var pluginPins = "auto"
    /// `trustedAuthorities` (path, none): a PEM file with authorities whose certificates are trusted, besides the system's, in what
    /// plugins and the provisioner send. Read at start.
    public var trustedAuthorities: String?
    /// `secretsFolder` (text, none): a folder with one file for each secret, beside `MUSTER_SECRET_NAME` variables.
    public var secretsFolder: String?
    /// `logLevel` (text, `info`): trace, debug, info, notice, warning, error or critical.
    public var logLevel = "info"

    /// Creates the defaults.
    public init() {}
}
