import Dispatch
import Logging
import Storage
import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is written beside the vends: refusals every ten seconds, and once a minute the months that are over and, into
/// the log, the head of the chain, which whoever edits the database later can't edit too.
struct Bookkeeping {
    private static let turnsPerMinute = 6

    let store: Store
    let refusals: RefusalTally
    let logger: Logger
    let now: @Sendable () -> Date
    private let queue = DispatchQueue(label: "bursar.bookkeeping")

    init(store: Store, refusals: RefusalTally, logger: Logger, now: @escaping @Sendable () -> Date) {
        self.store = store
        self.refusals = refusals
        self.logger = logger
        self.now = now
    }

    func run() async {
        var turn = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(10))
            turn += 1
            let isMinute = turn.isMultiple(of: Self.turnsPerMinute)
            await onQueue {
                writeRefusals()
                guard isMinute else { return }
                sumUpMonths()
                logHead()
            }
        }
    }

    /// To be called once all requests are answered.
    func finish() async {
        await onQueue {
            writeRefusals()
            logHead()
        }
    }

    private func onQueue(_ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            queue.async {
                work()
                continuation.resume()
            }
        }
    }

    private func writeRefusals() {
        guard let batch = refusals.take() else { return }
        do {
            try store.record(batch)
        } catch {
            refusals.restore(batch)
            logger.error("refusals can't be recorded; their counts are kept", metadata: ["cause": "\(error)"])
        }
    }

    private func sumUpMonths() {
        do {
            try store.sumUpMonths(at: now())
        } catch {
            logger.error("last month can't be summed up", metadata: ["cause": "\(error)"])
        }
    }

    private func logHead() {
        do {
            let head = try store.chainHead()
            logger.notice("chain", metadata: ["sequence": "\(head.sequence)", "head": "\(head.hash)"])
        } catch {
            logger.error("the chain's head can't be read", metadata: ["cause": "\(error)"])
        }
    }
}
