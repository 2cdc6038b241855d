import BursarFoundation
import BursarModel
import Spend

/// The sums of calls by day and by month, for each owner and meter.
struct SpendSums {
    private struct Place: Hashable, Comparable {
        /// A day or a month.
        let span: Int64
        /// 0 in sums without owners.
        let owner: Int64
        let meter: Int64

        static func < (one: Self, other: Self) -> Bool {
            (one.span, one.owner, one.meter) < (other.span, other.owner, other.meter)
        }
    }

    private struct Sum {
        var calls: Int64 = 0
        var tokens = TokenCounts.zero

        mutating func add(_ other: Sum) {
            calls += other.calls
            tokens += other.tokens
        }
    }

    private var daily: [Place: Sum] = [:]
    private var monthly: [Place: Sum] = [:]
    private var days: [Place: Sum] = [:]

    /// Adds up `calls` of `batch`, whose owners `directory` knows, and adds the numbers that are new to `numbers`.
    init(
        _ calls: [SpendBatch.Call],
        of batch: SpendBatch,
        _ directory: CallerDirectory,
        _ numbers: inout SpendNumbers,
        _ db: any Transaction
    ) throws {
        // By positions first: a batch has thousands of calls, and few owners and meters.
        var sums: [Place: Sum] = [:]
        for call in calls {
            let owner = directory.owner(of: call.caller, at: call.time)
            let place = Place(span: Self.day(call.time), owner: Int64(owner), meter: Int64(call.meter))
            sums[place, default: Sum()].add(Sum(calls: 1, tokens: call.tokens))
        }
        try numbers.add(
            Set(sums.keys.map(\.owner)).sorted().map { directory.owners[Int($0)] },
            Set(sums.keys.map(\.meter)).sorted().map { batch.meters[Int($0)] },
            db
        )
        // By the calendar once for each day, which takes as long as some records.
        var months: [Int64: Int64] = [:]
        for day in Set(sums.keys.map(\.span)) {
            months[day] = UTCMonth(containing: UTCDay(number: day)).number
        }
        for (place, sum) in sums {
            let owner = numbers.owners[directory.owners[Int(place.owner)]] ?? 0
            let meter = numbers.meters[batch.meters[Int(place.meter)]] ?? 0
            let month = months[place.span] ?? 0
            daily[Place(span: place.span, owner: owner, meter: meter), default: Sum()].add(sum)
            monthly[Place(span: month, owner: owner, meter: meter), default: Sum()].add(sum)
            days[Place(span: place.span, owner: 0, meter: meter), default: Sum()].add(sum)
        }
    }

    private static func day(_ time: Int64) -> Int64 {
        time >= 0 ? time / 86_400_000 : (time + 1) / 86_400_000 - 1
    }

    func write(to db: any Transaction) throws {
        try Self.dailyInsert.write(Self.values(daily), to: db)
        try Self.monthlyInsert.write(Self.values(monthly), to: db)
        try Self.daysInsert.write(Self.values(days, hasOwners: false), to: db)
    }

    /// The values of rows, sorted by their keys.
    private static func values(_ sums: [Place: Sum], hasOwners: Bool = true) -> [SQLValue] {
        sums.sorted { $0.key < $1.key }.flatMap { place, sum -> [SQLValue] in
            let owner: [SQLValue] = hasOwners ? [.integer(place.owner)] : []
            let counts = [sum.calls] + TokenClass.allCases.map { sum.tokens[$0] }
            return [.integer(place.span)] + owner + [.integer(place.meter)] + counts.map(SQLValue.integer)
        }
    }

    private static let dailyInsert = insert("spend_daily", ["day", "owner", "meter"])
    private static let monthlyInsert = insert("spend_monthly", ["month", "owner", "meter"])
    private static let daysInsert = insert("spend_days", ["day", "meter"])

    private static func insert(_ table: String, _ key: [String]) -> RowInsert {
        let counts = SpendColumns.counts
        return RowInsert(
            into: table,
            (key + counts).map { (name: $0, type: .integer) },
            onConflict: .update(key: key) { _ in
                counts.map { "\($0) = \(table).\($0) + excluded.\($0)" }.joined(separator: ", ")
            }
        )
    }
}

/// The columns of the roll-ups that hold counts, the classes of tokens in the order of `TokenClass`.
enum SpendColumns {
    static let counts = ["calls", "input", "output", "cache_read", "cache_write"]
}
