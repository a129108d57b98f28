/// One method of an endpoint.
struct OpenAPIOperation {
    /// What may be wrong with the body of a request.
    static let errorsOfBodies = [408, 413, 415]

    let id: String
    let tag: String
    let summary: String
    var parameters: [AttributeValue] = []
    /// The content of the request's body; nil for none.
    var body: AttributeValue?
    var responses = OpenAPIResponses()

    init(_ id: String, tag: String, _ summary: String) {
        self.id = id
        self.tag = tag
        self.summary = summary
    }

    var document: AttributeValue {
        var map: AttributeMap = ["operationId": .string(id), "tags": [.string(tag)], "summary": .string(summary)]
        if !parameters.isEmpty { map.append("parameters", .array(parameters)) }
        if let body { map.append("requestBody", ["required": true, "content": body]) }
        map.append("responses", responses.document)
        return .complex(map)
    }
}
