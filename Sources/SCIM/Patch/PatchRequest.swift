/// A PATCH message (RFC 7644 §3.5.2): operations that are applied in order, all or none.
public struct PatchRequest: Sendable, Hashable {
    /// The URN of the message.
    public static let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
    /// How many operations a message may hold.
    static let maximumOperations = 1000
    /// How many members of a group a message may name.
    static let maximumMembers = 100_000

    /// The operations in order.
    public var operations: [PatchOperation]

    /// Creates a request.
    public init(operations: [PatchOperation]) { self.operations = operations }

    /// Reads a client's message. `op` is read without regard to case; `schemas` may be missing.
    /// - Throws: `invalidSyntax` when it is no PatchOp message or an operation is unknown, `invalidPath` for a bad path,
    ///   `tooMany` for more than 1,000 operations.
    public init(message: AttributeValue) throws(SCIMError) {
        guard case .complex(let body) = message else { throw .invalidSyntax("the body must be a JSON object: a PatchOp message") }
        if let schemas = body["schemas"], !schemas.isUnassigned {
            guard schemas.array?.contains(where: { $0.string?.isSameName(as: Self.schema) == true }) == true else {
                throw .invalidSyntax("schemas must hold \"\(Self.schema)\"")
            }
        }
        guard let listed = body["Operations"] else { throw .invalidSyntax("'Operations' is missing") }
        guard let operations = listed.array, !operations.isEmpty else {
            throw .invalidSyntax("'Operations' must be an array with at least one operation")
        }
        guard operations.count <= Self.maximumOperations else {
            throw .tooMany("more than \(Self.maximumOperations) operations in one request")
        }
        self.operations = []
        self.operations.reserveCapacity(operations.count)
        for operation in operations { self.operations.append(try PatchOperation(operation)) }
    }
}

extension PatchOperation {
    fileprivate init(_ value: AttributeValue) throws(SCIMError) {
        guard case .complex(let map) = value else { throw .invalidSyntax("each operation must be a JSON object") }
        guard let name = map["op"]?.string, let kind = PatchQuirks.kind(name) else {
            throw .invalidSyntax("'op' must be \"add\", \"remove\" or \"replace\"")
        }
        var path: AttributePath?
        switch map["path"] {
        case nil, .null?, .string("")?: break
        case .string(let text)?: path = try AttributePath(parsing: text)
        default: throw .invalidPath("'path' must be a string")
        }
        self.init(kind, path: path, value: map["value"])
    }
}
