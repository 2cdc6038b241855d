import PostgresStore
import StorageTestSupport
import Testing

@testable import Storage

/// The list of tables that a copy carries, held to the catalogs of both engines.
@Suite struct StoredTableTests {
    private static func catalog(_ engine: TestEngine) -> String {
        switch engine {
        case .sqlite:
            """
            SELECT m.name || '.' || c.name AS name, c.type AS type FROM sqlite_master AS m
            JOIN pragma_table_xinfo(m.name) AS c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'
            """
        case .postgres:
            """
            SELECT relname || '.' || attname AS name, format_type(atttypid, atttypmod) AS type
            FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
            WHERE relnamespace = 'bursar'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
            """
        }
    }

    /// A migration that adds a table or a column has to say what a copy does with it.
    @Test(arguments: TestEngine.allCases)
    func `every table and column is carried, or is known to belong to the engine`(_ engine: TestEngine) async throws {
        let place = TemporaryStore(engine)
        let store = try await place.made()
        let found = Set(try store.rows(Self.catalog(engine)).map { $0.replacing("\"", with: "").lowercased() })
        var carried: Set<String> = []
        for table in StoredTable.all + StoredTable.single {
            for column in table.columns {
                let type =
                    switch (column.kind, engine) {
                    case (.integer, .sqlite): "integer"
                    case (.integer, .postgres): "bigint"
                    case (.text, _): "text"
                    case (.blob, .sqlite): "blob"
                    case (.blob, .postgres): "bytea"
                    }
                #expect(carried.insert("\(table.name).\(column.name) \(type)").inserted)
            }
        }
        #expect(carried.isSubset(of: found), "\(carried.subtracting(found).sorted())")
        let left = found.subtracting(carried).map { $0.split(separator: " ")[0] }.filter { name in
            let table = name.split(separator: ".")[0]
            return !StoredTable.ofEngine.contains(String(name)) && !StoredTable.ofEngine.contains(String(table))
        }
        #expect(left == [], "say in StoredTable what a copy does with them")
    }

    @Test func `the order of rows has no two alike`() async throws {
        let place = TemporaryStore(.postgres)
        let store = try await place.made()
        for table in StoredTable.all + StoredTable.single {
            let columns = table.order.map { $0.name == "only" ? "\"only\"" : $0.name }.joined(separator: ", ")
            let unique = try store.rows(
                """
                SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'bursar.\(table.name)'::regclass
                AND indisunique AND pg_get_indexdef(indexrelid) LIKE '%(\(columns))'
                """
            )
            #expect(unique.count == 1, "\(table.name) has no unique index on \(columns)")
        }
    }
}
