extension SearchRequest {
    /// The longest cursor that is looked at, in bytes.
    private static let maximumCursorBytes = 4096

    /// Reads the query parameters of a GET (RFC 7644 §3.4.2, RFC 9865 §2): `filter`, `startIndex`, `count`, `attributes`,
    /// `excludedAttributes`, `sortBy`, `sortOrder` and `cursor`, without regard to the case of their names.
    ///
    /// Others are ignored, and so is one without a value, as in Entra ID's `filter=`; only an empty `cursor` has a
    /// meaning: the first page.
    /// - Parameter parameters: Names and values, percent-decoded; `?cursor` as a name with "".
    /// - Throws: `invalidFilter` for a malformed filter; `invalidValue` for a number that is none, an unknown order, a
    ///   parameter given twice, or `startIndex` beside `cursor`; `invalidCursor` for one that no server gives, and
    ///   `invalidCount` for a page size that is none, beside a cursor.
    public init(parameters: [(name: String, value: String)]) throws(SCIMError) {
        func given(_ name: String, isEmptyMeant: Bool = false) throws(SCIMError) -> String? {
            let found = parameters.filter { $0.name.isSameName(as: name) && (isEmptyMeant || !$0.value.isEmpty) }
            guard found.count <= 1 else { throw .invalidValue("the parameter \(name) is given \(found.count) times; give it once") }
            return found.first?.value
        }
        var fields = Fields()
        fields.filter = try given("filter")
        fields.cursor = try given("cursor", isEmptyMeant: true)
        fields.sortBy = try given("sortBy")
        fields.sortOrder = try given("sortOrder")
        fields.startIndex = try given("startIndex").map(Self.number)
        fields.count = try given("count").map(Self.number)
        try self.init(
            fields,
            selection: try AttributeSelection(
                attributes: try given("attributes"), excludedAttributes: try given("excludedAttributes")))
    }

    /// Reads the message of a `POST .search` (RFC 7644 §3.4.3, RFC 9865 §3).
    /// - Throws: `invalidSyntax` when it is no such message, otherwise as ``init(parameters:)``; `invalidValue` also for a
    ///   member of the wrong type.
    public init(message: AttributeValue) throws(SCIMError) {
        guard case .complex(let map) = message,
            map["schemas"]?.array?.contains(where: { $0.string?.isSameName(as: MessageSchema.searchRequest) == true }) == true
        else { throw .invalidSyntax("the body must be a search with the schema \(MessageSchema.searchRequest)") }
        func member(_ name: String) -> AttributeValue? {
            guard let value = map[name], !value.isUnassigned else { return nil }
            return value
        }
        func text(_ name: String, or error: (String) -> SCIMError = SCIMError.invalidValue) throws(SCIMError) -> String? {
            guard let value = member(name) else { return nil }
            guard let text = value.string else { throw error("\(name) must be a string") }
            return text
        }
        func names(_ name: String) throws(SCIMError) -> [String] {
            guard let value = member(name) else { return [] }
            guard let values = value.array, values.allSatisfy({ $0.string != nil }) else {
                throw .invalidValue("\(name) must be an array of attribute names")
            }
            return values.compactMap(\.string)
        }
        func nonEmpty(_ text: String?) -> String? { text?.isEmpty == true ? nil : text }
        var fields = Fields()
        fields.filter = nonEmpty(try text("filter", or: SCIMError.invalidFilter))
        fields.cursor = try text("cursor", or: SCIMError.invalidCursor)
        fields.sortBy = nonEmpty(try text("sortBy"))
        fields.sortOrder = nonEmpty(try text("sortOrder"))
        fields.startIndex = member("startIndex").map { Number($0.integer) }
        fields.count = member("count").map { Number($0.integer) }
        try self.init(
            fields,
            selection: try AttributeSelection(
                attributeNames: try names("attributes"), excludedAttributeNames: try names("excludedAttributes")))
    }

    // MARK: What both have in common

    /// What was given as a number.
    private enum Number {
        case integer(Int)
        case invalid

        init(_ integer: Int64?) { self = integer.map { .integer(Int($0)) } ?? .invalid }
    }

    /// What was given, as text.
    private struct Fields {
        var filter: String?
        var cursor: String?
        var sortBy: String?
        var sortOrder: String?
        var startIndex: Number?
        var count: Number?
    }

    private init(_ fields: Fields, selection: AttributeSelection) throws(SCIMError) {
        if let cursor = fields.cursor {
            guard fields.startIndex == nil else {
                throw .invalidValue("startIndex and cursor are two ways to page through results; give one of them (RFC 9865 §2)")
            }
            try Self.check(cursor: cursor)
        }
        func integer(_ number: Number?, _ error: @autoclosure () -> SCIMError) throws(SCIMError) -> Int? {
            switch number {
            case nil: return nil
            case .integer(let value)?: return value
            case .invalid?: throw error()
            }
        }
        let startIndex = try integer(fields.startIndex, .invalidValue("startIndex must be an integer"))
        var count: Int?
        if fields.cursor != nil {
            count = try integer(fields.count, .invalidCount("count must be an integer")).map { max(0, $0) }
        } else {
            count = try integer(fields.count, .invalidValue("count must be an integer")).map { max(0, $0) }
        }
        var quirks: Set<Quirk> = []
        self.init(
            filter: try fields.filter.map { text throws(SCIMError) in try Filter(parsing: text, noting: &quirks) },
            startIndex: max(1, startIndex ?? 1), count: count, selection: selection,
            sortBy: try fields.sortBy.map(Self.sortPath), isDescending: try fields.sortOrder.map(Self.isDescending) ?? false,
            cursor: fields.cursor)
        self.quirks = quirks
    }

    /// A cursor has only characters that a URL need not escape (RFC 9865 §2).
    private static func check(cursor: String) throws(SCIMError) {
        guard cursor.utf8.count <= maximumCursorBytes, cursor.utf8.allSatisfy(\.isUnreserved) else {
            throw .invalidCursor("the cursor is none of this server; give \"\" for the first page")
        }
    }

    private static func sortPath(_ text: String) throws(SCIMError) -> AttributePath {
        let path: AttributePath
        do throws(SCIMError) {
            path = try AttributePath(parsing: text)
        } catch {
            throw .invalidValue("sortBy: \(error.detail)")
        }
        guard path.valueFilter == nil else {
            throw .invalidValue("sortBy: the name of an attribute is wanted, without a filter in brackets")
        }
        return path
    }

    private static func isDescending(_ order: String) throws(SCIMError) -> Bool {
        if order.isSameName(as: "ascending") { return false }
        if order.isSameName(as: "descending") { return true }
        throw .invalidValue("sortOrder must be \"ascending\" or \"descending\"")
    }

    /// The integer in `text`; one of too many digits becomes the nearest that fits.
    private static func number(_ text: String) -> Number {
        if let number = Int(text) { return .integer(number) }
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard !digits.isEmpty, digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else { return .invalid }
        return .integer(digits.count == text.utf8.count ? .max : .min)
    }
}

extension UInt8 {
    /// Whether this is one of the unreserved characters of RFC 3986 §2.3.
    fileprivate var isUnreserved: Bool {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
