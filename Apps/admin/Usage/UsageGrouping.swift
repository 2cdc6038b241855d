import ArgumentParser
import Storage

/// What a report is added up by.
enum UsageGrouping: String, CaseIterable, ExpressibleByArgument {
    case researcher
    case project
    case key
    case day
    case week
    case month
    case outcome
    case address

    /// What has to be read for it.
    var parts: Usage.Parts {
        switch self {
        case .researcher, .project, .key: .keys
        case .day, .week, .month: .spans
        case .outcome: .outcomes
        case .address: .networks
        }
    }

    var span: UsageSpan? {
        switch self {
        case .day: .day
        case .week: .week
        case .month: .month
        case .researcher, .project, .key, .outcome, .address: nil
        }
    }
}
