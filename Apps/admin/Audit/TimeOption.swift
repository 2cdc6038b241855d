import BursarConsole
import BursarFoundation
import BursarModel
import Storage

/// Parses a moment: a UTC day, or an RFC 3339 time.
enum TimeOption {
    /// Returns the moment, or the beginning of the day.
    static func start(_ text: String, _ option: String) throws(UserFacingError) -> Date {
        if let day = UTCDay(text) { return day.start }
        return try time(text, option)
    }

    /// Returns the moment, or the end of the day; ranges exclude it.
    static func end(_ text: String, _ option: String) throws(UserFacingError) -> Date {
        if let day = UTCDay(text) { return UTCDay(number: day.number + 1).start }
        return try time(text, option)
    }

    /// Returns both ends of a range, in order.
    static func range(since: String?, until: String?) throws(UserFacingError) -> (since: Date?, until: Date?) {
        var first: Date?
        var end: Date?
        if let since { first = try start(since, "--since") }
        if let until { end = try self.end(until, "--until") }
        if let first, let end, first >= end {
            throw UserFacingError.misuse(
                "\(since ?? "") is not before \(until ?? "")",
                hint: "--since is the earlier one"
            )
        }
        return (first, end)
    }

    private static func time(_ text: String, _ option: String) throws(UserFacingError) -> Date {
        guard let date = Timestamp.date(text) else {
            throw UserFacingError.misuse(
                "\(option) \"\(text)\" is neither a day nor a time",
                hint: "write it as 2026-11-30 or 2026-11-30T14:00:00Z, both UTC"
            )
        }
        return date
    }
}

extension Store {
    /// Notes that records of the time from `since` on are missing because they were pruned.
    func notePruned(since: Date?, on terminal: Terminal) throws {
        guard let pruned = try reports.pruned(since: since) else { return }
        terminal.note("pruned up to record \(pruned.last); what is left begins at \(Timestamp.string(pruned.left))")
    }
}
