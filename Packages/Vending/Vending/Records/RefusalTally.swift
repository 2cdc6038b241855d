package import BursarCore
import Synchronization

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// What was refused since the last look, in bounded space.
///
/// In full: the first refusal of a key that proved right, per reason, address and hour. All others are counted per key
/// and reason, unknown ids together; so nobody fills the record by asking often.
package final class RefusalTally: Sendable {
    private struct Mark: Hashable {
        let key: KeyID
        let code: RefusalCode
        let address: IPAddress?
    }

    private struct State {
        var hour: Int64 = 0
        var seen: Set<Mark> = []
        var batch = RefusalBatch()
    }

    private static let marks = 20_000
    private static let entries = 4096

    private let state = Mutex(State())

    package init() {}

    package func note(_ refusal: Refusal, from address: IPAddress?, requestID: String, at date: Date) {
        let hour = Int64((date.timeIntervalSince1970 / 3600).rounded(.down))
        state.withLock { state in
            if state.hour != hour {
                state.hour = hour
                state.seen = []
            }
            state.batch.count(refusal, at: date)
            guard let (key, handle) = refusal.subject.holder,
                state.seen.count < Self.marks, state.batch.entries.count < Self.entries,
                state.seen.insert(Mark(key: key, code: refusal.code, address: address)).inserted
            else { return }
            state.batch.entries.append(
                RefusalBatch.Entry(
                    key: key,
                    researcher: handle,
                    code: refusal.code,
                    isCanary: refusal.subject.isCanary,
                    address: address,
                    requestID: requestID,
                    date: date
                )
            )
        }
    }

    /// Takes what there is; nil when nothing was refused.
    package func take() -> RefusalBatch? {
        state.withLock { state in
            guard !state.batch.isEmpty else { return nil }
            defer { state.batch = RefusalBatch() }
            return state.batch
        }
    }

    /// Puts back the counts of a batch that could not be written; its entries are lost, and were logged.
    package func restore(_ batch: RefusalBatch) {
        state.withLock { $0.batch.add(countsOf: batch) }
    }
}

/// Refusals on their way to the record.
package struct RefusalBatch: Sendable {
    package struct Entry: Sendable {
        package let key: KeyID
        package let researcher: Handle
        package let code: RefusalCode
        /// Whether it is an alarm: the key was made to be found.
        package let isCanary: Bool
        package let address: IPAddress?
        package let requestID: String
        package let date: Date
    }

    /// What is counted together; `key` is nil where no key has that id.
    package struct Group: Hashable, Sendable {
        package let day: UTCDay
        package let key: KeyID?
        package let code: RefusalCode
        /// The use of a canary counts apart from wrong secrets, as which it is answered.
        package let isCanary: Bool

        package init(day: UTCDay, key: KeyID?, code: RefusalCode, isCanary: Bool = false) {
            self.day = day
            self.key = key
            self.code = code
            self.isCanary = isCanary
        }

        /// As roll-ups have it: the code, or a word of its own for a canary.
        package var outcome: String { isCanary ? "canary_used" : code.rawValue }
    }

    package struct Count: Sendable {
        package var count: Int
        package var last: Date
    }

    package fileprivate(set) var entries: [Entry] = []
    package fileprivate(set) var counts: [Group: Count] = [:]

    var isEmpty: Bool { counts.isEmpty }

    fileprivate mutating func count(_ refusal: Refusal, at date: Date) {
        let key: KeyID? =
            switch refusal.subject {
            case .nobody, .unknown: nil
            case .unproven(let id), .proven(let id, _), .canary(let id, _): id
            }
        let day = UTCDay(containing: date)
        let group = Group(day: day, key: key, code: refusal.code, isCanary: refusal.subject.isCanary)
        add(Count(count: 1, last: date), to: group)
    }

    fileprivate mutating func add(countsOf other: RefusalBatch) {
        for (group, count) in other.counts { add(count, to: group) }
    }

    private mutating func add(_ more: Count, to group: Group) {
        var count = counts[group] ?? Count(count: 0, last: more.last)
        count.count += more.count
        count.last = max(count.last, more.last)
        counts[group] = count
    }
}
