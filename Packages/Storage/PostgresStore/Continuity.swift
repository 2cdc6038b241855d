import Storage
import Synchronization

/// The last record that this program has seen committed, which must stay: poolers and proxies lead an open connection to
/// another server, and a standby that was promoted may lack what its primary had acknowledged.
///
/// After a miss nothing is written until the program is restarted by an operator, who has seen both heads.
final class Continuity: Sendable {
    fileprivate struct Head {
        let sequence: Int64
        let hash: [UInt8]

        var description: String { "\(sequence) " + hash.hexadecimal }
    }

    private struct State {
        var known: Head?
        var fault: PostgresError?
    }

    private let state = Mutex(State())

    /// The newest record, or the last one that was pruned.
    static let head = PostgresStatement(
        """
        SELECT sequence, hash FROM (
            (SELECT sequence, hash FROM records ORDER BY sequence DESC LIMIT 1)
            UNION ALL SELECT sequence, hash FROM pruned
        ) AS heads ORDER BY sequence DESC LIMIT 1
        """
    )

    /// A check that the newest record that is known now is there.
    struct Check {
        fileprivate let known: Head?

        /// True if a record is known.
        var isDue: Bool { known != nil }

        /// The query that it needs the rows of: the record, or that it was pruned.
        var query: PostgresStatement {
            PostgresStatement(
                """
                SELECT sequence, hash FROM records WHERE sequence = ?
                UNION ALL SELECT sequence, NULL FROM pruned WHERE sequence >= ?
                """,
                [.integer(known?.sequence ?? 0), .integer(known?.sequence ?? 0)]
            )
        }
    }

    /// - Throws: the fault that an earlier check found.
    func begin() throws(PostgresError) -> Check {
        try checkIsSound()
        return Check(known: state.withLock { $0.known })
    }

    /// Judges a check by the rows of its query.
    ///
    /// - Throws: ``PostgresError/discontinued(known:found:)``, now and whenever another check begins.
    func finish(_ check: Check, _ rows: [PostgresRow], on connection: PostgresConnection) throws(PostgresError) {
        guard let known = check.known else { return }
        let isThere = rows.contains { $0.value(1) == .null || $0.value(1) == .blob(known.hash) }
        guard !isThere else { return }
        let found = try connection.run([Self.head]).first?.rows.first.flatMap(Self.read)
        let fault = PostgresError.discontinued(known: known.description, found: found?.description ?? "none")
        state.withLock { $0.fault = fault }
        throw fault
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
