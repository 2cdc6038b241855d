/// A table whose rows a copy carries from one database to another, of whichever engine.
///
/// A test compares ``all``, ``single`` and ``ofEngine`` with the catalogs of both engines: a migration that adds a table
/// or a column has to say here what becomes of it.
package struct StoredTable: Sendable {
    package struct Column: Sendable, Equatable {
        package let name: String
        package let kind: ColumnType

        static func integer(_ name: String) -> Self { Self(name: name, kind: .integer) }
        static func text(_ name: String) -> Self { Self(name: name, kind: .text) }
        static func blob(_ name: String) -> Self { Self(name: name, kind: .blob) }
    }

    package let name: String
    package let columns: [Column]
    /// The columns, carried or not, that have an index and order the rows: alike on both engines, byte by byte.
    package let order: [Column]
    /// Columns whose values depend on other rows of the table, and are set once all of these are there.
    package let setLater: Set<String>

    init(_ name: String, _ columns: [Column], by order: [Column], setLater: Set<String> = []) {
        self.name = name
        self.columns = columns
        self.order = order
        self.setLater = setLater
    }

    /// The tables of many rows, those that others refer to first; histories of projects come before what has them, which
    /// begins none then.
    package static let all =
        [
            projects("researcher_projects", of: "researcher"), researchers, projects("key_projects", of: "key_id"),
            keys,
            records,
            usage("usage_daily", by: [.integer("day"), .text("key_id"), .text("outcome")]),
            usage("usage_monthly", by: [.integer("month"), .text("key_id"), .text("outcome")]),
            usage("usage_networks", by: [.integer("day"), .text("key_id"), .text("network")]),
            usage("usage_networks_monthly", by: [.integer("month"), .text("key_id"), .text("network")]),
            usage("usage_totals", by: [.integer("day"), .text("outcome")]), lastUses,
            usage("usage_splits", by: [.text("key_id"), .integer("since"), .text("outcome")]),
            usage("usage_network_splits", by: [.text("key_id"), .integer("since"), .text("network")]),
        ] + spend

    /// The tables of one row, which a new database has too, so that its values are updated.
    package static let single = [
        Self(
            "pruned",
            [.integer("only"), .integer("sequence"), .blob("hash")],
            by: [.integer("only")]
        ),
        Self(
            "revision",
            [.integer("only"), .integer("value"), .integer("paused_at")],
            by: [.integer("only")]
        ),
    ]

    /// Tables and columns that belong to a database and not to what it holds.
    package static let ofEngine: Set<String> = [
        // The versions of its schema.
        "grdb_migrations", "schema_versions",
        // Room for a vend, the row that writers lock, the servers that run on it, and which of them asks AWS for logs.
        "probe", "writer", "servers", "spend_lease",
        // A generated column.
        "researchers.folded",
    ]

    private static let researchers = Self(
        "researchers",
        [
            .text("handle"), .text("name"), .text("email"), .text("project"), .text("sponsor"), .text("note"),
            .integer("created_at"), .integer("ends_at"), .integer("disabled_at"), .text("disabled_reason"),
            .integer("sessions_valid_from"), .text("purpose"),
        ],
        by: [.text("folded")]
    )

    /// Triggers give each new key a version, and a key's successor may come after it.
    private static let keys = Self(
        "keys",
        [
            .text("id"), .text("researcher"), .text("label"), .text("hash"), .integer("created_at"),
            .integer("expires_at"), .integer("revoked_at"), .text("revoked_reason"), .integer("version"),
            .text("allowed"), .text("models"), .integer("daily_limit"), .integer("rate"), .integer("session_seconds"),
            .integer("canary"), .text("replaced_by"), .text("project"),
        ],
        by: [.text("id")],
        setLater: ["version", "replaced_by"]
    )

    static let records = Self(
        "records",
        [
            .integer("sequence"), .text("kind"), .integer("occurred_at"), .text("researcher"), .text("key_id"),
            .text("address"), .text("access_key_id"), .integer("expires_at"), .text("request_id"),
            .integer("format"), .text("reason"), .text("actor"), .text("detail"), .blob("hash"),
        ],
        by: [.integer("sequence")]
    )

    private static let lastUses = Self(
        "usage_keys",
        [
            .text("key_id"), .integer("vends"), .integer("first_at"), .integer("last_at"),
            .integer("last_sequence"), .integer("live_until"),
        ],
        by: [.text("key_id")]
    )

    private static func projects(_ name: String, of subject: String) -> Self {
        Self(
            name,
            [.text(subject), .integer("since"), .text("project")],
            by: [.text(subject), .integer("since")]
        )
    }

    private static func usage(_ name: String, by key: [Column]) -> Self {
        Self(name, key + [.integer("count"), .integer("last_at")], by: key)
    }
}

extension StoredTable {
    /// Rows per query, so that a copy needs as much memory for millions of rows as for thousands.
    private static let page = 4096

    /// The next rows of a table, their values concatenated in the order of its columns.
    struct Page {
        var values: [SQLValue] = []
        var count = 0
        /// The last row's place in the order.
        var last: [SQLValue] = []
    }

    /// Reads the rows after `place`, or the first ones; an empty page comes after the last one.
    func page(after place: [SQLValue], _ db: any Transaction) throws -> Page {
        let order = order.map(\.quoted).joined(separator: ", ")
        let marks = place.map { _ in "?" }.joined(separator: ", ")
        let names = (columns + self.order).map(\.quoted).joined(separator: ", ")
        let sql = """
            SELECT \(names) FROM \(name)\(place.isEmpty ? "" : " WHERE (\(order)) > (\(marks))") ORDER BY \(order)
            LIMIT \(Self.page)
            """
        var page = Page()
        page.values.reserveCapacity(Self.page * columns.count)
        try db.forEachRaw(sql, SQLArguments(values: place)) { row in
            for (position, column) in columns.enumerated() { page.values.append(try column.value(row, position)) }
            page.last.removeAll(keepingCapacity: true)
            for (position, column) in self.order.enumerated() {
                page.last.append(try column.value(row, columns.count + position))
            }
            page.count += 1
        }
        return page
    }

    /// Passes all rows to `body`, page by page.
    func forEachPage(_ db: any Transaction, _ body: (Page) throws -> Void) throws {
        var place: [SQLValue] = []
        while true {
            let page = try page(after: place, db)
            guard page.count > 0 else { return }
            place = page.last
            try body(page)
        }
    }

    func count(_ db: any Transaction) throws -> Int64 {
        try db.value("SELECT count(*) AS value FROM \(name)") ?? 0
    }
}

extension StoredTable.Column {
    /// The name in quotes, since `only` is a word of PostgreSQL's.
    fileprivate var quoted: String { "\"\(name)\"" }

    fileprivate func value(_ row: any RawRow, _ position: Int) throws -> SQLValue {
        switch kind {
        case .integer: return SQLValue(row.integer(position))
        case .text:
            guard let bytes = row.bytes(position) else { return .null }
            guard let text = String(validating: bytes, as: UTF8.self) else { throw UnreadableText(column: name) }
            return .text(text)
        case .blob:
            guard let bytes = row.bytes(position) else { return .null }
            return .blob(Array(bytes))
        }
    }
}

/// A text that isn't UTF-8.
struct UnreadableText: Error {
    let column: String
}
