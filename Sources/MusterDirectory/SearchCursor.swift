import Foundation
import MusterCore
import SCIM

/// Where a search goes on, as the opaque text that a client gets and gives back (RFC 9865 §2).
///
/// It holds everything that the server needs, so that nothing is kept between two pages: who forges one sees no more than
/// the search itself would show.
struct SearchCursor: Equatable {
    /// Which way the page lies.
    enum Direction: String {
        case next = "n"
        case previous = "p"
    }

    /// Which way the page lies from ``position``.
    var direction: Direction
    /// The name of the resource type that the position is in.
    var type: String
    /// The position.
    var position: PagePosition
    /// How many resources matched when the search began.
    var totalResults: Int
    /// When the search began.
    var issued: Timestamp
    /// Tells the search that it belongs to from others; see ``fingerprint(of:)``.
    var search: String

    /// A text that differs for searches with another tenant, filter, order or set of types.
    static func fingerprint(of parts: [String]) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in parts {
            for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        }
        return String(hash, radix: 36)
    }

    /// A text that differs for other bytes.
    static func fingerprint(of bytes: [UInt8]) -> String {
        String(bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }, radix: 36)
    }

    /// The text for the client: base64url of a small JSON object.
    var text: String {
        var map: AttributeMap = [
            "d": .string(direction.rawValue), "r": .string(type), "n": .integer(position.number),
            "c": .integer(Int64(totalResults)), "t": .integer(issued.milliseconds), "s": .string(search),
        ]
        switch position.key {
        case nil: break
        case .text(let text)?: map.append("k", .string(text))
        case .integer(let number)?: map.append("k", .integer(number))
        // The bits, since a decimal that happens to be whole must not come back as an integer.
        case .real(let number)?: map.append("f", .integer(Int64(bitPattern: number.bitPattern)))
        }
        return Base64URL.encode(AttributeValue.complex(map).jsonBytes)
    }

    /// Reads a text.
    /// - Throws: `invalidCursor` when it is none of ours or belongs to another search, `expiredCursor` when the search
    ///   began more than `lifetime` ago.
    init(text: String, search: String, now: Timestamp, lifetime: Duration) throws(SCIMError) {
        guard text.utf8.count <= 8192, let map = Self.map(text), let direction = map["d"]?.string.flatMap(Direction.init),
            let type = map["r"]?.string, let number = map["n"]?.integer, let total = map["c"]?.integer,
            let issued = map["t"]?.integer, let own = map["s"]?.string, issued <= now.milliseconds + 60_000
        else { throw .invalidCursor("the cursor is none of this server's; start again with an empty one") }
        guard own == search else {
            throw .invalidCursor("the cursor belongs to another search; repeat its filter, sortBy and sortOrder, or start again")
        }
        guard Timestamp(milliseconds: issued) + lifetime >= now else {
            throw .expiredCursor("the cursor is older than \(lifetime.components.seconds) seconds; start again with an empty one")
        }
        self.direction = direction
        self.type = type
        self.issued = Timestamp(milliseconds: issued)
        self.search = own
        totalResults = Int(clamping: total)
        var key: IndexValue?
        switch map["k"] {
        case .string(let text)?: key = .text(text)
        case .integer(let number)?: key = .integer(number)
        default: break
        }
        if let bits = map["f"]?.integer { key = .real(Double(bitPattern: UInt64(bitPattern: bits))) }
        position = PagePosition(key: key, number: number)
    }

    /// Creates a cursor.
    init(direction: Direction, type: String, position: PagePosition, totalResults: Int, issued: Timestamp, search: String) {
        self.direction = direction
        self.type = type
        self.position = position
        self.totalResults = totalResults
        self.issued = issued
        self.search = search
    }

    private static func map(_ text: String) -> AttributeMap? {
        Base64URL.decode(text).flatMap { try? AttributeValue(json: $0) }?.complex
    }
}
