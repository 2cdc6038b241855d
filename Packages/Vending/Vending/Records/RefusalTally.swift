package import BursarFoundation
package import BursarModel
import Synchronization

/// The refusals since the last ``take()``, in bounded space.
///
/// The first refusal of a key that proved right is kept in full per reason, client network and hour, up to
/// ``marksPerKey`` per key and hour; the last of these notes that there are more. All others are counted per key and
/// reason, unknown ids together. So frequent requests can't fill the record, and no key takes the room of another. The
/// use of a canary has room of its own, whatever else is refused.
package final class RefusalTally: Sendable {
    private struct Mark: Hashable {
        let code: ErrorCode
        let clientNetwork: CIDRBlock?

        init(_ code: ErrorCode, from address: IPAddress?) {
            self.code = code
            clientNetwork = address?.clientNetwork
        }
    }

    private struct State {
        /// The hour of the marks in ``seen``.
        var hour: Int64 = 0
        var seen: [KeyID: Set<Mark>] = [:]
        /// Entries of the batch that aren't uses of canaries.
        var ordinary = 0
        var batch = RefusalBatch()
    }

    /// The number of refusals of one key that are kept in full within an hour.
    package static let marksPerKey = 64
    private static let entries = 4096

    private let state = Mutex(State())

    package init() {}

    package func note(_ refusal: VendError, from address: IPAddress?, requestID: String, at date: Date) {
        let hour = Self.hour(of: date)
        state.withLock { state in
            if state.hour != hour {
                state.hour = hour
                state.seen = [:]
            }
            state.batch.count(refusal, at: date)
            let isCanary = refusal.subject.isCanary
            guard let (key, handle) = refusal.subject.holder,
                isCanary || state.ordinary < Self.entries,
                state.seen[key, default: []].count < Self.marksPerKey,
                state.seen[key, default: []].insert(Mark(refusal.code, from: address)).inserted
            else { return }
            if !isCanary { state.ordinary += 1 }
            state.batch.entries.append(
                RefusalBatch.Entry(
                    key: key,
                    researcher: handle,
                    code: refusal.code,
                    isCanary: isCanary,
                    address: address,
                    requestID: requestID,
                    date: date,
                    isLastOfHour: state.seen[key]?.count == Self.marksPerKey
                )
            )
        }
    }

    /// Takes the batch so far; nil if nothing was refused.
    package func take() -> RefusalBatch? {
        state.withLock { state in
            guard !state.batch.isEmpty else { return nil }
            defer {
                state.batch = RefusalBatch()
                state.ordinary = 0
            }
            return state.batch
        }
    }

    /// Puts back the counts of a batch that could not be written.
    ///
    /// Its entries are in the log only; the next refusal of the same kind within the hour is kept in full instead.
    package func restore(_ batch: RefusalBatch) {
        state.withLock { state in
            state.batch.add(countsOf: batch)
            for entry in batch.entries where Self.hour(of: entry.date) == state.hour {
                state.seen[entry.key]?.remove(Mark(entry.code, from: entry.address))
            }
        }
    }

    private static func hour(of date: Date) -> Int64 {
        Int64((date.timeIntervalSince1970 / 3600).rounded(.down))
    }
}

/// Refusals to be written to the record.
package struct RefusalBatch: Sendable {
    package struct Entry: Sendable {
        package let key: KeyID
        package let researcher: Handle
        package let code: ErrorCode
        /// True for the use of a canary, which is an alarm.
        package let isCanary: Bool
        package let address: IPAddress?
        package let requestID: String
        package let date: Date
        /// True if further refusals of its key are only counted until the hour is over.
        package let isLastOfHour: Bool
    }

    /// The refusals that are counted together; `key` is nil for ids that belong to no key.
    package struct Group: Hashable, Sendable {
        package let day: UTCDay
        package let key: KeyID?
        package let code: ErrorCode
        /// The use of a canary counts apart from wrong secrets, though the caller gets the same error.
        package let isCanary: Bool

        package init(day: UTCDay, key: KeyID?, code: ErrorCode, isCanary: Bool = false) {
            self.day = day
            self.key = key
            self.code = code
            self.isCanary = isCanary
        }

        /// The outcome in roll-ups: the code, or `canary_used`.
        package var outcome: String { isCanary ? "canary_used" : code.rawValue }
    }

    package struct Count: Sendable {
        package var count: Int
        package var last: Date
    }

    package fileprivate(set) var entries: [Entry] = []
    package fileprivate(set) var counts: [Group: Count] = [:]

    var isEmpty: Bool { counts.isEmpty }

    fileprivate mutating func count(_ refusal: VendError, at date: Date) {
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
