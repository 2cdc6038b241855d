import BursarCore
import GRDB
import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The vends of one commit: checked once more against the keys as they are now, chained, and counted.
struct VendBatch {
    private let vends: [Vend]
    private let date: Date

    init(_ vends: [Vend], at date: Date) {
        self.vends = vends
        self.date = date
    }

    /// To be called inside an immediate transaction.
    ///
    /// - Returns: what became of each vend, in their order.
    func write(to db: Database) throws -> [Recorder.Outcome] {
        let revision = try Store.revision(db)
        var chain = try Chain.current(db)
        var counts: [KeyID: Int] = [:]
        var outcomes: [Recorder.Outcome] = []
        for vend in vends {
            let isCurrent = try vend.revision == revision || Self.version(of: vend.key, db) == vend.keyVersion
            guard isCurrent, date < vend.keyExpires else {
                outcomes.append(.failure(.keyChanged))
                continue
            }
            try chain.append(RecordEntry(vend, at: date), to: db)
            counts[vend.key, default: 0] += 1
            outcomes.append(.success(()))
        }
        for (key, count) in counts {
            try add(count, to: key, db)
        }
        return outcomes
    }

    private static func version(of key: KeyID, _ db: Database) throws -> Int64? {
        let statement = try db.cachedStatement(sql: "SELECT version FROM keys WHERE id = ?")
        return try Int64.fetchOne(statement, arguments: [key.description])
    }

    private func add(_ count: Int, to key: KeyID, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO usage_daily (day, key_id, outcome, count, last_at) VALUES (?, ?, 'vended', ?, ?)
                ON CONFLICT DO UPDATE SET count = count + excluded.count, last_at = max(last_at, excluded.last_at)
                """
        )
        let time = date.milliseconds
        try statement.execute(arguments: [UTCDay(containing: date).number, key.description, count, time])
    }
}

extension RecordEntry {
    fileprivate init(_ vend: Vend, at date: Date) {
        self.init(
            kind: .vend,
            occurred: date.milliseconds,
            researcher: vend.researcher.description,
            keyID: vend.key.description,
            address: vend.address,
            accessKeyID: vend.accessKeyID,
            expires: vend.expiration.milliseconds,
            requestID: vend.requestID
        )
    }
}
