extension SearchRequest {
    /// Reads the query parameters of a GET (RFC 7644 §3.4.2): `filter`, `startIndex`, `count`, `attributes` and
    /// `excludedAttributes`, without regard to the case of their names. Others are ignored, `sortBy` among them, and so
    /// is one without a value, as in Entra ID's `filter=`.
    /// - Parameter parameters: Names and values, percent-decoded.
    /// - Throws: `invalidFilter` for a malformed filter, `invalidValue` for a number that is none or a parameter given twice.
    public init(parameters: [(name: String, value: String)]) throws(SCIMError) {
        func value(_ name: String) throws(SCIMError) -> String? {
            let given = parameters.filter { $0.name.isSameName(as: name) && !$0.value.isEmpty }
            guard given.count <= 1 else { throw .invalidValue("the parameter \(name) is given \(given.count) times; give it once") }
            return given.first?.value
        }
        func number(_ name: String) throws(SCIMError) -> Int? {
            guard let text = try value(name) else { return nil }
            guard let number = Self.number(text) else { throw .invalidValue("the parameter \(name) must be an integer") }
            return number
        }
        self.init(
            filter: try value("filter").map { text throws(SCIMError) in try Filter(parsing: text) },
            startIndex: max(1, try number("startIndex") ?? 1),
            count: try number("count").map { max(0, $0) },
            selection: try AttributeSelection(
                attributes: try value("attributes"), excludedAttributes: try value("excludedAttributes")))
    }

    /// Reads the message of a `POST .search` (RFC 7644 §3.4.3).
    /// - Throws: `invalidSyntax` when it is no such message, `invalidFilter`, or `invalidValue` for a member of the wrong type.
    public init(message: AttributeValue) throws(SCIMError) {
        guard case .complex(let map) = message,
            map["schemas"]?.array?.contains(where: { $0.string?.isSameName(as: MessageSchema.searchRequest) == true }) == true
        else { throw .invalidSyntax("the body must be a search with the schema \(MessageSchema.searchRequest)") }
        func member(_ name: String) -> AttributeValue? {
            guard let value = map[name], !value.isUnassigned else { return nil }
            return value
        }
        func number(_ name: String) throws(SCIMError) -> Int? {
            guard let value = member(name) else { return nil }
            guard let number = value.integer else { throw .invalidValue("\(name) must be an integer") }
            return Int(number)
        }
        func names(_ name: String) throws(SCIMError) -> [String] {
            guard let value = member(name) else { return [] }
            guard let values = value.array, values.allSatisfy({ $0.string != nil }) else {
                throw .invalidValue("\(name) must be an array of attribute names")
            }
            return values.compactMap(\.string)
        }
        var filter: Filter?
        if let value = member("filter") {
            guard let text = value.string else { throw .invalidFilter("filter must be a string") }
            if !text.isEmpty { filter = try Filter(parsing: text) }
        }
        self.init(
            filter: filter, startIndex: max(1, try number("startIndex") ?? 1), count: try number("count").map { max(0, $0) },
            selection: try AttributeSelection(
                attributeNames: try names("attributes"), excludedAttributeNames: try names("excludedAttributes")))
    }

    /// The integer in `text`; one of too many digits becomes the nearest that fits.
    private static func number(_ text: String) -> Int? {
        if let number = Int(text) { return number }
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard !digits.isEmpty, digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else { return nil }
        return digits.count == text.utf8.count ? .max : .min
    }
}
