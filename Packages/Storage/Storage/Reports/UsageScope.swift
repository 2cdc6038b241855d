package import BursarModel

/// The scope of a report: a range of days, and filters.
package struct UsageScope: Sendable {
    package enum Outcome: Sendable, Equatable {
        case vended
        /// Any refusal.
        case refused
        case code(ErrorCode)

        package var name: String { stored ?? "refused" }

        /// The outcome's name in the roll-ups; nil for any refusal.
        var stored: String? {
            switch self {
            case .vended: UsageCounter.vended
            case .refused: nil
            case .code(let code): code.rawValue
            }
        }
    }

    package let days: ClosedRange<UTCDay>
    /// One researcher, with the handle as it is spelled in their row.
    package var researcher: String?
    package var project: String?
    package var key: KeyID?
    /// nil counts vends and refusals.
    package var outcome: Outcome?
    /// True if uses of canaries count among outcomes and keys; they are no refusals of the canary's researcher.
    package var showsCanaries = true

    package init(
        _ days: ClosedRange<UTCDay>,
        researcher: String? = nil,
        project: String? = nil,
        key: KeyID? = nil,
        outcome: Outcome? = nil
    ) {
        self.days = days
        self.researcher = researcher
        self.project = project
        self.key = key
        self.outcome = outcome
    }

    /// The longest range whose time line is complete; that of a longer one runs from the first use to the last.
    package static let spannedDays = 3_700

    package var isSpanned: Bool { days.upperBound.number - days.lowerBound.number < Self.spannedDays }

    /// True if the scope is limited to some keys.
    var isNarrowed: Bool { researcher != nil || project != nil || key != nil }

    func counts(_ outcome: String) -> Bool {
        guard showsCanaries || outcome != UsageCounter.canaryUsed else { return false }
        return countsAny(outcome)
    }

    private func countsAny(_ outcome: String) -> Bool {
        switch self.outcome {
        case nil: true
        case .refused: outcome != UsageCounter.vended
        case .vended, .code: outcome == self.outcome?.stored
        }
    }
}

/// The step of a time line.
package enum UsageSpan: Sendable {
    case day
    /// ISO 8601 weeks.
    case week
    case month

    /// The number of the span that contains a day.
    func number(of day: Int64) -> Int64 {
        let day = UTCDay(number: day)
        return switch self {
        case .day: day.number
        case .week: UTCWeek(containing: day).number
        case .month: UTCMonth(containing: day).number
        }
    }

    func days(_ number: Int64) -> ClosedRange<UTCDay> {
        switch self {
        case .day: UTCDay(number: number)...UTCDay(number: number)
        case .week: UTCWeek(number: number).days
        case .month: UTCMonth(number: number).days
        }
    }

    func name(_ number: Int64) -> String {
        switch self {
        case .day: UTCDay(number: number).description
        case .week: UTCWeek(number: number).description
        case .month: UTCMonth(number: number).description
        }
    }
}
