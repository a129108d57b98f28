/// The URNs of SCIM's messages (RFC 7644 §8.2).
public enum MessageSchema {
    /// An error.
    public static let error = "urn:ietf:params:scim:api:messages:2.0:Error"
    /// A page of results.
    public static let listResponse = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
    /// A PATCH request.
    public static let patchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
    /// A search by POST.
    public static let searchRequest = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
    /// Several operations in one request.
    public static let bulkRequest = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
    /// The results of several operations.
    public static let bulkResponse = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
}
