/// How long AWS lets assumed-role credentials live: whole seconds, 15 minutes to 12 hours.
package struct SessionDuration: Hashable, Sendable, Comparable {
    package static let allowed = 900...43_200
    package static let oneHour = Self(validated: 3600)
    package static let longest = Self(validated: 43_200)

    package let seconds: Int

    /// nil outside what AWS allows.
    package init?(seconds: Int) {
        guard Self.allowed.contains(seconds) else { return nil }
        self.seconds = seconds
    }

    /// Reads `3600`, `3600s`, `90m`, `12h` or `1h30m`; nil when malformed or outside what AWS allows.
    package init?(_ text: String) {
        guard let span = TimeSpan(text) else { return nil }
        self.init(seconds: span.seconds)
    }

    private init(validated seconds: Int) {
        self.seconds = seconds
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.seconds < right.seconds
    }
}
