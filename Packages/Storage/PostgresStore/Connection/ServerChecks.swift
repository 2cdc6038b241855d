import BursarFoundation
import CPQ
import Storage

extension PostgresConnection {
    /// Refuses a server that Bursar can't keep its database on, and sets what a role or a database may set otherwise.
    func prepare(for address: PostgresAddress, allowsUnsafe: Bool) throws(PostgresError) {
        if let engine = OtherEngine.name(parameter: parameter, host: address.host.text) {
            throw .unsuitable(.otherEngine(engine))
        }
        let version = pointer.map { library.pointee.PQserverVersion($0) } ?? 0
        guard version >= 130_000 else {
            throw .unsuitable(.tooOld(version: parameter("server_version") ?? String(version / 10_000)))
        }
        let name = try run([PostgresStatement("SELECT version() AS value")]).first?[0]["value"]
        if case .text(let text) = name, let engine = OtherEngine.name(inVersion: text) {
            throw .unsuitable(.otherEngine(engine))
        }
        let results = try run([Self.state, settings])
        guard let state = results.first?[0] else { return }
        guard state["is_standby"] == .integer(0) else { throw .unsuitable(.standby) }
        guard state["fsync"] == .text("on") || allowsUnsafe else { throw .unsuitable(.withoutSync) }
    }

    private static let state = PostgresStatement(
        "SELECT pg_catalog.pg_is_in_recovery() AS is_standby, pg_catalog.current_setting('fsync') AS fsync"
    )

    /// `pg_temp` is named so that it comes last: unnamed, a table of this session's would come first.
    static let searchPath = "bursar, pg_catalog, pg_temp"

    private var settings: PostgresStatement {
        func milliseconds(_ duration: Duration) -> String { String(Int((duration / .milliseconds(1)).rounded(.up))) }
        let values = [
            ("search_path", Self.searchPath),
            ("synchronous_commit", "on"),
            ("default_transaction_isolation", "read committed"),
            ("default_transaction_read_only", "off"),
            ("TimeZone", "UTC"),
            ("lock_timeout", milliseconds(limits.lock)),
            ("statement_timeout", milliseconds(limits.statement)),
            ("idle_in_transaction_session_timeout", milliseconds(limits.idleInTransaction)),
        ]
        let calls = values.map { _ in "pg_catalog.set_config(?, ?, false)" }.joined(separator: ", ")
        return PostgresStatement("SELECT \(calls)", values.flatMap { [.text($0.0), .text($0.1)] })
    }

    /// Returns the server's date.
    func clock() throws(PostgresError) -> Date? {
        try run([PostgresStatement("SELECT \(Self.clock)")]).first?.rows.first?.integer(0).map {
            Date(milliseconds: $0)
        }
    }

    /// The expression of the server's date.
    static let clock = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

    /// A setting that the server reports by itself.
    private func parameter(_ name: String) -> String? {
        guard let pointer else { return nil }
        return library.pointee.PQparameterStatus(pointer, name).map { String(cString: $0) }
    }
}

/// The engines that speak PostgreSQL's protocol and differ in what Bursar leans on: a blocking lock of a row under READ
/// COMMITTED, triggers, roles.
enum OtherEngine {
    /// Recognizes an engine by what it reports when a connection begins, or by its host.
    static func name(parameter: (_ name: String) -> String?, host: String) -> String? {
        if parameter("crdb_version") != nil { return "CockroachDB" }
        if let version = parameter("server_version"), let name = name(inVersion: version) { return name }
        // CLUSTER.dsql.REGION.on.aws
        let labels = host.lowercased().split(separator: ".")
        return labels.contains("dsql") && labels.suffix(2) == ["on", "aws"] ? "Aurora DSQL" : nil
    }

    /// Recognizes an engine by the text of its version.
    static func name(inVersion text: String) -> String? {
        let marks = [
            ("CockroachDB", "CockroachDB"), ("-YB-", "YugabyteDB"), ("YugabyteDB", "YugabyteDB"),
            ("DSQL", "Aurora DSQL"),
        ]
        return marks.first { text.contains($0.0) }?.1
    }
}
