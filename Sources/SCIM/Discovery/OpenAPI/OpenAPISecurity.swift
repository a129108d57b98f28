/// The ways to authenticate, as security schemes.
struct OpenAPISecurity {
    /// The schemes by name.
    let schemes: AttributeMap
    /// Any one of the schemes is enough; nil where there is none.
    let requirements: AttributeValue?

    /// OpenAPI has no word for what is neither a bearer token nor basic, digest or a certificate; that is left out.
    init(_ schemes: [ServiceProviderConfig.AuthenticationScheme]) {
        var map = AttributeMap()
        for scheme in schemes {
            guard let (name, kind) = Self.kind(of: scheme), map[name] == nil else { continue }
            map.append(name, .complex(AttributeMap(kind.members + [.init(name: "description", value: .string(scheme.description))])))
        }
        self.schemes = map
        guard !map.isEmpty else {
            requirements = Optional.none
            return
        }
        requirements = .array(map.members.map { member in .complex(AttributeMap([.init(name: member.name, value: [])])) })
    }

    private static func kind(of scheme: ServiceProviderConfig.AuthenticationScheme) -> (name: String, AttributeMap)? {
        switch scheme.type.lowercased() {
        case "oauthbearertoken": ("bearerToken", ["type": "http", "scheme": "bearer"])
        case "oauth2": ("oauth2", ["type": "http", "scheme": "bearer", "bearerFormat": "JWT"])
        case "httpbasic": ("basic", ["type": "http", "scheme": "basic"])
        case "httpdigest": ("digest", ["type": "http", "scheme": "digest"])
        case "mutualtls": ("mutualTLS", ["type": "mutualTLS"])
        default: nil
        }
    }
}
