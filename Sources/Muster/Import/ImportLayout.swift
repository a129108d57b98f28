import SCIM

/// One row, understood.
struct ImportRow: Sendable {
    /// The line.
    var line: Int
    /// The value of the attribute by which the person is found.
    var key: String
    /// The userName; nil where the table has none.
    var userName: String?
    /// What it does to the person.
    var operations: [PatchOperation]
    /// The userName of the manager; "" for nobody, nil where the table says nothing.
    var manager: String?
    /// The display names of groups that the person joins.
    var groups: [String]
    /// The address for work, which is a new person's primary one.
    var hasWorkAddress: Bool
}

/// How rows of a table are read.
struct ImportLayout: Sendable {
    private let columns: ImportColumns
    private let key: Int
    private let userName: Int?

    /// - Throws: ``ImportError`` when the columns make no sense.
    init(_ table: CSVTable, _ options: ImportOptions, registry: SchemaRegistry) throws(ImportError) {
        columns = try ImportColumns(
            table.titles, map: options.columns, ignoresUnknown: options.ignoresUnknownColumns, registry: registry)
        guard let key = columns.position(of: options.match.rawValue) else {
            throw ImportError(["there is no column '\(options.match.rawValue)', by which people are found"])
        }
        self.key = key
        userName = columns.position(of: "userName")
    }

    /// Reads a row.
    func read(_ row: CSVTable.Row) throws(ImportedAttribute.Problem) -> ImportRow {
        if let problem = row.problem { throw ImportedAttribute.Problem(text: problem) }
        var read = ImportRow(
            line: row.line, key: row.cells[key], userName: userName.map { row.cells[$0] }, operations: [], manager: nil, groups: [],
            hasWorkAddress: false)
        for position in Set([key, userName ?? key]).sorted() where row.cells[position].isEmpty {
            throw ImportedAttribute.Problem(text: "column '\(columns.title(position))': a value is required")
        }
        for (position, meaning) in columns.meanings.enumerated() {
            let cell = row.cells[position]
            switch meaning {
            case .value(let attribute):
                do throws(ImportedAttribute.Problem) {
                    if let operation = try attribute.operation(cell) { read.operations.append(operation) }
                } catch { throw ImportedAttribute.Problem(text: "column '\(columns.title(position))': \(error.text)") }
                if !cell.isEmpty, attribute.path == #"emails[type eq "work"].value"# { read.hasWorkAddress = true }
            case .manager: read.manager = cell
            case .groups: read.groups = cell.listed
            case .ignored: break
            }
        }
        return read
    }
}
