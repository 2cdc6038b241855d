import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Store {
    /// The chain's last record: its number, and its hash as 64 hexadecimal digits.
    package func chainHead() throws -> (sequence: Int64, hash: String) {
        try read { db in
            let chain = try Chain.current(db)
            let digits = chain.head.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            return (chain.sequence, digits.joined())
        }
    }

    /// Recomputes the chain from its first record that is left; returns the sequence number of the first that doesn't fit.
    package func firstBrokenRecord() throws -> Int64? {
        try read { db in
            var chain = try Chain.pruned(db)
            let rows = try Row.fetchCursor(db, sql: "SELECT * FROM records ORDER BY sequence")
            while let row = try rows.next() {
                let sequence: Int64 = row["sequence"]
                guard let entry = RecordEntry(row) else { return sequence }
                chain.advance(over: entry)
                guard chain.sequence == sequence, chain.head == Array(row["hash"] as Data) else { return sequence }
            }
            return nil
        }
    }
}
