import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Store {
    /// Recomputes the chain from its first record; returns the sequence number of the first that doesn't fit.
    package func firstBrokenRecord() throws -> Int64? {
        try read { db in
            var chain = Chain.empty
            let rows = try Row.fetchCursor(db, sql: "SELECT * FROM records ORDER BY sequence")
            while let row = try rows.next() {
                let sequence: Int64 = row["sequence"]
                guard let kind = RecordEntry.Kind(rawValue: row["kind"]) else { return sequence }
                chain.advance(
                    over: RecordEntry(
                        kind: kind,
                        occurred: row["occurred_at"],
                        researcher: row["researcher"],
                        keyID: row["key_id"],
                        address: row["address"],
                        accessKeyID: row["access_key_id"],
                        expires: row["expires_at"],
                        requestID: row["request_id"]
                    )
                )
                guard chain.sequence == sequence, chain.head == Array(row["hash"] as Data) else { return sequence }
            }
            return nil
        }
    }
}
