import Foundation

/// What the path of an operation leads to.
struct BulkTarget: Sendable, Hashable {
    /// The resource type.
    var type: ResourceType
    /// The id, or a reference such as `bulkId:qwerty`; nil for the type's endpoint.
    var id: String?

    /// Reads a path below the base URL. Clients may write the base URL, or its path, in front.
    /// - Throws: 404 for an endpoint or path that is none, 405 where the method does not go with it; what a single request
    ///   would be answered (RFC 7644 §3.7.3).
    init(_ path: String, method: BulkOperation.Method, baseURL: String, in registry: SchemaRegistry) throws(SCIMError) {
        let parts = Self.relative(path, to: baseURL).split(separator: "/")
        let endpoint = parts.first ?? ""
        guard let type = registry.resourceTypes.first(where: { $0.endpoint.utf8.dropFirst().elementsEqual(endpoint.utf8) }),
            parts.count <= 2
        else {
            throw .notFound("'\(path.prefix(100))' is no resource; a path is one such as /Users or /Users/{id}")
        }
        self.type = type
        if parts.count == 2 {
            guard let decoded = String(parts[1]).removingPercentEncoding else {
                throw .notFound("'\(path.prefix(100))' is no resource: the percent-encoding is broken")
            }
            id = decoded
        }
        guard (method == .post) == (id == nil) else {
            throw .methodNotAllowed(
                method == .post
                    ? "POST goes with the path \(type.endpoint), without an id"
                    : "\(method.rawValue) goes with the path of one resource, such as \(type.endpoint)/{id}")
        }
    }

    private static func relative(_ path: String, to baseURL: String) -> Substring {
        var prefixes = [baseURL]
        if let scheme = baseURL.range(of: "://"), let slash = baseURL[scheme.upperBound...].firstIndex(of: "/") {
            prefixes.append(String(baseURL[slash...]))
        }
        for prefix in prefixes where !prefix.isEmpty && path.hasPrefix(prefix + "/") { return path.dropFirst(prefix.count) }
        return path[...]
    }
}

extension String {
    /// The text as one segment of a URL's path.
    var percentEncoded: String {
        addingPercentEncoding(withAllowedCharacters: Self.unreserved) ?? self
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
