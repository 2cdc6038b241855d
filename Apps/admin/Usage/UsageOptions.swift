import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Reports
import Storage
import Vending

/// The filter of usage: by researcher, project, key or outcome.
struct UsageFilter: ParsableArguments {
    @Option(help: "Only this researcher's, by the handle.", completion: .handles)
    var researcher: String?
    @Option(help: "Only this project's: what its keys did while they were of it.", completion: .projects)
    var project: String?
    @Option(help: "Only this key's, by its id or the beginning of it.", completion: .keyIDs)
    var key: String?
    @Option(help: "Only vended, refused, or one code such as rate_limited.")
    var outcome: String?

    func scope(_ days: ClosedRange<UTCDay>, in store: Store, at date: Date) throws -> UsageScope {
        UsageScope(
            days,
            researcher: try researcher.map { try store.knownResearcher($0, at: date).researcher.handle.description },
            project: try project.map { try store.knownProject($0, ever: true) },
            key: try key.map { try store.knownKey($0).id },
            outcome: try outcome.map { try Self.outcome($0) }
        )
    }

    private static func outcome(_ text: String) throws(UserFacingError) -> UsageScope.Outcome {
        switch text {
        case "vended": return .vended
        case "refused": return .refused
        default:
            if let code = ErrorCode(rawValue: text) { return .code(code) }
            let near = NearestName.of(text, among: ["vended", "refused"] + ErrorCode.allCases.map(\.rawValue))
            throw UserFacingError.misuse(
                "--outcome \"\(text)\" is none there is",
                hint: near.map { "did you mean \($0)?" } ?? "vended, refused, or the code of a refusal"
            )
        }
    }
}

/// A range of whole UTC days, in any of its notations.
struct UsageRange: ParsableArguments {
    @Option(help: "First UTC day, YYYY-MM-DD; 30 days up to the last unless given.")
    var since: String?
    @Option(help: "Last UTC day, YYYY-MM-DD; today unless given.")
    var until: String?
    @Option(help: "So many days up to today, today included: 30d.")
    var last: String?
    @Option(help: "A calendar month, YYYY-MM.")
    var month: String?

    func days(today: UTCDay) throws(UserFacingError) -> ClosedRange<UTCDay> {
        guard [last != nil, month != nil, since != nil || until != nil].count(where: \.self) <= 1 else {
            throw UserFacingError.misuse(
                "more than one range of days is given",
                hint: "--since and --until, or --last, or --month"
            )
        }
        if let month { return try days(ofMonth: month) }
        if let last { return try days(inLast: last, today) }
        let end = try until.map { (text) throws(UserFacingError) in try Self.day(text, "--until") } ?? today
        let start =
            try since.map { (text) throws(UserFacingError) in try Self.day(text, "--since") }
            ?? UTCDay(number: end.number - 29)
        guard start <= end else {
            throw UserFacingError.misuse("\(start) is after \(end)", hint: "--since is the earlier day")
        }
        return start...end
    }

    private func days(ofMonth text: String) throws(UserFacingError) -> ClosedRange<UTCDay> {
        guard let month = UTCMonth(text) else {
            throw UserFacingError.misuse("--month \"\(text)\" is not a month", hint: "write it as 2026-11")
        }
        return month.days
    }

    private func days(inLast text: String, _ today: UTCDay) throws(UserFacingError) -> ClosedRange<UTCDay> {
        let hint = "write it as 30d"
        guard let span = TimeSpan(text), text.last == "d", span.seconds.isMultiple(of: 86_400), span.seconds > 0 else {
            throw UserFacingError.misuse("--last \"\(text)\" is not a number of days", hint: hint)
        }
        return UTCDay(number: today.number - Int64(span.seconds / 86_400) + 1)...today
    }

    static func day(_ text: String, _ option: String) throws(UserFacingError) -> UTCDay {
        guard let day = UTCDay(text) else {
            let typed = "\(option) \"\(ControlText.brief(text))\""
            throw UserFacingError.misuse("\(typed) \(UTCDay.flaw(of: text))", hint: "write it as 2026-11-30")
        }
        return day
    }
}

extension UsageGrouping: ExpressibleByArgument {}
