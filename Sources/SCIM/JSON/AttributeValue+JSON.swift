extension AttributeValue {
    /// Reads one JSON document.
    /// - Throws: ``JSONError`` when it is not valid, names a member twice, or exceeds a limit.
    public init(json bytes: [UInt8], limits: JSONLimits = .init()) throws(JSONError) {
        let result = bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(JSONError) in try AttributeValue(json: buffer, limits: limits) }
        }
        self = try result.get()
    }

    /// Reads one JSON document from memory that stays the caller's.
    /// - Throws: ``JSONError`` when it is not valid, names a member twice, or exceeds a limit.
    public init(json bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) throws(JSONError) {
        var reader = JSONReader(bytes, limits: limits)
        self = try reader.document()
    }

    /// Reads one JSON document from text.
    /// - Throws: ``JSONError`` when it is not valid, names a member twice, or exceeds a limit.
    public init(json text: String, limits: JSONLimits = .init()) throws(JSONError) {
        try self.init(json: Array(text.utf8), limits: limits)
    }

    /// The value as a JSON document.
    public var jsonBytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(512)
        write(into: &out)
        return out
    }

    /// The value as the text of a JSON document.
    public var jsonText: String { String(decoding: jsonBytes, as: UTF8.self) }
}
