/// What became of the operations of a bulk request (RFC 7644 §3.7.3).
public struct BulkResponse: Sendable, Hashable {
    /// What became of one operation.
    public struct Operation: Sendable, Hashable {
        /// The method as the client wrote it.
        public var method: String
        /// The client's name for the operation, or nil.
        public var bulkId: String?
        /// The entity tag of the resource, or nil.
        public var version: String?
        /// The URL of the resource; nil only where there is none, as after a failed POST.
        public var location: String?
        /// The HTTP status.
        public var status: Int
        /// The error, or the resource where the answer carries it.
        public var response: AttributeValue?

        /// Creates a value.
        public init(
            method: String, bulkId: String? = nil, version: String? = nil, location: String? = nil, status: Int,
            response: AttributeValue? = nil
        ) {
            self.method = method
            self.bulkId = bulkId
            self.version = version
            self.location = location
            self.status = status
            self.response = response
        }

        /// The element of `Operations`.
        var document: AttributeValue {
            var map = AttributeMap()
            if let location { map.append("location", .string(location)) }
            map.append("method", .string(method))
            if let bulkId { map.append("bulkId", .string(bulkId)) }
            if let version { map.append("version", .string(version)) }
            map.append("status", .string(String(status)))
            if let response { map.append("response", response) }
            return .complex(map)
        }
    }

    /// The operations that were processed, in the order of the request.
    public var operations: [Operation]

    /// Creates a response.
    public init(operations: [Operation]) { self.operations = operations }

    /// The message that tells a client.
    public var message: AttributeValue {
        ["schemas": [.string(MessageSchema.bulkResponse)], "Operations": .array(operations.map(\.document))]
    }

    /// The message as JSON.
    public var jsonBytes: [UInt8] { message.jsonBytes }
}
