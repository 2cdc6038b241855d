package import BursarFoundation
package import BursarModel
package import Spend

/// The dimension that a report of spend sums by.
package enum SpendGrouping: String, CaseIterable, Sendable {
    case researcher
    case project
    case key
    case model
    case region
    case day
    case week
    case month

    package var span: UsageSpan? {
        switch self {
        case .day: .day
        case .week: .week
        case .month: .month
        case .researcher, .project, .key, .model, .region: nil
        }
    }

    /// True if the rows are owners of calls.
    var isOwner: Bool {
        switch self {
        case .researcher, .project, .key: true
        case .model, .region, .day, .week, .month: false
        }
    }
}

/// The scope of a report of spend: a range of days, and filters.
package struct SpendScope: Sendable {
    package let days: ClosedRange<UTCDay>
    /// One researcher, with the handle as it is spelled in their row.
    package var researcher: String?
    package var project: String?
    package var key: KeyID?
    /// A model or profile as reports name it, or as the log does.
    package var model: String?
    package var region: String?

    package init(
        _ days: ClosedRange<UTCDay>,
        researcher: String? = nil,
        project: String? = nil,
        key: KeyID? = nil,
        model: String? = nil,
        region: String? = nil
    ) {
        self.days = days
        self.researcher = researcher
        self.project = project
        self.key = key
        self.model = model
        self.region = region
    }

    /// True if the scope is limited to some owners.
    var hasOwners: Bool { researcher != nil || project != nil || key != nil }

    func contains(_ owner: SpendOwner) -> Bool {
        if let researcher, owner.kind != .researcher || owner.name != researcher { return false }
        if let project, owner.kind != .researcher || owner.project != project { return false }
        if let key, owner.keyID != key.description { return false }
        return true
    }

    func contains(_ meter: SpendMeter) -> Bool {
        if let model, meter.model != model, InvokedModel.name(meter.model) != model { return false }
        return region == nil || region == meter.region
    }
}

/// The region and model of calls, as they are stored.
struct SpendMeter {
    let region: String
    let model: String
}

/// The cost of calls, by one dimension.
package struct SpendReport: Sendable {
    /// The calls of one researcher, project, … and their cost.
    package struct Row: Sendable, Equatable {
        package let name: String
        package var calls: Int64 = 0
        package var tokens = TokenCounts.zero
        package var low = USD.zero
        package var high = USD.zero
        /// Calls with tokens that no price is known for, which are in no sum of money.
        package var unpricedCalls: Int64 = 0

        package init(name: String) {
            self.name = name
        }

        /// False for the rows of other identities, whose names are in parentheses, which no handle has.
        package var isResearcher: Bool { !name.hasPrefix("(") }

        package mutating func add(_ other: Row) {
            calls += other.calls
            tokens += other.tokens
            low += other.low
            high += other.high
            unpricedCalls += other.unpricedCalls
        }

        mutating func add(_ calls: Int64, _ tokens: TokenCounts, _ estimate: Estimate) {
            self.calls += calls
            self.tokens += tokens
            low += estimate.low
            high += estimate.high
            unpricedCalls += estimate.unpricedCalls
        }
    }

    /// The calls of a model that some tokens have no price for.
    package struct Unpriced: Sendable, Equatable {
        /// As the log names it.
        package let model: String
        package var calls: Int64 = 0
        /// The tokens without a price.
        package var tokens = TokenCounts.zero
    }

    /// The dearest first; spans of time in their order.
    package var rows: [Row] = []
    package var totals = Row(name: "")
    package var unpriced: [Unpriced] = []
    /// True if some days are before the first one that a price is listed for.
    package var isExtended = false
    /// Of everything that was ever brought in.
    package var state = SpendState()

    package init() {}
}

/// The state of what was brought in, whatever the range of a report.
package struct SpendState: Sendable, Equatable {
    package var quarantined: Int64 = 0
    package var ignored: Int64 = 0
    package var duplicates: Int64 = 0
    package var tooOld: Int64 = 0
    /// The time of the latest record; nil if there is none.
    package var latest: Date?

    init() {}

    init(_ db: any Transaction) throws {
        quarantined = try db.value("SELECT count(*) AS value FROM spend_quarantine") ?? 0
        ignored = try SpendTotal.ignored.value(db)
        duplicates = try SpendTotal.duplicates.value(db)
        tooOld = try SpendTotal.tooOld.value(db)
        latest = try db.value("SELECT max(latest_at) AS value FROM spend_regions")
    }
}

/// A line in quarantine.
package struct QuarantinedLine: Sendable, Equatable, RowDecodable {
    /// SHA-256 of its bytes, which are kept nowhere.
    package let hash: [UInt8]
    package let reason: String
    package let place: String
    package let seen: Date

    package init(_ row: ResultRow) throws {
        hash = try row["hash"]
        reason = try row["reason"]
        place = try row["place"]
        seen = try row["seen_at"]
    }
}

/// Reports of what calls cost, from their roll-ups and the prices that are known now.
package struct SpendReports: Sendable {
    let database: any Database

    package init(_ database: any Database) {
        self.database = database
    }

    /// Reads the spend in `scope`, all of the same moment.
    package func report(_ scope: SpendScope, by grouping: SpendGrouping) throws -> SpendReport {
        try reports(scope, by: [grouping])[grouping] ?? SpendReport()
    }

    /// Reads several reports of the spend in `scope`, all of the same moment.
    package func reports(_ scope: SpendScope, by groupings: [SpendGrouping]) throws -> [SpendGrouping: SpendReport] {
        try database.read { db in
            try groupings.reduce(into: [:]) { reports, grouping in
                var reader = try SpendReader(db, scope, grouping)
                reports[grouping] = try reader.read()
            }
        }
    }

    package func state() throws -> SpendState {
        try database.read { db in try SpendState(db) }
    }

    /// The time of the latest record that was brought in, for each region that has one.
    package func latestRecords() throws -> [String: Date] {
        try database.read { db in
            var latest: [String: Date] = [:]
            try db.forEach("SELECT region, latest_at FROM spend_regions") { row in
                latest[try row["region"]] = try row["latest_at"]
            }
            return latest
        }
    }

    /// The lines in quarantine, the newest first.
    package func quarantine(limit: Int) throws -> [QuarantinedLine] {
        try database.read { db in
            try db.all(
                "SELECT hash, reason, place, seen_at FROM spend_quarantine ORDER BY seen_at DESC, hash LIMIT ?",
                [limit]
            )
        }
    }

    /// The projects that calls were made for, and the regions and models that were called.
    package func names(of grouping: SpendGrouping) throws -> Set<String> {
        try database.read { db in
            switch grouping {
            case .project: Set(try db.values("SELECT DISTINCT project AS value FROM spend_owners WHERE project <> ''"))
            case .region: Set(try db.values("SELECT DISTINCT region AS value FROM spend_meters"))
            case .model:
                Set(
                    try db.values("SELECT DISTINCT model AS value FROM spend_meters").flatMap {
                        [$0, InvokedModel.name($0)]
                    }
                )
            case .researcher, .key, .day, .week, .month: []
            }
        }
    }
}

/// The prices that calls of one model in one region need.
package struct CalledPrice: Sendable {
    /// The model's names in price lists.
    let names: Set<String>
    let region: String
    let routing: Routing

    package func matches(_ key: PriceKey) -> Bool {
        region == key.region && routing == key.routing && names.contains(key.model)
    }
}

extension SpendReports {
    /// The prices of all models that were called, where they were called.
    package func calledPrices(_ names: ModelNames) throws -> [CalledPrice] {
        try database.read { db in
            try db.map("SELECT DISTINCT region, model FROM spend_meters") { row in
                let (known, routing) = names.pricing(of: try row["model"])
                return CalledPrice(names: Set(known), region: try row["region"], routing: routing)
            }
        }
    }
}
