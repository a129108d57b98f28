/// One page of results (RFC 7644 §3.4.2, RFC 9865 §2).
public struct ListResponse: Sendable {
    /// The message as JSON, from resources that are JSON already.
    /// - Parameters:
    ///   - totalResults: How many resources there are on all pages together; nil leaves it out, which RFC 9865 §2 allows
    ///     with cursors.
    ///   - startIndex: The number of the first resource of the page, counted from 1; nil for a page found by cursor.
    ///   - nextCursor: What leads to the next page; nil on the last one, and without cursors.
    ///   - previousCursor: What leads to the page before; nil on the first one, and without cursors.
    ///   - resources: The page; each one JSON document, which is copied as it is.
    public static func jsonBytes(
        totalResults: Int?, startIndex: Int?, nextCursor: String? = nil, previousCursor: String? = nil, resources: [[UInt8]]
    ) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(resources.reduce(256) { $0 + $1.count + 1 })
        out.append(contentsOf: #"{"schemas":[""#.utf8)
        out.append(contentsOf: MessageSchema.listResponse.utf8)
        out.append(contentsOf: #""]"#.utf8)
        func append(_ name: String, _ value: AttributeValue) {
            out.append(contentsOf: ",\"\(name)\":".utf8)
            value.write(into: &out)
        }
        if let totalResults { append("totalResults", .integer(Int64(totalResults))) }
        if let startIndex { append("startIndex", .integer(Int64(startIndex))) }
        append("itemsPerPage", .integer(Int64(resources.count)))
        if let previousCursor { append("previousCursor", .string(previousCursor)) }
        if let nextCursor { append("nextCursor", .string(nextCursor)) }
        out.append(contentsOf: #","Resources":["#.utf8)
        for (number, resource) in resources.enumerated() {
            if number > 0 { out.append(UInt8(ascii: ",")) }
            out.append(contentsOf: resource)
        }
        out.append(contentsOf: "]}".utf8)
        return out
    }

    /// The message as JSON, from resources as values.
    public static func jsonBytes(
        totalResults: Int?, startIndex: Int?, nextCursor: String? = nil, previousCursor: String? = nil, resources: [AttributeValue]
    ) -> [UInt8] {
        jsonBytes(
            totalResults: totalResults, startIndex: startIndex, nextCursor: nextCursor, previousCursor: previousCursor,
            resources: resources.map(\.jsonBytes))
    }
}
