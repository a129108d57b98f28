import GRDBSQLite
import MusterCore
import SCIM

/// A value that can stand for a `?` in a statement.
protocol SQLBindable {
    /// Binds the value to the parameter with this number, counted from 1.
    /// - Returns: SQLite's result code.
    func bind(to statement: OpaquePointer, at index: CInt) -> CInt
}

/// SQLite copies the bytes before the call returns.
private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension Int64: SQLBindable {
    func bind(to statement: OpaquePointer, at index: CInt) -> CInt { sqlite3_bind_int64(statement, index, self) }
}

extension Int: SQLBindable {
    func bind(to statement: OpaquePointer, at index: CInt) -> CInt { sqlite3_bind_int64(statement, index, Int64(self)) }
}

extension Double: SQLBindable {
    func bind(to statement: OpaquePointer, at index: CInt) -> CInt { sqlite3_bind_double(statement, index, self) }
}

extension Timestamp: SQLBindable {
    func bind(to statement: OpaquePointer, at index: CInt) -> CInt { milliseconds.bind(to: statement, at: index) }
}

extension String: SQLBindable {
    func bind(to statement: OpaquePointer, at index: CInt) -> CInt {
        var text = self
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bindText($0, to: statement, at: index) }
        }
    }
}

/// Text that need not be valid UTF-8: the upper end of a range of texts.
struct RawText: SQLBindable {
    let bytes: [UInt8]

    func bind(to statement: OpaquePointer, at index: CInt) -> CInt {
        bytes.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bindText($0, to: statement, at: index) }
        }
    }
}

/// A nil address would bind NULL, hence the empty literal.
private func bindText(_ text: UnsafeBufferPointer<CChar>, to statement: OpaquePointer, at index: CInt) -> CInt {
    guard let address = text.baseAddress else { return sqlite3_bind_text(statement, index, "", 0, transient) }
    return sqlite3_bind_text(statement, index, address, CInt(text.count), transient)
}

extension [UInt8]: SQLBindable {
    func bind(to statement: OpaquePointer, at index: CInt) -> CInt {
        withUnsafeBytes { bytes in
            guard let address = bytes.baseAddress, !bytes.isEmpty else { return sqlite3_bind_zeroblob(statement, index, 0) }
            return sqlite3_bind_blob(statement, index, address, CInt(bytes.count), transient)
        }
    }
}

extension Optional: SQLBindable where Wrapped: SQLBindable {
    func bind(to statement: OpaquePointer, at index: CInt) -> CInt {
        self?.bind(to: statement, at: index) ?? sqlite3_bind_null(statement, index)
    }
}

/// A value as it stands in the index. No value is the empty blob, which SQLite orders behind all numbers and texts.
struct SQLValue: SQLBindable {
    let value: IndexValue?

    init(_ value: IndexValue?) { self.value = value }

    func bind(to statement: OpaquePointer, at index: CInt) -> CInt {
        value?.bind(to: statement, at: index) ?? sqlite3_bind_zeroblob(statement, index, 0)
    }
}

extension IndexValue: SQLBindable {
    func bind(to statement: OpaquePointer, at index: CInt) -> CInt {
        switch self {
        case .text(let text): text.bind(to: statement, at: index)
        case .integer(let number): number.bind(to: statement, at: index)
        case .real(let number): number.bind(to: statement, at: index)
        }
    }
}
