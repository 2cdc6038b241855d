/// One INSERT for many rows, since running a statement costs more than writing a row.
struct RowInsert: Sendable {
    /// The treatment of a row that exists.
    enum Conflict: Sendable {
        case error
        /// An existing row with the same `key` gets the values of `update`, in whose text the table's own columns are
        /// qualified.
        case update(key: [String], @Sendable (Dialect) -> String)
    }

    /// The rows of the widest INSERT, and of the smaller ones that make up the rest, so that a few statements serve every
    /// count.
    private let sizes: [Int]
    private let width: Int
    private let sqlite: [String]
    private let postgres: [String]

    /// `widest` is a power of two.
    init(into table: String, _ columns: [String], onConflict: Conflict = .error, widest: Int = 32) {
        let sizes = Array(sequence(first: widest) { $0 > 1 ? $0 / 2 : nil })
        let row = "(" + columns.map { _ in "?" }.joined(separator: ", ") + ")"
        func statements(_ dialect: Dialect) -> [String] {
            let tail =
                switch onConflict {
                case .error: ""
                case .update(let key, let update):
                    " ON CONFLICT (\(key.joined(separator: ", "))) DO UPDATE SET " + update(dialect)
                }
            return sizes.map { count in
                let rows = Array(repeating: row, count: count).joined(separator: ", ")
                return "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES \(rows)\(tail)"
            }
        }
        self.sizes = sizes
        width = columns.count
        (sqlite, postgres) = (statements(.sqlite), statements(.postgres))
    }

    /// Writes rows whose values are concatenated, in the order of the columns.
    func write(_ values: [SQLValue], to db: any Transaction) throws {
        var rest = values[...]
        for (rows, sql) in zip(sizes, db.dialect == .sqlite ? sqlite : postgres) {
            let count = rows * width
            while rest.count >= count {
                try db.change(sql, SQLArguments(values: Array(rest.prefix(count))), rows: rows)
                rest = rest.dropFirst(count)
            }
        }
    }
}
