/// How large a bulk request may be (RFC 7644 §3.7.4), as `/ServiceProviderConfig` tells it.
public struct BulkLimits: Sendable, Hashable {
    /// The most operations in one request.
    public var maximumOperations: Int
    /// The largest request in bytes.
    public var maximumPayloadBytes: Int

    /// Creates limits.
    public init(maximumOperations: Int = 1000, maximumPayloadBytes: Int = 1 << 20) {
        self.maximumOperations = maximumOperations
        self.maximumPayloadBytes = maximumPayloadBytes
    }

    /// Checks the size of a request's body.
    /// - Throws: 413 that tells the limit, as RFC 7644 §3.7.4 demands.
    public func check(payloadBytes: Int) throws(SCIMError) {
        guard payloadBytes <= maximumPayloadBytes else {
            throw .payloadTooLarge("the size of the bulk operation exceeds the maxPayloadSize (\(maximumPayloadBytes))")
        }
    }

    /// Checks the number of operations.
    func check(operations: Int) throws(SCIMError) {
        guard operations <= maximumOperations else {
            throw .payloadTooLarge("the number of operations (\(operations)) exceeds the maxOperations (\(maximumOperations))")
        }
    }
}
