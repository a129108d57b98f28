/// How a client's requests are read and answered: the quirks that are understood, and the few settings that contradict
/// the RFC or narrow what it leaves open.
///
/// ``auto`` suits every client that we know; the others are for sites that want to be stricter, or need the answers of
/// one client. A quirk that a dialect does not understand is refused with an error that says what the RFC wants.
///
/// ## Topics
/// ### Presets
/// - ``auto``, ``rfc``, ``onelogin``, ``okta``, ``entra``, ``jumpcloud``, ``google``, ``ping``, ``sailpoint``
public struct ClientDialect: Sendable, Hashable {
    /// What happens to attributes that no schema has, in the bodies of POST and PUT and within complex values.
    ///
    /// A PATCH path that no schema has is refused with `invalidPath` in each dialect (RFC 7644 §3.12).
    public enum UnknownAttributes: String, Sendable, Hashable, CaseIterable {
        /// They are dropped.
        case ignore
        /// They are refused with 400 `invalidValue`, which names the attribute and the nearest known spelling.
        case refuse
    }

    /// How a PATCH that succeeded is answered (RFC 7644 §3.5.2 leaves both open).
    public enum PatchAnswer: String, Sendable, Hashable, CaseIterable {
        /// 200 with the resource.
        case resource
        /// 204 without a body, unless the request names `attributes`.
        case noContent
    }

    /// Which names groups may have. RFC 7643 §4.2 does not make `displayName` unique.
    public enum GroupNames: String, Sendable, Hashable, CaseIterable {
        /// Any, as the RFC has it.
        case any
        /// A second group with the same `displayName`, without regard to case, and the same `externalId` is refused with
        /// 409 `uniqueness`: a client that creates a group again has lost its answer.
        case distinctForSameExternalID
        /// A second group with the same `displayName`, without regard to case, is refused with 409 `uniqueness`.
        case distinct
    }

    /// The name in settings and logs, such as `onelogin`.
    public var name: String
    /// The quirks that are understood.
    public var quirks: Set<Quirk>
    /// How a PATCH that succeeded is answered.
    public var patchAnswer: PatchAnswer
    /// Which names groups may have.
    public var groupNames: GroupNames

    /// What happens to attributes that no schema has; ``Quirk/unknownAttributes`` is among ``quirks`` when they are ignored.
    public var unknownAttributes: UnknownAttributes {
        get { quirks.contains(.unknownAttributes) ? .ignore : .refuse }
        set {
            switch newValue {
            case .ignore: quirks.insert(.unknownAttributes)
            case .refuse: quirks.remove(.unknownAttributes)
            }
        }
    }

    /// Creates a dialect. `unknownAttributes` decides whether ``Quirk/unknownAttributes`` is among the quirks.
    public init(
        name: String, quirks: Set<Quirk>, unknownAttributes: UnknownAttributes = .ignore, patchAnswer: PatchAnswer = .resource,
        groupNames: GroupNames = .distinctForSameExternalID
    ) {
        self.name = name
        self.quirks = quirks
        self.patchAnswer = patchAnswer
        self.groupNames = groupNames
        self.unknownAttributes = unknownAttributes
    }
}
