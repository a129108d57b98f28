extension ClientDialect {
    /// The default: every quirk is understood, unknown attributes are ignored, PATCH is answered with the resource, and a
    /// group that exists already under the same `displayName` and `externalId` is refused.
    public static let auto = ClientDialect(name: "auto", quirks: Set(Quirk.all))

    /// The RFC and nothing else: no quirk is understood, unknown attributes are refused, groups may share a name.
    public static let rfc = ClientDialect(name: "rfc", quirks: [], unknownAttributes: .refuse, groupNames: .any)

    /// OneLogin, with the templates that it offers.
    public static let onelogin = ClientDialect(client: "onelogin")

    /// Okta, with its provisioning agents and group push.
    public static let okta = ClientDialect(client: "okta")

    /// Microsoft Entra ID: PATCH is answered without a body, and names of groups are unique, as its validator asks.
    public static let entra = ClientDialect(client: "entra", patchAnswer: .noContent, groupNames: .distinct)

    /// JumpCloud.
    public static let jumpcloud = ClientDialect(client: "jumpcloud")

    /// Google Workspace. It does not document its PATCH messages, hence every quirk is understood.
    public static let google = ClientDialect(name: "google", quirks: Set(Quirk.all))

    /// PingOne and PingFederate. They do not document their PATCH messages, hence every quirk is understood.
    public static let ping = ClientDialect(name: "ping", quirks: Set(Quirk.all))

    /// SailPoint. It does not document its PATCH messages, hence every quirk is understood.
    public static let sailpoint = ClientDialect(name: "sailpoint", quirks: Set(Quirk.all))

    /// Every preset, the default first.
    public static let presets: [ClientDialect] = [
        auto, rfc, onelogin, okta, entra, jumpcloud, google, ping, sailpoint,
    ]

    /// The preset of that name in any case, or nil.
    public init?(named name: String) {
        guard let found = Self.presets.first(where: { $0.name.isSameName(as: name) }) else { return nil }
        self = found
    }

    /// The dialect that understands what `client` is known to send, and what mappings written by hand send.
    private init(client: String, patchAnswer: PatchAnswer = .resource, groupNames: GroupNames = .distinctForSameExternalID) {
        self.init(
            name: client, quirks: Set(Quirk.all.filter { $0.clients.contains(client) || $0.clients.contains("mappings") }),
            patchAnswer: patchAnswer,
            groupNames: groupNames)
    }
}
