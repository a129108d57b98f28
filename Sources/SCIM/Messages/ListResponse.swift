/// One page of results (RFC 7644 §3.4.2).
public struct ListResponse: Sendable {
    /// The message as JSON, from resources that are JSON already.
    /// - Parameters:
    ///   - totalResults: How many resources there are on all pages together.
    ///   - startIndex: The number of the first resource of the page, counted from 1.
    ///   - resources: The page; each one JSON document, which is copied as it is.
    public static func jsonBytes(totalResults: Int, startIndex: Int, resources: [[UInt8]]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(resources.reduce(192) { $0 + $1.count + 1 })
        out.append(contentsOf: #"{"schemas":[""#.utf8)
        out.append(contentsOf: MessageSchema.listResponse.utf8)
        out.append(contentsOf: #""],"totalResults":"#.utf8)
        out.append(contentsOf: String(totalResults).utf8)
        out.append(contentsOf: #","startIndex":"#.utf8)
        out.append(contentsOf: String(startIndex).utf8)
        out.append(contentsOf: #","itemsPerPage":"#.utf8)
        out.append(contentsOf: String(resources.count).utf8)
        out.append(contentsOf: #","Resources":["#.utf8)
        for (number, resource) in resources.enumerated() {
            if number > 0 { out.append(UInt8(ascii: ",")) }
            out.append(contentsOf: resource)
        }
        out.append(contentsOf: "]}".utf8)
        return out
    }

    /// The message as JSON, from resources as values.
    public static func jsonBytes(totalResults: Int, startIndex: Int, resources: [AttributeValue]) -> [UInt8] {
        jsonBytes(totalResults: totalResults, startIndex: startIndex, resources: resources.map(\.jsonBytes))
    }
}
