import Foundation
import GRDB
import MusterCore
import Testing

@Suite struct OrderTests {
    private static let values: [IndexValue] = [
        .integer(.min), .real(-0x1p63), .real(-2.5), .integer(-2), .integer(0), .real(0), .real(0.5), .integer(1), .real(1), .integer(2),
        .integer(1 << 53), .integer(1 << 53 + 1), .real(0x1p53), .real(0x1p53 + 2), .integer(.max), .real(0x1p63), .real(.infinity),
        .real(-.infinity), .text(""), .text("1"), .text("a"), .text("a\u{0}"), .text("ab"), .text("b"), .text("\u{E9}"), .text("\u{FFFD}"),
        .text("\u{1F600}"),
    ]

    @Test("values come in the order in which SQLite has them")
    func order() throws {
        let queue = try DatabaseQueue()
        for left in Self.values {
            for right in Self.values {
                let isLess = try queue.read {
                    try Bool.fetchOne($0, sql: "SELECT ? < ?", arguments: [Self.bound(left), Self.bound(right)])
                }
                #expect(left.precedes(right) == isLess, "\(left) < \(right)")
            }
        }
    }

    @Test("no value stands behind all values, and numbers decide among equal keys")
    func places() {
        let ordered = [
            PagePosition(key: .integer(1), number: 5), PagePosition(key: .real(1), number: 6), PagePosition(key: .text("a"), number: 1),
            PagePosition(key: .text("a"), number: 2), PagePosition(key: nil, number: 0), PagePosition(key: nil, number: 9),
        ]
        for (index, left) in ordered.enumerated() {
            for (other, right) in ordered.enumerated() { #expect(left.precedes(right) == (index < other), "\(left), \(right)") }
        }
    }

    /// Bytes, since GRDB binds a text up to its first NUL only.
    private static func literal(_ value: IndexValue) -> String { if case .text = value { "CAST(? AS TEXT)" } else { "?" } }

    private static func bound(_ value: IndexValue) -> DatabaseValue {
        switch value {
        case .text(let text): Data(text.utf8).databaseValue
        case .integer(let number): number.databaseValue
        case .real(let number): number.databaseValue
        }
    }
}
