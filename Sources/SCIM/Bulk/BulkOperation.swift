/// One operation of a bulk request (RFC 7644 §3.7): what a single request would be.
public struct BulkOperation: Sendable, Hashable {
    /// The HTTP method of an operation.
    public enum Method: String, Sendable, Hashable, CaseIterable {
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// The method, or nil when it is none of the four.
    public var method: Method?
    /// The method as the client wrote it, for the answer; "" when it wrote none.
    public var methodName: String
    /// The client's name for the resource that a POST creates; of other methods only a name for the answer.
    public var bulkId: String?
    /// The entity tag that the resource must have, for PUT, PATCH and DELETE.
    public var version: String?
    /// The path below the base URL: `/Users`, or `/Users/{id}` with an id or `bulkId:name`; "" when there is none.
    public var path: String
    /// The body: a resource, or a PATCH message.
    public var data: AttributeValue?

    /// Creates an operation.
    public init(_ method: Method, path: String, bulkId: String? = nil, version: String? = nil, data: AttributeValue? = nil) {
        self.method = method
        methodName = method.rawValue
        self.bulkId = bulkId
        self.version = version
        self.path = path
        self.data = data
    }

    /// Reads an element of `Operations`. What is wrong with it is not found here but by ``checked()``, so that an operation
    /// that cannot be carried out fails alone.
    /// - Throws: `invalidSyntax` when it is no object.
    init(_ value: AttributeValue) throws(SCIMError) {
        guard case .complex(let map) = value else { throw .invalidSyntax("each element of 'Operations' must be a JSON object") }
        func text(_ name: String) -> String? {
            guard let text = map[name]?.string, !text.isEmpty else { return nil }
            return text
        }
        methodName = text("method") ?? ""
        method = Method.allCases.first { [methodName] in $0.rawValue.isSameName(as: methodName) }
        bulkId = text("bulkId")
        version = text("version")
        path = text("path") ?? ""
        if let given = map["data"], given != .null { data = given }
        // RFC 7644 §3.7.3 has an example with the bare operations of a PATCH.
        if method == .patch, case .array? = data, let operations = data {
            data = ["schemas": [.string(PatchRequest.schema)], "Operations": operations]
        }
    }

    /// Checks what each operation must have.
    /// - Throws: `invalidSyntax` that says what is missing.
    func checked() throws(SCIMError) -> Method {
        guard let method else {
            throw .invalidSyntax(
                "'method' must be POST, PUT, PATCH or DELETE" + (methodName.isEmpty ? "" : ", not '\(methodName.prefix(20))'"))
        }
        guard !path.isEmpty else { throw .invalidSyntax("'path' is missing; it is one such as /Users or /Users/{id}") }
        if method == .post, bulkId == nil { throw .invalidSyntax("'bulkId' is missing; each POST needs one of its own") }
        if method != .delete {
            guard data?.complex != nil else { throw .invalidSyntax("'data' is missing or no JSON object; \(method.rawValue) needs it") }
        }
        return method
    }
}
