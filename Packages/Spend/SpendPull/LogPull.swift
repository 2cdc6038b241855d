import AWSClients
package import AWSOperations
package import BursarFoundation
import BursarModel
import Dispatch
import Spend
package import Storage

/// The way of invocation logs into the database: AWS's pages in, batches of calls out.
///
/// The server and `admin` read alike, so that it doesn't matter which of them has read a call before.
package struct LogPull: Sendable {
    private let ingest: SpendIngest
    /// Commits wait for other writers, which no task may.
    private let queue = DispatchQueue(label: "bursar.spend")

    package init(_ ingest: SpendIngest) {
        self.ingest = ingest
    }

    /// Counts the calls of one region's log in `window`.
    ///
    /// - Parameters:
    ///   - source: the region's log.
    ///   - window: the time that the events are of.
    ///   - tally: the counts, also of what was read before an error: that stays counted.
    ///   - report: receives the number of lines after each page, and the time of the last one in UTC milliseconds.
    /// - Throws: ``UnreadableLog``, ``InvocationLogCallError``, `StoreError`, or `CancellationError`.
    package func read(
        _ source: InvocationLogSource,
        _ window: Range<Date>,
        into tally: inout SpendTally,
        report: (_ lines: Int64, _ time: Int64) -> Void = { _, _ in }
    ) async throws {
        var (batch, lines) = (SpendBatch(), Int64(0))
        for try await page in source.pages(in: window) {
            for event in page {
                Array(event.message.utf8).withUnsafeBytes { bytes in
                    batch.add(LogScanner.line(bytes), bytes, at: Self.place(event, source.region))
                }
                lines += 1
                guard batch.isFull else { continue }
                tally += try await add(batch)
                batch = SpendBatch()
            }
            if let last = page.last { report(lines, last.time) }
        }
        tally += try await add(batch)
    }

    private func add(_ batch: SpendBatch) async throws -> SpendTally {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try ingest.add(batch) }) }
        }
    }

    /// The event, for an operator who looks for it.
    private static func place(_ event: LogEvent, _ region: String) -> String {
        let time = Timestamp.string(Date(milliseconds: event.time))
        return "log of \(region), event of \(time)"
    }
}
