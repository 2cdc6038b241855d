import Storage
import Synchronization

/// The last record that this program has seen committed, which must stay: poolers and proxies lead an open connection to
/// another server, and a standby that was promoted may lack what its primary had acknowledged.
///
/// After a miss nothing is written until the program is restarted by an operator, who has seen both heads. A former primary
/// that has come back lacks records too, but has lost nothing: it is recognized by its ``Timeline`` first, and left alone.
final class Continuity: Sendable {
    fileprivate struct Head {
        let sequence: Int64
        let hash: [UInt8]

        var description: String { "\(sequence) " + hash.hexadecimal }
    }

    private struct State {
        var known: Head?
        var timeline = Timeline.first
        var fault: PostgresError?
    }

    private let state = Mutex(State())
    private let report: @Sendable (PostgresError) -> Void

    /// `report` receives the fault, once.
    init(report: @escaping @Sendable (PostgresError) -> Void = { _ in }) {
        self.report = report
    }

    /// The newest record, or the last one that was pruned.
    static let head = PostgresStatement(
        """
        SELECT sequence, hash FROM (
            (SELECT sequence, hash FROM records ORDER BY sequence DESC LIMIT 1)
            UNION ALL SELECT sequence, hash FROM pruned
        ) AS heads ORDER BY sequence DESC LIMIT 1
        """
    )

    /// A check that the newest record that is known now is there, and that the timeline hasn't gone back.
    struct Check {
        fileprivate let known: Head?
        fileprivate let timeline: Timeline?

        /// The query that it needs the rows of: the record, or that it was pruned, and the timeline if the server tells it.
        var query: PostgresStatement {
            PostgresStatement(
                """
                SELECT sequence, hash, NULL::bigint AS timeline FROM records WHERE sequence = ?
                UNION ALL SELECT sequence, NULL, NULL FROM pruned WHERE sequence >= ?
                """ + (timeline == nil ? "" : " UNION ALL SELECT NULL, NULL, \(Timeline.number)"),
                [.integer(known?.sequence ?? 0), .integer(known?.sequence ?? 0)]
            )
        }
    }

    /// Begins a check on a connection.
    ///
    /// - Throws: the fault that an earlier check found.
    func begin(on connection: PostgresConnection) throws(PostgresError) -> Check {
        try checkIsSound()
        return Check(known: state.withLock { $0.known }, timeline: connection.timeline)
    }

    /// Checks a new connection, to a database that may have no tables yet.
    func check(_ connection: PostgresConnection) throws(PostgresError) {
        try connection.readTimeline()
        if let timeline = connection.timeline { try follow(timeline) }
        let check = try begin(on: connection)
        guard check.known != nil else { return }
        try finish(check, try connection.run([check.query])[0].rows, on: connection)
    }

    /// Judges a check by the rows of its query.
    ///
    /// - Throws: ``PostgresError/discontinued(known:found:)``, now and whenever another check begins; before that, the
    ///   refusal of a former primary, which has another connection tried.
    func finish(_ check: Check, _ rows: [PostgresRow], on connection: PostgresConnection) throws(PostgresError) {
        if let number = rows.lazy.compactMap({ $0.integer(2) }).first { try follow(Timeline(number)) }
        guard let known = check.known else { return }
        let isThere = rows.contains { row in
            row.integer(0) != nil && (row.value(1) == .null || row.value(1) == .blob(known.hash))
        }
        guard !isThere else { return }
        let found = try connection.run([Self.head]).first?.rows.first.flatMap(Self.read)
        let fault = PostgresError.discontinued(known: known.description, found: found?.description ?? "none")
        let isNew = state.withLock { state in
            defer { state.fault = state.fault ?? fault }
            return state.fault == nil
        }
        if isNew { report(fault) }
        throw fault
    }

    private func follow(_ timeline: Timeline) throws(PostgresError) {
        let known = state.withLock { state in
            state.timeline = max(state.timeline, timeline)
            return state.timeline
        }
        guard timeline == known else { throw .unsuitable(.formerPrimary(timeline: timeline, known: known)) }
    }

    /// - Throws: the fault that an earlier check found.
    func checkIsSound() throws(PostgresError) {
        if let fault = state.withLock({ $0.fault }) { throw fault }
    }

    /// Takes over the row of ``head`` after a commit, or when the database is opened.
    func acknowledge(_ rows: [PostgresRow]) {
        guard let head = rows.first.flatMap(Self.read) else { return }
        state.withLock { state in
            if head.sequence >= state.known?.sequence ?? 0 { state.known = head }
        }
    }

    private static func read(_ row: PostgresRow) -> Head? {
        guard let sequence = row.integer(0), case .blob(let hash) = row.value(1) else { return nil }
        return Head(sequence: sequence, hash: hash)
    }
}

/// A server's place in the history of its cluster: each promotion of a standby begins the next timeline.
package struct Timeline: Comparable, Sendable, CustomStringConvertible {
    static let first = Timeline(1)

    private let value: Int64

    init(_ number: Int64) {
        value = number
    }

    /// The current one's number, in SQL: the first eight digits of the name of the write-ahead log's file.
    ///
    /// `pg_control_checkpoint()` would show it only after a promoted server's first checkpoint.
    fileprivate static let number = """
        ('x' || pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()), 8))::bit(32)::bigint
        """

    package var description: String { String(value) }

    package static func < (one: Timeline, other: Timeline) -> Bool { one.value < other.value }
}

extension PostgresConnection {
    /// Reads the server's timeline; some engines, as Aurora, have none.
    fileprivate func readTimeline() throws(PostgresError) {
        do throws(PostgresError) {
            let rows = try run([PostgresStatement("SELECT \(Timeline.number) AS value")]).first?.rows
            timeline = rows?.first?.integer(0).map { Timeline($0) }
        } catch .failed, .notPermitted {
            timeline = nil
        }
    }
}
