import BursarFoundation
import Dispatch
import Logging
import Storage
import Vending

/// The periodic writes beside the vends.
///
/// Every ten seconds: refusals, to the record and summed up in the log. Once a minute: the summaries of months that are
/// over, and the chain's head, to the log, out of reach of someone who edits the database. Once a second: the
/// database's write-ahead log.
struct PeriodicReports {
    private static let turnsPerMinute = 6

    let store: Store
    let refusals: RefusalTally
    let refusalLog: RefusalLog
    let logger: Logger
    let now: @Sendable () -> Date
    /// The destination of chain heads besides the log; nil for none.
    let heads: HeadLog?
    private let queue = DispatchQueue(label: "bursar.bookkeeping")
    private let checkpoints = DispatchQueue(label: "bursar.checkpoints")

    init(
        store: Store,
        refusals: RefusalTally,
        refusalLog: RefusalLog,
        logger: Logger,
        heads: HeadLog? = nil,
        now: @escaping @Sendable () -> Date
    ) {
        self.heads = heads
        self.store = store
        self.refusals = refusals
        self.refusalLog = refusalLog
        self.logger = logger
        self.now = now
    }

    func run() async {
        var turn = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(10))
            turn += 1
            let isMinute = turn.isMultiple(of: Self.turnsPerMinute)
            refusalLog.sumUp()
            await onQueue(queue) {
                writeRefusals()
                guard isMinute else { return }
                sumUpMonths()
                logHead()
            }
        }
    }

    /// Moves the write-ahead log into the database, so that no commit has to.
    func checkpoint() async {
        var isFailing = false
        while !Task.isCancelled {
            do {
                try await onQueue(checkpoints) { try store.database.maintain() }
                isFailing = false
            } catch {
                if !isFailing { logger.error("the database can't be kept in order", metadata: ["cause": "\(error)"]) }
                isFailing = true
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Writes the remaining refusals and the chain's head, after the last response.
    func finish() async {
        refusalLog.sumUp()
        await onQueue(queue) {
            writeRefusals()
            logHead()
        }
    }

    private func onQueue<Failure: Error>(
        _ queue: DispatchQueue,
        _ work: @escaping @Sendable () throws(Failure) -> Void
    ) async throws(Failure) {
        let result: Result<Void, Failure> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Result(catching: work)) }
        }
        try result.get()
    }

    private func writeRefusals() {
        guard let batch = refusals.take() else { return }
        do {
            try store.ledger.record(batch)
        } catch {
            refusals.restore(batch)
            logger.error("refusals can't be recorded; their counts are kept", metadata: ["cause": "\(error)"])
        }
    }

    private func sumUpMonths() {
        do {
            try store.ledger.sumUpMonths(at: now())
        } catch {
            logger.error("last month can't be summed up", metadata: ["cause": "\(error)"])
        }
    }

    private func logHead() {
        do {
            let head = try store.audit.chainHead()
            logger.notice("chain", metadata: ["sequence": "\(head.sequence)", "head": "\(head.hash)"])
            heads?.add(HeadLog.Head(sequence: head.sequence, hash: head.hash, date: now()))
        } catch {
            logger.error("the chain's head can't be read", metadata: ["cause": "\(error)"])
        }
    }
}
