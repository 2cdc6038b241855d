package import BursarConsole
package import BursarFoundation
package import BursarModel
package import ServerSettings

/// Parses the end of a key or a stay; `name` is its option or column.
package enum ExpiryParser {
    /// Parses a length of time from `now` on, `90d`, or the last UTC day, `2027-06-30`.
    package static func moment(
        _ text: String,
        _ name: UserFacingError.Place,
        from now: Date
    ) throws(UserFacingError) -> Date {
        if text.contains("-") { return try day(text, name, from: now) }
        let hint = "write it as 90d or 12h, or name the last day: 2027-06-30"
        let span = try DurationParser.read(text, name, hint: hint)
        guard span.seconds > 0 else {
            throw UserFacingError.value(of: name, "\"\(ControlText.brief(text))\" is not a length of time", hint: hint)
        }
        return now.addingTimeInterval(TimeInterval(span.seconds))
    }

    /// Parses a UTC day that isn't over, and returns its end.
    package static func day(
        _ text: String,
        _ name: UserFacingError.Place,
        from now: Date
    ) throws(UserFacingError) -> Date {
        guard let day = UTCDay(text) else {
            throw UserFacingError.value(
                of: name,
                "\"\(ControlText.brief(text))\" \(UTCDay.flaw(of: text))",
                hint: "write it as 2027-06-30"
            )
        }
        let end = UTCDay(number: day.number + 1).start
        guard end > now else {
            throw UserFacingError.value(of: name, "\(day) is over already", hint: "name a day that is to come")
        }
        return end
    }

    /// The last whole UTC day before `end`, as it is typed.
    package static func lastDay(before end: Date) -> String {
        UTCDay(containing: end.addingTimeInterval(-0.001)).description
    }
}

/// Parses a length of time.
///
/// A unit is required, since 30 may mean days or seconds.
package enum DurationParser {
    /// Parses `text`, the value of the option or column `name`; only `0` needs no unit.
    package static func read(
        _ text: String,
        _ name: UserFacingError.Place,
        hint: String
    ) throws(UserFacingError) -> TimeSpan {
        guard let span = TimeSpan(text) else {
            throw UserFacingError.value(
                of: name,
                "\"\(ControlText.brief(text))\" \(TimeSpan.flaw(of: text))",
                hint: hint
            )
        }
        guard span.seconds == 0 || text.last?.isLetter == true else {
            throw UserFacingError.value(of: name, "\"\(ControlText.brief(text))\" has no unit", hint: hint)
        }
        return span
    }
}

/// The expiry of a key, within the settings' limits.
package struct KeyExpiry: Sendable {
    /// The default lifetime.
    private static let usual = TimeInterval(90 * 86_400)

    private let rules: KeyRules
    package let now: Date

    package init(_ rules: KeyRules, at now: Date) {
        self.rules = rules
        self.now = now
    }

    private var maximum: TimeInterval { TimeInterval(rules.maximumLife.seconds) }

    /// Returns the expiry of a key that is issued now; `text` is a length of time, or the last day.
    package func ofNewKey(_ text: String?, _ name: UserFacingError.Place) throws(UserFacingError) -> Date {
        guard let text else { return now.addingTimeInterval(min(Self.usual, maximum)) }
        let end = try ExpiryParser.moment(text, name, from: now)
        try check(end, name, issued: now)
        return end
    }

    /// Checks a new expiry of an existing key.
    ///
    /// The limit counts from its issue, so that no key outlives the maximum age.
    package func check(_ end: Date, _ name: UserFacingError.Place, issued: Date) throws(UserFacingError) {
        guard end.timeIntervalSince(issued) <= maximum else {
            let hint = issued == now ? nil : "issue another: admin keys rotate"
            throw UserFacingError(
                "\(name) is \(Timestamp.string(end)), and a key may live \(rules.maximumLife) at most",
                hint: hint ?? "the setting is \(Setting.maximumKeyLife.environmentName)"
            )
        }
    }

    /// Returns the expiry of a replacement key, which gets its predecessor's lifetime.
    package func ofReplacement(created: Date, expires: Date) -> Date {
        now.addingTimeInterval(min(expires.timeIntervalSince(created), maximum))
    }
}
