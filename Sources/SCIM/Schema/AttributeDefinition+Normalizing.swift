extension AttributeDefinition {
    /// How long values may be. The body's limit bounds the rest.
    enum Limit {
        /// Bytes in a string.
        static let stringBytes = 64 << 10
        /// Bytes in a reference, which may be a `data:` URL, or in base64.
        static let longBytes = 1 << 20
        /// Characters in a string that must be unique, since it is a key of an index.
        static let uniqueCharacters = 1024
        /// Values of a multi-valued attribute, other than the members of a group.
        static let values = 1000
    }

    /// The value in the attribute's type with canonical sub-attribute names, in the schema's order; nil when it is
    /// unassigned (RFC 7643 §2.5).
    ///
    /// Sub-attributes that are readOnly or never kept are dropped. Of values with the same `value` and `type` the last one
    /// counts (RFC 7643 §2.4).
    /// - Parameters:
    ///   - path: The name of the attribute, for the error.
    ///   - dialect: What is understood besides what the RFC has.
    /// - Throws: `invalidValue` that names the path, when the value does not fit the type, or two values are primary.
    public func normalized(
        _ value: AttributeValue, at path: String, dialect: ClientDialect = .auto
    ) throws(SCIMError) -> AttributeValue? {
        var reading = DialectReading(dialect)
        return try normalized(value, at: path, &reading)
    }

    /// As ``normalized(_:at:dialect:)``, and tells which quirks the value has.
    public func normalized(
        _ value: AttributeValue, at path: String, dialect: ClientDialect, noting quirks: inout Set<Quirk>
    ) throws(SCIMError) -> AttributeValue? {
        var reading = DialectReading(dialect)
        defer { quirks.formUnion(reading.noted) }
        return try normalized(value, at: path, &reading)
    }

    func normalized(
        _ value: AttributeValue, at path: String, _ reading: inout DialectReading
    ) throws(SCIMError) -> AttributeValue? {
        guard isMultiValued else { return try single(value, at: path, &reading) }
        if value.isUnassigned { return nil }
        let given: [AttributeValue]
        if case .array(let values) = value {
            given = values
        } else {
            try reading.meet(.loneValueForArray, else: .invalidValue("\(path): an array is wanted, not \(value.kind)"))
            given = [value]
        }
        guard isMembership || given.count <= Limit.values else {
            throw .invalidValue("\(path): more than \(Limit.values) values are not accepted")
        }
        var values: [AttributeValue] = []
        values.reserveCapacity(given.count)
        for element in given {
            if let element = try single(element, at: path, &reading) { values.append(element) }
        }
        if type == .complex {
            values = Self.collapsed(values)
            guard values.count(where: { $0["primary"] == true }) <= 1 else {
                throw .invalidValue("\(path): only one value may be primary (RFC 7643 §2.4)")
            }
        }
        return values.isEmpty ? nil : .array(values)
    }

    /// Whether this is a group's `members`, of which there may be any number.
    var isMembership: Bool { isMultiValued && name == "members" }

    /// Whether the attribute may not be stored with the others, since answers are made of what is stored; see
    /// ``ResourceValidator/secrets(in:dialect:)``.
    var isNeverKept: Bool { mutability == .writeOnly || returned == .never }

    private func single(
        _ value: AttributeValue, at path: String, _ reading: inout DialectReading
    ) throws(SCIMError) -> AttributeValue? {
        if value.isUnassigned { return nil }
        switch (type, value) {
        case (.complex, _): return try complex(value, at: path, &reading)
        case (.boolean, .boolean): return value
        case (.boolean, .string(let text)):
            if let meant = ValueQuirks.boolean(text), reading.understands(.booleanAsString) { return .boolean(meant) }
        case (.integer, .integer): return value
        case (.integer, .decimal(let number)):
            if let exact = Int64(exactly: number) { return .integer(exact) }
        case (.decimal, .integer(let number)): return .decimal(Double(number))
        case (.decimal, .decimal(let number)):
            if number.isFinite { return value }
        case (.dateTime, .string(let text)):
            if Timestamp(dateTime: text) != nil { return value }
        case (.binary, .string(let text)):
            if text.isBase64 { return try checked(value, text, limit: Limit.longBytes, at: path) }
        case (.reference, .string(let text)): return try reference(value, text, at: path, &reading)
        case (.string, .string(let text)):
            if uniqueness != .none, text.utf8.count > Limit.uniqueCharacters, text.count > Limit.uniqueCharacters {
                throw .invalidValue("\(path): more than \(Limit.uniqueCharacters) characters are not accepted")
            }
            guard isClosed else { return try checked(value, text, limit: Limit.stringBytes, at: path) }
            guard let canonical = canonicalValue(text) else {
                throw .invalidValue(
                    "\(path): '\(text.prefix(100))' is none of: \(canonicalValues.joined(separator: ", "))"
                        + NearestName.suffix(text, among: canonicalValues))
            }
            return .string(canonical)
        default: break
        }
        throw .invalidValue("\(path): \(type.wanted) is wanted, not \(value.kind)")
    }

    private func checked(_ value: AttributeValue, _ text: String, limit: Int, at path: String) throws(SCIMError) -> AttributeValue {
        guard text.utf8.count <= limit else { throw .invalidValue("\(path): more than \(limit) bytes are not accepted") }
        guard !text.utf8.contains(0) else { throw .invalidValue("\(path): the character U+0000 is not accepted") }
        return value
    }

    /// A URI (RFC 7643 §2.3.7): where it leads to another site or names a schema, an absolute one; where it leads to a
    /// resource, one relative to the base URL will do, such as an id.
    private func reference(
        _ value: AttributeValue, _ text: String, at path: String, _ reading: inout DialectReading
    ) throws(SCIMError) -> AttributeValue? {
        if text.isEmpty, reading.understands(.emptyStringIsUnassigned) { return nil }
        let isAbsolute = referenceTypes.contains { $0 == "external" || $0 == "uri" } && !leadsToResources
        let isURI = isAbsolute ? text.isAbsoluteURI : text.isURIReference
        if !isURI {
            let wanted = isAbsolute ? "an absolute URI such as https://example.com/a" : "a URI"
            try reading.meet(.looseReference, else: .invalidValue("\(path): \(wanted) is wanted (RFC 7643 §2.3.7)"))
        }
        return try checked(value, text, limit: Limit.longBytes, at: path)
    }

    private var leadsToResources: Bool { referenceTypes.contains { $0 != "external" && $0 != "uri" } }

    private func complex(
        _ value: AttributeValue, at path: String, _ reading: inout DialectReading
    ) throws(SCIMError) -> AttributeValue? {
        var meant = value
        if isManager {
            if ManagerQuirks.isNobody(value), reading.understands(.emptyStringIsUnassigned) { return nil }
            if let renamed = ManagerQuirks.renamed(value), reading.understands(.managerIDOfSCIM1) {
                if ManagerQuirks.isNobody(renamed), reading.understands(.emptyStringIsUnassigned) { return nil }
                meant = renamed
            }
        }
        if meant.isUnassigned { return nil }
        if meant.string != nil, let part = subAttribute("value") {
            return try bare(meant, as: part, at: path, &reading)
        }
        guard case .complex(let given) = meant else { throw .invalidValue("\(path): an object is wanted, not \(value.kind)") }
        var (map, known) = (AttributeMap(), 0)
        for part in subAttributes {
            guard let place = given.index(of: part.name) else { continue }
            known += 1
            if part.mutability == .readOnly || part.mutability == .writeOnly { continue }
            let value = given.members[place].value
            // The path is put together only for the error, which is rare.
            do throws(SCIMError) {
                if let value = try part.normalized(value, at: part.name, &reading) {
                    map.append(part.name, value)
                } else if part.type == .reference, part.name == "value", value.string != nil {
                    // An address that is an empty string is none, whatever else is said about it.
                    return nil
                }
            } catch {
                throw SCIMError(status: error.status, scimType: error.scimType, detail: "\(path).\(error.detail)")
            }
        }
        if known < given.count { try meetUnknown(in: given, at: path, &reading) }
        return map.isEmpty ? nil : .complex(map)
    }

    /// A string alone as the `value` of a complex attribute.
    private func bare(
        _ value: AttributeValue, as part: AttributeDefinition, at path: String, _ reading: inout DialectReading
    ) throws(SCIMError) -> AttributeValue? {
        let isEmpty = value.string == ""
        let quirk: Quirk = isEmpty ? .emptyStringIsUnassigned : isManager ? .managerAsString : .bareValueForObject
        try reading.meet(
            quirk, else: .invalidValue("\(path): an object is wanted, such as {\"\(part.name)\": …}, not \(value.kind)"))
        if isEmpty { return nil }
        return try part.normalized(value, at: "\(path).\(part.name)", &reading).map { [part.name: $0] }
    }

    /// Meets the first of the sub-attributes that the schema has not.
    private func meetUnknown(in given: AttributeMap, at path: String, _ reading: inout DialectReading) throws(SCIMError) {
        guard let unknown = given.members.first(where: { subAttribute($0.name) == nil })?.name else { return }
        try reading.meet(
            .unknownAttributes,
            else: .invalidValue(
                "\(path).\(unknown.prefix(100)): '\(name)' has no such sub-attribute"
                    + NearestName.suffix(unknown, among: subAttributes.lazy.map(\.name))))
    }

    /// Whether this is the `manager` of the enterprise extension, or one like it.
    var isManager: Bool { name == "manager" && !isMultiValued }

    /// The values with those of equal `value` and `type` made one: the last, in the place of the first.
    private static func collapsed(_ values: [AttributeValue]) -> [AttributeValue] {
        guard values.count > 1 else { return values }
        if values.count == 2, values[0]["value"] != values[1]["value"] { return values }
        var (places, kept) = ([ValueIdentity: Int](minimumCapacity: values.count), [AttributeValue]())
        kept.reserveCapacity(values.count)
        for value in values {
            let identity = ValueIdentity(value)
            if let place = places[identity] {
                kept[place] = value
            } else {
                places[identity] = kept.count
                kept.append(value)
            }
        }
        return kept
    }
}

/// What makes one of several values the same as another: `value` and `type`, or everything where there is no `value`.
private struct ValueIdentity: Hashable {
    let value: AttributeValue?
    let type: AttributeValue?
    let whole: [UInt8]

    init(_ element: AttributeValue) {
        value = element["value"]
        type = element["type"]
        whole = value == nil ? element.jsonBytes : []
    }
}

extension AttributeType {
    /// The type in the words of an error.
    fileprivate var wanted: String {
        switch self {
        case .string: "a string"
        case .boolean: "a boolean (true or false)"
        case .decimal: "a number"
        case .integer: "an integer"
        case .dateTime: "a date and time such as 2011-05-13T04:42:34Z"
        case .binary: "base64"
        case .reference: "a URI as a string"
        case .complex: "an object"
        }
    }
}

extension AttributeValue {
    /// The kind of value in the words of an error.
    fileprivate var kind: String {
        switch self {
        case .null: "null"
        case .boolean: "a boolean"
        case .integer, .decimal: "this number"
        case .string: "this string"
        case .array: "an array"
        case .complex: "an object"
        }
    }
}

extension String {
    /// Whether this is base64 in the usual or the URL alphabet, with or without padding (RFC 7643 §2.3.6).
    fileprivate var isBase64: Bool {
        var digits = utf8[...]
        while digits.last == UInt8(ascii: "="), utf8.count - digits.count < 2 { digits = digits.dropLast() }
        let padding = utf8.count - digits.count
        guard digits.count % 4 != 1, padding == 0 || utf8.count % 4 == 0 else { return false }
        var (isUsual, isOfURL) = (false, false)
        for byte in digits {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                continue
            case UInt8(ascii: "+"), UInt8(ascii: "/"): isUsual = true
            case UInt8(ascii: "-"), UInt8(ascii: "_"): isOfURL = true
            default: return false
            }
        }
        return !(isUsual && isOfURL)
    }
}
