import TestSupport
import Testing

@testable import PostgresStore
@testable import Storage

struct StatementTests {
    @Test(arguments: [
        SQLValue.integer(0), .integer(.min), .integer(.max), .text(""), .text("ünï 'quoted' \\ \n ?"), .blob([]),
        .blob([0, 1, 255]),
    ])
    func `a value comes back as it was sent`(value: SQLValue) async throws {
        let database = try await TestDatabase()
        let found = try await blocking { try database.connect().value("SELECT ? AS value", [value]) }
        #expect(found == value)
    }

    @Test func `the texts of arrays keep quotes, braces, absent values and bytes`() async throws {
        let database = try await TestDatabase()
        let texts: [SQLValue] = [.text("a\\\"b"), .null, .text("NULL"), .text(""), .text("{x, y}"), .text("\n ü '")]
        let blobs: [SQLValue] = [.blob([]), .blob([0, 255, 92, 34]), .null, .blob([1]), .blob([2]), .blob([3])]
        let numbers: [SQLValue] = [.integer(.min), .integer(.max), .integer(0), .null, .integer(-1), .integer(1)]
        let literals = [texts, blobs, numbers].map { SQLValue.text(ArrayLiteral.text(of: $0)) }
        let rows = try await blocking {
            try database.connect().rows(
                "SELECT * FROM unnest(CAST(? AS text[]), CAST(? AS bytea[]), CAST(? AS bigint[])) AS rows (a, b, c)",
                literals
            )
        }
        #expect(rows.map { $0["a"] } == texts)
        #expect(rows.map { $0["b"] } == blobs)
        #expect(rows.map { $0["c"] } == numbers)
    }

    @Test func `null takes the type that the statement gives it`() async throws {
        let database = try await TestDatabase()
        try await database.sql("CREATE TABLE t (a bigint, b text, c bytea)")
        let rows = try await blocking {
            let connection = try database.connect()
            try connection.run([PostgresStatement("INSERT INTO public.t VALUES (?, ?, ?)", [.null, .null, .null])])
            return try connection.rows("SELECT * FROM public.t")
        }
        #expect(rows == [["a": .null, "b": .null, "c": .null]])
    }

    @Test(arguments: [
        ("true", SQLValue.integer(1)), ("false", .integer(0)), ("7::smallint", .integer(7)),
        ("-7::int", .integer(-7)), ("4294967295::oid", .integer(4_294_967_295)), ("'n'::name", .text("n")),
        ("'v'::varchar(3)", .text("v")), ("'x'", .text("x")), ("count(*)", .integer(1)),
        ("max(1::bigint)", .integer(1)),
        ("pg_sleep(0)", .null), ("NULL::text", .null),
    ])
    func `the types that Bursar reads are read`(expression: String, value: SQLValue) async throws {
        let database = try await TestDatabase()
        let found = try await blocking { try database.connect().value("SELECT \(expression) AS value") }
        #expect(found == value)
    }

    @Test(arguments: [("sum(1::bigint)", UInt32(1700)), ("1.5::float8", 701), ("now()", 1184)])
    func `a column of another type is an error that names it`(expression: String, type: UInt32) async throws {
        let database = try await TestDatabase()
        let connection = try await blocking { try database.connect() }
        #expect(
            await failure { _ = try connection.value("SELECT \(expression) AS total") }
                == .unreadable(column: "total", type: type)
        )
        #expect(try await blocking { try connection.value("SELECT 1::bigint AS value") } == .integer(1))
    }

    @Test func `many rows arrive one by one, and other statements run in between`() async throws {
        let database = try await TestDatabase()
        let (sum, inner) = try await blocking {
            let connection = try database.connect()
            var (sum, inner): (Int64, Int64) = (0, 0)
            try connection.forEach(PostgresStatement("SELECT generate_series(1, 100000)::bigint AS value")) { row in
                let number = row.integer(0) ?? 0
                sum += number
                guard number % 40_000 == 0 else { return }
                if case .integer(let found) = try connection.value("SELECT ? + 1 AS value", [.integer(number)]) {
                    inner += found
                }
            }
            return (sum, inner)
        }
        #expect(sum == 5_000_050_000)
        #expect(inner == 120_002)
    }

    @Test func `a reader that stops and a statement that fails midway leave the connection usable`() async throws {
        struct Stop: Error {}
        let database = try await TestDatabase()
        let connection = try await blocking { try database.connect() }
        await #expect(throws: Stop.self) {
            try await blocking {
                try connection.forEach(PostgresStatement("SELECT generate_series(1, 1000) AS value")) { row in
                    if row.integer(0) == 10 { throw Stop() }
                }
            }
        }
        let division = "SELECT 1 / (500 - i) AS value FROM generate_series(1, 1000) AS i"
        #expect(
            await failure { _ = try connection.rows(division) }
                == .failed(state: "22012", detail: "division by zero")
        )
        #expect(try await blocking { try connection.value("SELECT 2::bigint AS value") } == .integer(2))
    }

    @Test func `an error in a pipeline skips the statements after it`() async throws {
        let database = try await TestDatabase()
        try await database.sql("CREATE TABLE t (a bigint PRIMARY KEY)")
        let connection = try await blocking { try database.connect() }
        let insert = PostgresStatement("INSERT INTO public.t VALUES (?)", [.integer(1)])
        let error = await failure { try connection.run([insert, insert, PostgresStatement("SELECT 1")]) }
        #expect(error == .failed(state: "23505", detail: "duplicate key value violates unique constraint \"t_pkey\""))
        #expect(try await database.sql("SELECT count(*) FROM t") == "0")
        let changed = try await blocking {
            try connection.run([insert, PostgresStatement("DELETE FROM public.t")]).map(\.changedRows)
        }
        #expect(changed == [1, 1])
    }

    @Test func `the server's silence ends an exchange at its limit`() async throws {
        var limits = ConnectionLimits.testing
        limits.exchange = .milliseconds(200)
        let database = try await TestDatabase()
        let connection = try await blocking { [limits] in try database.connect(limits: limits) }
        #expect(
            await failure { _ = try connection.value("SELECT pg_sleep(20) AS value") }
                == .lost(detail: "the server took too long to answer")
        )
        #expect(!connection.isOpen)
        #expect(
            await failure { _ = try connection.value("SELECT 1 AS value") }
                == .lost(detail: "the connection is closed")
        )
    }
}
