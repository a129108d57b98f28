extension SCIMError {
    /// The message that tells a client (RFC 7644 §3.12): `status` is a string there.
    public var message: AttributeValue {
        var map: AttributeMap = ["schemas": [.string(MessageSchema.error)], "status": .string(String(status))]
        if let scimType { map.append("scimType", .string(scimType)) }
        map.append("detail", .string(detail))
        return .complex(map)
    }

    /// The message as JSON.
    public var jsonBytes: [UInt8] { message.jsonBytes }
}
