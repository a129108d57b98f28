import GRDBSQLite
import MusterCore
import SCIM

/// The row at which a statement stands; good until the statement steps on. Columns count from 0.
struct SQLRow {
    let statement: OpaquePointer

    func integer(_ column: CInt) -> Int64 { sqlite3_column_int64(statement, column) }

    func isNull(_ column: CInt) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

    func timestamp(_ column: CInt) -> Timestamp { Timestamp(milliseconds: integer(column)) }

    func optionalTimestamp(_ column: CInt) -> Timestamp? { isNull(column) ? nil : timestamp(column) }

    func text(_ column: CInt) -> String { optionalText(column) ?? "" }

    func optionalText(_ column: CInt) -> String? {
        guard let start = sqlite3_column_text(statement, column) else { return nil }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func bytes(_ column: CInt) -> [UInt8] { optionalBytes(column) ?? [] }

    /// The bytes of a blob; nil for NULL.
    func optionalBytes(_ column: CInt) -> [UInt8]? {
        guard let start = sqlite3_column_blob(statement, column) else { return isNull(column) ? nil : [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }

    /// A value as ``SQLValue`` writes it; nil for NULL too.
    func optionalIndexValue(_ column: CInt) -> IndexValue? {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_NULL, SQLITE_BLOB: nil
        case SQLITE_INTEGER: .integer(integer(column))
        case SQLITE_FLOAT: .real(sqlite3_column_double(statement, column))
        default: .text(text(column))
        }
    }
}
