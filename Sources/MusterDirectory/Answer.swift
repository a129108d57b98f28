package import SCIM

/// How the answer to a request is to look.
package struct AnswerOptions: Sendable {
    /// Which attributes are returned.
    package var selection: AttributeSelection
    /// The base URL as the client sees it, without a slash at the end: `https://host/scim/v2`.
    package var baseURL: String

    package init(selection: AttributeSelection = .default, baseURL: String) {
        self.selection = selection
        self.baseURL = baseURL
    }
}

/// A resource on its way to the client.
package struct ResourceAnswer: Sendable {
    /// The JSON document; nil where 204 is the answer.
    package var body: [UInt8]?
    /// The entity tag, as it stands in `meta.version` and `ETag`: `W/"7"`.
    package var etag: String
    /// The absolute URL of the resource.
    package var location: String

    package init(body: [UInt8]?, etag: String, location: String) {
        self.body = body
        self.etag = etag
        self.location = location
    }
}
