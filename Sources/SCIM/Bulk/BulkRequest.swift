/// A bulk request (RFC 7644 §3.7): operations that are carried out one by one, each succeeding or failing for itself.
///
/// ``BulkProgress`` carries one out.
public struct BulkRequest: Sendable, Hashable {
    /// After how many errors the rest is left undone; nil for never. At least 1.
    public var failOnErrors: Int?
    /// The operations in the client's order.
    public var operations: [BulkOperation]

    /// Creates a request.
    /// - Precondition: no two POST operations have the same `bulkId`.
    public init(failOnErrors: Int? = nil, operations: [BulkOperation]) {
        self.failOnErrors = failOnErrors
        self.operations = operations
    }

    /// Reads a client's message; `schemas` may be missing.
    ///
    /// An operation that is malformed fails alone, when it is its turn.
    /// - Throws: `invalidSyntax` when it is no BulkRequest message; 413 when there are too many operations;
    ///   `invalidValue` for a bad `failOnErrors`, or a `bulkId` that two POST operations share.
    public init(message: AttributeValue, limits: BulkLimits = .init()) throws(SCIMError) {
        guard case .complex(let body) = message else { throw .invalidSyntax("the body must be a JSON object: a BulkRequest message") }
        if let schemas = body["schemas"], !schemas.isUnassigned {
            guard schemas.array?.contains(where: { $0.string?.isSameName(as: MessageSchema.bulkRequest) == true }) == true else {
                throw .invalidSyntax("schemas must hold \"\(MessageSchema.bulkRequest)\"")
            }
        }
        guard let listed = body["Operations"]?.array, !listed.isEmpty else {
            throw .invalidSyntax("'Operations' must be an array with at least one operation")
        }
        try limits.check(operations: listed.count)
        if let value = body["failOnErrors"], value != .null {
            guard let number = value.integer, number >= 1 else { throw .invalidValue("failOnErrors must be an integer of at least 1") }
            failOnErrors = Int(number)
        }
        operations = []
        operations.reserveCapacity(listed.count)
        var bulkIds: Set<String> = []
        for element in listed {
            let operation = try BulkOperation(element)
            if operation.method == .post, let bulkId = operation.bulkId, !bulkIds.insert(bulkId).inserted {
                throw .invalidValue("the bulkId '\(bulkId.prefix(100))' is used by two operations; each POST needs one of its own")
            }
            operations.append(operation)
        }
    }
}
