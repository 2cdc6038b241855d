import BursarFoundation
import BursarModel

/// A session as it is cached between runs, with the times of its next refresh.
struct CachedSession: Sendable {
    /// The output: one line of JSON, each field checked.
    let output: Secret<String>
    let expiration: Date
    private(set) var obtained: Date
    /// The time from which on a new session is fetched.
    private let refresh: Date
    /// After a failed refresh, the earliest time of the next.
    private var retry: Date

    /// The minimum pause after a failed refresh.
    static let pause: TimeInterval = 30
    /// botocore requests new credentials when 15 minutes are left, and waits for them at 10.
    private static let margin: TimeInterval = 20 * 60

    /// A newly obtained session.
    ///
    /// It is renewed 20 minutes before its expiry, or at half of its remaining lifetime if that is so short that the
    /// rule would cause continual requests, and up to a tenth of that earlier: `jitter` is 0 to 1.
    init(_ credentials: SessionCredentials, obtained: Date, jitter: Double) {
        output = ProcessOutput(credentials).json(.zulu)
        expiration = credentials.expiration
        self.obtained = obtained
        let margin = min(Self.margin, credentials.timeLeft(at: obtained) / 2)
        refresh = credentials.expiration - margin * (1 + jitter / 10)
        retry = obtained
    }

    /// A copy that is not renewed before `date`.
    func delayingRefresh(until date: Date) -> Self {
        var session = self
        session.retry = date
        return session
    }

    /// A copy adjusted for a clock that was set back: the obtaining time is at most `now`.
    func clampingObtained(to now: Date) -> Self {
        var session = self
        session.obtained = min(obtained, now)
        return session
    }

    /// Returns true if the session still works: SDKs fail in confusing ways when a helper prints an expired session.
    func isUsable(at now: Date) -> Bool {
        now < expiration
    }

    /// The time from which on a request for credentials fetches a new session.
    var nextRefresh: Date {
        min(expiration, max(refresh, min(retry, obtained + 86_400)))
    }

    /// The credentials.
    ///
    /// Never nil in practice, since each field was checked when it was read.
    var credentials: SessionCredentials? {
        try? ProcessOutput(parsing: Data(output.reveal().utf8)).credentials
    }

    /// Returns true if the session is used without asking the server; false when the clock was set back since.
    func isFresh(at now: Date) -> Bool {
        isUsable(at: now) && now > obtained - 300 && (now < refresh || now < min(retry, obtained + 86_400))
    }
}

/// The file format: one line of JSON in exactly one form, so that a hit needs no JSON library. Any other content is
/// ignored.
extension CachedSession {
    var fileContent: Secret<String> {
        let times = [("obtained", obtained), ("refresh", refresh), ("retry", retry)]
            .map { #""\#($0)":\#(Int($1.timeIntervalSince1970.rounded(.down))),"# }
            .joined()
        return Secret("{" + times + #""credentials":"# + output.reveal() + "}\n")
    }

    init?(fileContent: [UInt8]) {
        var scanner = FixedFormatJSONScanner(fileContent)
        guard scanner.skip(#"{"obtained":"#), let obtained = scanner.date(),
            scanner.skip(#","refresh":"#), let refresh = scanner.date(),
            scanner.skip(#","retry":"#), let retry = scanner.date(),
            scanner.skip(#","credentials":"#)
        else { return nil }
        let start = scanner.position
        guard scanner.skip(#"{"Version":1,"AccessKeyId":""#), scanner.skipValue(16...128),
            scanner.skip(#"","SecretAccessKey":""#), scanner.skipValue(16...256),
            scanner.skip(#"","SessionToken":""#), scanner.skipValue(16...16_384),
            scanner.skip(#"","Expiration":""#), let expiration = scanner.utcDate(),
            scanner.skip(#""}"#)
        else { return nil }
        let end = scanner.position
        guard scanner.skip("}\n"), scanner.isAtEnd else { return nil }
        output = Secret(String(decoding: fileContent[start..<end], as: UTF8.self))
        self.expiration = expiration
        self.obtained = obtained
        self.refresh = refresh
        self.retry = retry
    }
}

/// A time relative to now, with the absolute time.
struct RelativeTime: CustomStringConvertible {
    private let date: Date
    /// Whole seconds, rounded down so that the lifetime is never overstated; negative when it is over.
    let seconds: Int

    init(until date: Date, at now: Date) {
        self.date = date
        seconds = Int(date.timeIntervalSince(now).rounded(.down))
    }

    var description: String {
        let length = TimeSpan(seconds: abs(seconds))
        return (seconds > 0 ? "in \(length), " : "\(length) ago, ") + Timestamp.string(date)
    }
}

/// A scanner for text in exactly one form.
struct FixedFormatJSONScanner {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    /// Skips `text` if it comes next.
    mutating func skip(_ text: StaticString) -> Bool {
        guard bytes.count - position >= text.utf8CodeUnitCount else { return false }
        let isNext = text.withUTF8Buffer { bytes[position...].starts(with: $0) }
        if isNext { position += text.utf8CodeUnitCount }
        return isNext
    }

    /// Skips printable ASCII up to the next quote, without blanks and characters that JSON escapes.
    mutating func skipValue(_ length: ClosedRange<Int>) -> Bool {
        let value = bytes[position...].prefix { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
        guard length.contains(value.count) else { return false }
        position += value.count
        return true
    }

    /// Whole seconds since 1970, of at most eleven digits.
    mutating func date() -> Date? {
        let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard (1...11).contains(digits.count) else { return nil }
        return number(digits: digits.count).map { Date(timeIntervalSince1970: TimeInterval($0)) }
    }

    /// Parses `2026-01-02T03:04:05Z`.
    ///
    /// Foundation's parser loads time zones, which takes longer than all else.
    mutating func utcDate() -> Date? {
        guard let year = number(digits: 4), skip("-"), let month = number(digits: 2), skip("-"),
            let day = number(digits: 2), skip("T"), let hour = number(digits: 2), skip(":"),
            let minute = number(digits: 2), skip(":"), let second = number(digits: 2), skip("Z"),
            (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        // Years begin in March here, so that the leap day comes last.
        let marchYear = month > 2 ? year : year - 1
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let days = marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468
        return Date(timeIntervalSince1970: TimeInterval(((days * 24 + hour) * 60 + minute) * 60 + second))
    }

    private mutating func number(digits count: Int) -> Int? {
        let digits = bytes[position...].prefix(count)
        guard digits.count == count, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        position += count
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}
