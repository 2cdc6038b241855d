/// A length of time as people type it: `90d`, `12h`, `1h30m`, `45s`, or bare seconds.
package struct TimeSpan: Hashable, Sendable, CustomStringConvertible {
    /// A hundred years.
    private static let longest = 100 * 366 * 86_400

    package let seconds: Int

    package init(seconds: Int) {
        self.seconds = seconds
    }

    /// nil when empty, malformed, repeated or too large for a hundred years.
    package init?(_ text: String) {
        if !text.isEmpty, text.utf8.count <= 10, text.utf8.allSatisfy(Self.isDigit), let seconds = Int(text) {
            guard seconds <= Self.longest else { return nil }
            self.init(seconds: seconds)
            return
        }
        var rest = Substring(text)
        var total = 0
        let all: [(letter: Character, seconds: Int)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]
        var units = all[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard (1...9).contains(digits.count), let count = Int(digits),
                let letter = rest.dropFirst(digits.count).first,
                let unit = units.firstIndex(where: { $0.letter == letter })
            else { return nil }
            total += count * units[unit].seconds
            units = units[(unit + 1)...]
            rest = rest.dropFirst(digits.count + 1)
        }
        guard !text.isEmpty, total <= Self.longest else { return nil }
        self.init(seconds: total)
    }

    /// The error in a text that isn't a length of time, as the end of a sentence: its form, or its size.
    package static func flaw(of text: String) -> String {
        var rest = Substring(text)
        var units = Substring("dhms")
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            guard !digits.isEmpty else { return "is not a length of time" }
            if rest.isEmpty, units.count == 4 { break }
            guard let unit = rest.first, let place = units.firstIndex(of: unit) else {
                return "is not a length of time"
            }
            units = units[units.index(after: place)...]
            rest = rest.dropFirst()
        }
        return text.isEmpty ? "is not a length of time" : "is longer than a hundred years"
    }

    /// The two largest units that aren't zero: `52m 29s`, `1h`, `89d 23h`.
    package var description: String {
        let amounts = [
            ("d", seconds / 86_400), ("h", seconds / 3600 % 24), ("m", seconds / 60 % 60), ("s", seconds % 60),
        ]
        let parts = amounts.filter { $0.1 != 0 }.prefix(2).map { "\($0.1)\($0.0)" }
        return parts.isEmpty ? "0s" : parts.joined(separator: " ")
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// A lifetime that AWS allows for assumed-role credentials: whole seconds, 15 minutes to 12 hours.
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
