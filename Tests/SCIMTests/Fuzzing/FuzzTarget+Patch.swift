import SCIM

extension FuzzTarget {
    /// The errors that RFC 7644 §3.12 has for bodies.
    private static let refusals: Set = [
        "invalidFilter", "invalidPath", "invalidSyntax", "invalidValue", "mutability", "noTarget", "tooMany",
    ]

    static func checkPatch(_ input: [UInt8]) throws(FuzzFinding) {
        guard let message = try? AttributeValue(json: input) else { return }
        for (type, resource) in Samples.all {
            if message["Operations"] == nil {
                try checkBody(message, type, resource, input)
            } else {
                try checkMessage(message, type, resource, input)
            }
        }
    }

    // MARK: POST and PUT

    /// A body is refused, or makes a resource that may be stored.
    private static func checkBody(
        _ body: AttributeValue, _ type: ResourceType, _ resource: Resource, _ input: [UInt8]
    ) throws(FuzzFinding) {
        for existing in [nil, resource] {
            switch made(type, { (validator) throws(SCIMError) in try validator.resource(from: body, replacing: existing) }) {
            case .success(let made): try checkStorable(made, type)
            case .failure(let error): try error.checkAnswers(input, as: refusals)
            }
        }
    }

    private static func made(
        _ type: ResourceType, _ make: (ResourceValidator) throws(SCIMError) -> Resource
    ) -> Result<Resource, SCIMError> {
        Result { () throws(SCIMError) in try make(ResourceValidator(registry: .standard, type: type)) }
    }

    /// What may be stored is valid, complete and canonical: storing it again changes nothing, in whatever way it comes.
    private static func checkStorable(_ resource: Resource, _ type: ResourceType) throws(FuzzFinding) {
        let value = AttributeValue.complex(resource.attributes)
        if let flaw = value.flaw { throw FuzzFinding(description: "\(flaw): \(value.jsonText)") }
        let bytes = value.jsonBytes
        try require((try? AttributeValue(json: bytes)) == value, "what is stored cannot be read: \(value.jsonText)")
        var expected = [type.schema]
        for item in type.schemaExtensions where resource[item.schema] != nil { expected.append(item.schema) }
        try require(resource.schemas == expected, "schemas are \(resource.schemas)")
        for (way, again) in [
            ("a PATCH without effect", made(type) { (it) throws(SCIMError) in try it.validated(resource, replacing: resource) }),
            ("a PUT of the answer", made(type) { (it) throws(SCIMError) in try it.resource(from: value, replacing: resource) }),
        ] {
            guard case .success(let stored) = again, AttributeValue.complex(stored.attributes).jsonBytes == bytes else {
                throw FuzzFinding(description: "\(way) makes \(again) of \(value.jsonText)")
            }
        }
        if case .failure(let error) = made(type, { (it) throws(SCIMError) in try it.resource(from: value, replacing: nil) }) {
            throw FuzzFinding(description: "a POST of what is stored is refused: \(error)")
        }
    }

    // MARK: PATCH

    private static func checkMessage(
        _ message: AttributeValue, _ type: ResourceType, _ resource: Resource, _ input: [UInt8]
    ) throws(FuzzFinding) {
        let before = resource.attributes.members
        let outcome = PatchOutcome(of: message, on: resource, type)
        try require(PatchOutcome(of: message, on: resource, type) == outcome, "the same message has another outcome")
        try require(resource.attributes.members == before, "the resource itself has changed")
        for operation in outcome.membership { try checkMembership(operation) }
        switch outcome.result {
        case .failure(let error): try error.checkAnswers(input, as: refusals)
        case .success(let patched):
            try checkStorable(patched, type)
            try require(patched.id == resource.id && patched["groups"] == resource["groups"], "something readOnly has changed")
            guard outcome.isStable else { return }
            let again = PatchOutcome(of: message, on: patched, type)
            try require(again == outcome, "done twice it is \(again.result), not \(outcome.result)")
        }
    }

    private static func checkMembership(_ operation: MembershipOperation) throws(FuzzFinding) {
        switch operation {
        case .add(let ids), .remove(let ids), .replace(let ids):
            try require(Set(ids).count == ids.count && !ids.contains(""), "members are named twice, or not at all: \(ids)")
        case .removeAll, .removeMatching: break
        }
    }
}

/// What becomes of a PATCH message.
private struct PatchOutcome: Equatable {
    var membership: [MembershipOperation] = []
    var result: Result<Resource, SCIMError>
    /// Whether doing it twice is doing it once: one operation on one attribute, where no filter chooses the value that the
    /// operation itself makes another.
    var isStable = false

    init(of message: AttributeValue, on resource: Resource, _ type: ResourceType) {
        result = .success(resource)
        do throws(SCIMError) {
            var request = try PatchRequest(message: message).expanded(for: type, in: .standard, resourceID: resource.id)
            membership = try request.takeMembershipOperations()
            if let only = request.operations.first, request.operations.count == 1 {
                isStable = only.kind == .remove || only.path?.valueFilter == nil
            }
            let changed = try request.applied(to: resource, of: type, in: .standard)
            // One after the other is the same as all at once.
            var step = resource
            for operation in request.operations {
                step = try PatchRequest(operations: [operation]).applied(to: step, of: type, in: .standard)
            }
            guard step == changed else {
                result = .failure(SCIMError(status: 500, detail: "one by one they make \(step), all at once \(changed)"))
                return
            }
            result = .success(try ResourceValidator(registry: .standard, type: type).validated(changed, replacing: resource))
        } catch {
            result = .failure(error)
        }
    }
}

extension AttributeValue {
    /// What a stored value may not hold, or nil when it is sound.
    fileprivate var flaw: String? {
        switch self {
        case .null: return "a null is stored"
        case .array(let values) where values.isEmpty: return "an empty array is stored"
        case .complex(let map) where map.isEmpty: return "an empty object is stored"
        case .string(let text) where text.utf8.contains(0): return "U+0000 is stored"
        case .decimal(let number) where !number.isFinite: return "\(number) is stored"
        case .array(let values):
            if values.count(where: { $0["primary"] == true }) > 1 { return "two values are primary" }
            return values.lazy.compactMap(\.flaw).first
        case .complex(let map):
            if Set(map.members.map { $0.name.lowercased() }).count < map.count { return "a name is stored twice" }
            return map.members.lazy.compactMap(\.value.flaw).first
        default: return nil
        }
    }
}
