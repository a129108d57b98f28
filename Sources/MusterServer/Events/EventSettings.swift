package import MusterDirectory

/// What a site may decide about security events (RFC 9967).
package struct EventSettings: Sendable {
    /// How much they tell.
    package var mode: SecurityEventMode
    /// Who they are for, as their claim `aud`; nil for whoever may read them.
    package var audience: String?
    /// Signs them. Nil has the server make a key at first use and keep it in the store: whoever can read the database can
    /// then sign in the server's name, so that the database must be protected as the key would be.
    package var signingKey: EventSigningKey?
    /// How long a poll may wait for something to happen; 30 seconds at most.
    package var longestWait: Duration
    /// How often a waiting poll looks for changes that another process wrote.
    package var lookInterval: Duration
    /// How many polls may wait at a time, of all clients and of one.
    package var maximumWaiting: Int, maximumWaitingPerClient: Int
    /// An answer ends early once its events are as long, in bytes.
    package var maximumAnswerBytes: Int
    /// Whether `/ServiceProviderConfig` tells of them.
    package var isAdvertised: Bool

    package init(
        mode: SecurityEventMode = .notice, audience: String? = nil, signingKey: EventSigningKey? = nil,
        longestWait: Duration = .seconds(25), lookInterval: Duration = .seconds(1), maximumWaiting: Int = 64,
        maximumWaitingPerClient: Int = 4, maximumAnswerBytes: Int = 4 << 20, isAdvertised: Bool = false
    ) {
        self.mode = mode
        self.audience = audience
        self.signingKey = signingKey
        self.longestWait = min(longestWait, .seconds(30))
        self.lookInterval = lookInterval
        self.maximumWaiting = maximumWaiting
        self.maximumWaitingPerClient = maximumWaitingPerClient
        self.maximumAnswerBytes = maximumAnswerBytes
        self.isAdvertised = isAdvertised
    }
}
