package import BursarFoundation

/// The rows of a query that was announced, which can be read once.
package protocol AnnouncedRows {
    func each(_ body: (ResultRow) throws -> Void) throws
}

/// The value of a query that was announced: several of them make one round trip to a database on the network.
///
/// ```swift
/// let state = DirectoryState.announced(db)
/// let head = Chain.announced(db)
/// return (try state.get(), try head.get())
/// ```
package final class Announced<Value> {
    private enum State {
        case announced(() throws -> Value)
        case read(Value)
    }

    private var state: State

    package init(_ read: @escaping () throws -> Value) {
        state = .announced(read)
    }

    /// A value that needs no query.
    package init(_ value: Value) {
        state = .read(value)
    }

    /// Returns the value, which is read at the first call.
    package func get() throws -> Value {
        switch state {
        case .read(let value): return value
        case .announced(let read):
            let value = try read()
            state = .read(value)
            return value
        }
    }
}

extension Transaction {
    /// Announces a query of which `read` makes a value.
    package func announce<Value>(
        _ sql: String,
        _ arguments: SQLArguments = [],
        _ read: @escaping (any AnnouncedRows) throws -> Value
    ) -> Announced<Value> {
        let rows = announce(sql, arguments)
        return Announced { try read(rows) }
    }

    /// Announces a query, and reads its first row; nil if there is none.
    package func announceFirst<Value: RowDecodable>(_ sql: String, _ arguments: SQLArguments = []) -> Announced<Value?>
    {
        announce(sql, arguments) { rows in
            var first: Value?
            try rows.each { row in
                if first == nil { first = try Value(row) }
            }
            return first
        }
    }

    /// Announces a query; its value is true if it has a row.
    package func announceExistence(_ sql: String, _ arguments: SQLArguments = []) -> Announced<Bool> {
        announce(sql, arguments) { rows in
            var isFound = false
            try rows.each { _ in isFound = true }
            return isFound
        }
    }
}

// MARK: Databases without a network between

extension Transaction {
    package func announce(_ sql: String, _ arguments: SQLArguments) -> any AnnouncedRows {
        UnsentQuery(db: self, sql: sql, arguments: arguments)
    }

    package func queue(_ sql: String, _ arguments: SQLArguments, rows: Int) throws {
        try change(sql, arguments, rows: rows)
    }

    package var sharedDate: Date? { nil }
}

/// A query that runs when its rows are asked for.
private struct UnsentQuery: AnnouncedRows {
    let db: any Transaction
    let sql: String
    let arguments: SQLArguments

    func each(_ body: (ResultRow) throws -> Void) throws {
        try db.forEach(sql, arguments, body)
    }
}
