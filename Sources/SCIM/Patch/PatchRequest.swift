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

    /// Reads a client's message.
    /// - Parameter dialect: What is understood besides what the RFC has.
    /// - Throws: `invalidSyntax` when it is no PatchOp message or an operation is unknown, `invalidPath` for a bad path,
    ///   `tooMany` for more than 1,000 operations.
    public init(message: AttributeValue, dialect: ClientDialect = .auto) throws(SCIMError) {
        var reading = DialectReading(dialect)
        try self.init(message, &reading)
    }

    /// As ``init(message:dialect:)``, and tells which quirks the message has.
    public init(message: AttributeValue, dialect: ClientDialect, noting quirks: inout Set<Quirk>) throws(SCIMError) {
        var reading = DialectReading(dialect)
        defer { quirks.formUnion(reading.noted) }
        try self.init(message, &reading)
    }

    private init(_ message: AttributeValue, _ reading: inout DialectReading) throws(SCIMError) {
        guard case .complex(let body) = message else { throw .invalidSyntax("the body must be a JSON object: a PatchOp message") }
        let wanted = SCIMError.invalidSyntax("schemas must hold \"\(Self.schema)\"")
        if let schemas = body["schemas"], !schemas.isUnassigned {
            guard schemas.array?.contains(where: { $0.string?.isSameName(as: Self.schema) == true }) == true else { throw wanted }
        } else {
            try reading.meet(.schemasIncomplete, else: wanted)
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
        for operation in operations { self.operations.append(try PatchOperation(operation, &reading)) }
    }
}

extension PatchOperation {
    fileprivate init(_ value: AttributeValue, _ reading: inout DialectReading) throws(SCIMError) {
        guard case .complex(let map) = value else { throw .invalidSyntax("each operation must be a JSON object") }
        let wanted = SCIMError.invalidSyntax("'op' must be \"add\", \"remove\" or \"replace\"")
        guard let name = map["op"]?.string, let kind = PatchQuirks.kind(name) else { throw wanted }
        if kind.rawValue != name { try reading.meet(.operationCase, else: wanted) }
        var path: AttributePath?
        switch map["path"] {
        case nil, .null?: break
        case .string("")?:
            try reading.meet(.emptyPath, else: .invalidPath("'path' is empty; leave it out where the resource itself is meant"))
        case .string(let text)?: path = try AttributePath(parsing: text)
        default: throw .invalidPath("'path' must be a string")
        }
        self.init(kind, path: path, value: map["value"])
    }
}
