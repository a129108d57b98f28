import MusterCore
import SCIM

/// What an answer shows of a resource before hooks have shaped it.
struct AnswerDraft: Sendable {
    var stored: StoredResource
    var rows: ResourceRendering.Rows
}

extension Directory {
    /// Whether somebody shapes this answer with resources of this type. Where not, stored bytes are copied out.
    func isShaped(_ type: ResourceType, _ options: AnswerOptions) -> Bool {
        options.origin != nil && answerInterceptors.contains { $0.concerns(type.name) }
    }

    /// A resource as the client gets it.
    func answer(_ draft: AnswerDraft, of type: ResourceType, _ options: AnswerOptions) async throws -> ResourceAnswer {
        guard isShaped(type, options) else { return try answer(draft.stored, of: type, rows: draft.rows, options) }
        let shaped = try await shaped([draft], of: type, options)[0]
        return ResourceAnswer(
            body: shaped.document(options.selection, of: type, in: registry), etag: shaped.etag,
            location: location(draft.stored.key, options))
    }

    /// Resources of one type as the client gets them, in their order.
    func documents(_ drafts: [AnswerDraft], of type: ResourceType, _ options: AnswerOptions) async throws -> [[UInt8]] {
        try await shaped(drafts, of: type, options).map { $0.document(options.selection, of: type, in: registry) }
    }

    /// Lets the interceptors shape resources, whole: what a client has selected is picked from the result.
    private func shaped(_ drafts: [AnswerDraft], of type: ResourceType, _ options: AnswerOptions) async throws -> [ShapedResource] {
        guard let first = drafts.first else { return [] }
        let rendering = ResourceRendering(registry: registry, baseURL: options.baseURL)
        let originals = try drafts.map { try rendering.resource($0.stored, rows: $0.rows) }
        let origin = options.origin ?? RequestOrigin(id: "", client: "", tenant: first.stored.key.tenant)
        var resources = originals
        for interceptor in answerInterceptors where interceptor.concerns(type.name) {
            resources = try await interceptor.shape(resources, type.name, origin)
            guard resources.count == originals.count else {
                throw SCIMError(status: 500, detail: "a hook answered for \(resources.count) of \(originals.count) resources")
            }
            for index in resources.indices { resources[index].keepIdentity(of: originals[index]) }
        }
        return drafts.indices.map { index in
            let (draft, original) = (drafts[index], originals[index])
            let etag = draft.rows.etag(of: draft.stored.meta)
            guard resources[index] != original else { return ShapedResource(resource: original, etag: etag) }
            return ShapedResource(Resource(attributes: resources[index].attributes.ordered(like: original.attributes)), draft.stored.meta)
        }
    }
}

/// A resource as hooks have left it.
private struct ShapedResource {
    var resource: Resource
    /// Names the version and what is shown of it, so that nobody is told "not modified" about what a hook now shows
    /// otherwise. Behind the dash it does not count for changes; see `Preconditions.checkVersion(_:)`.
    var etag: String

    init(resource: Resource, etag: String) {
        self.resource = resource
        self.etag = etag
    }

    init(_ resource: Resource, _ meta: Meta) {
        self.resource = resource
        var shown = resource
        shown["meta"] = nil
        etag = "W/\"\(meta.version)-\(SearchCursor.fingerprint(of: shown.document))\""
        guard var described = resource["meta"]?.complex else { return }
        described["version"] = .string(etag)
        self.resource["meta"] = .complex(described)
    }

    func document(_ selection: AttributeSelection, of type: ResourceType, in registry: SchemaRegistry) -> [UInt8] {
        selection.applied(to: resource, of: type, in: registry).document
    }
}

extension Resource {
    /// Takes back what no hook may change.
    fileprivate mutating func keepIdentity(of original: Resource) {
        for name in ["schemas", "id", "meta"] { self[name] = original[name] }
    }
}

extension AttributeMap {
    /// The same with the members in the order of another map, at every depth, and new ones behind them by name: Lua's tables
    /// have no order, and the same resource shall have the same bytes each time.
    func ordered(like original: AttributeMap) -> AttributeMap {
        var sorted: [Member] = []
        for member in original.members {
            if let value = self[member.name] { sorted.append(Member(name: member.name, value: value.ordered(like: member.value))) }
        }
        let new = members.filter { original[$0.name] == nil }.sorted { $0.name < $1.name }
        return AttributeMap(sorted + new.map { Member(name: $0.name, value: $0.value.ordered(like: .null)) })
    }
}

extension AttributeValue {
    fileprivate func ordered(like original: AttributeValue) -> AttributeValue {
        switch self {
        case .complex(let map): return .complex(map.ordered(like: original.complex ?? AttributeMap()))
        case .array(let elements):
            let model = original.array?.first ?? .null
            return .array(elements.map { $0.ordered(like: model) })
        default: return self
        }
    }
}
