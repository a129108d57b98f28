/// What is to be done next for a bulk request: what a single request would be, with all references resolved.
public struct BulkCall: Sendable, Hashable {
    /// Why it is done.
    public enum Purpose: Sendable, Hashable {
        /// It is an operation of the request.
        case operation
        /// It fills in what an operation left out at first, since resources refer to each other in a circle.
        case completion
        /// It takes back what an operation created, since another one of its circle failed.
        case undoing
    }

    /// The number of the operation in the request.
    public var operation: Int
    /// Why it is done.
    public var purpose: Purpose
    /// The method.
    public var method: BulkOperation.Method
    /// The resource type.
    public var type: ResourceType
    /// The id of the resource; nil for a POST.
    public var id: String?
    /// The body: a resource, or a PATCH message; nil for a DELETE.
    public var data: AttributeValue?
    /// What the operation demands of the resource's state.
    public var preconditions: Preconditions
}

/// What became of a call that succeeded.
public struct BulkSuccess: Sendable, Hashable {
    /// The HTTP status: 200, 201 or 204.
    public var status: Int
    /// The id of the resource.
    public var id: String
    /// The URL of the resource.
    public var location: String
    /// The entity tag of the resource, as it would stand in the header; nil after a DELETE.
    public var version: String?
    /// The resource, where the answer is to carry it; nil leaves it out, which RFC 7644 §3.7 allows.
    public var response: AttributeValue?

    /// Creates a value.
    public init(status: Int, id: String, location: String, version: String? = nil, response: AttributeValue? = nil) {
        self.status = status
        self.id = id
        self.location = location
        self.version = version
        self.response = response
    }
}
