package import MusterCore

/// What plugins can reach: the real world in a server, a made-up one in a spec, one that only records in a rehearsal.
///
/// The permissions and limits before it are the same in all of them.
package struct PluginWorld: Sendable {
    /// The way out over HTTP.
    package var transport: any HTTPTransport
    /// The way out for mails.
    package var mail: any MailTransport = NoMail()
    /// From whom mails come that name nobody; nil where they have to.
    package var mailSender: MailAddress?
    /// Where the values of `muster.kv` are kept, for a plugin.
    package var values: @Sendable (_ plugin: String) -> PluginValues
    /// What is asked of the directory.
    package var scim: ScimAccess
    /// What has changed.
    package var changes: ChangeFeed
    /// The time of day.
    package var clock: WallClock
    /// Waits.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// Holds calls back from destinations that fail; nil where none is really called.
    package var breakers: DestinationBreakers?
    /// Makes a UUID.
    package var makeUUID: @Sendable () -> String
    /// Makes so many random bytes.
    package var random: @Sendable (Int) -> [UInt8]

    /// The real world.
    package init(
        store: any Store, transport: any HTTPTransport, mail: any MailTransport = NoMail(), mailSender: MailAddress? = nil,
        scim: ScimAccess = .none, clock: WallClock = .system,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        makeUUID: @escaping @Sendable () -> String = RandomIdentifier.uuid
    ) {
        self.init(
            transport: transport, values: { .stored(in: store, plugin: $0, clock: clock) }, scim: scim,
            changes: .stored(in: store), clock: clock, sleep: sleep, makeUUID: makeUUID)
        (self.mail, self.mailSender) = (mail, mailSender)
        breakers = DestinationBreakers(clock: clock)
    }

    /// Any world.
    package init(
        transport: any HTTPTransport, values: @escaping @Sendable (_ plugin: String) -> PluginValues, scim: ScimAccess,
        changes: ChangeFeed = .none, clock: WallClock, sleep: @escaping @Sendable (Duration) async throws -> Void,
        makeUUID: @escaping @Sendable () -> String,
        random: @escaping @Sendable (Int) -> [UInt8] = RandomIdentifier.bytes
    ) {
        self.transport = transport
        self.values = values
        self.scim = scim
        self.changes = changes
        self.clock = clock
        self.sleep = sleep
        self.makeUUID = makeUUID
        self.random = random
    }
}

/// The way out for mails where there is none.
package struct NoMail: MailTransport {
    package init() {}

    package func send(_ mail: OutboundMail) async throws { throw MailError(.noProgram, "no mail leaves from here") }
}
