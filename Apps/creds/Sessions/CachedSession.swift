import BursarFoundation
import BursarModel

/// One session as it is kept between runs, with the times that say when to ask for the next.
struct CachedSession: Sendable {
    /// What is printed: one line of JSON, checked field by field.
    let output: Secret<String>
    let expiration: Date
    private(set) var obtained: Date
    /// From then on a new session is asked for.
    private let refresh: Date
    /// After a refresh that brought nothing, the next waits until then.
    private var retry: Date

    /// The least time between a refresh that brought nothing and the next.
    static let pause: TimeInterval = 30
    /// botocore asks for new credentials when 15 minutes are left, and waits for them at 10.
    private static let margin: TimeInterval = 20 * 60

    /// A session that was just obtained.
    ///
    /// It is renewed 20 minutes before its end, or at half of what is left for one so short that those would ask the
    /// server again and again, and up to a tenth of that earlier: `jitter` is 0 to 1.
    init(_ credentials: SessionCredentials, obtained: Date, jitter: Double) {
        output = ProcessOutput(credentials).json(.zulu)
        expiration = credentials.expiration
        self.obtained = obtained
        let margin = min(Self.margin, credentials.timeLeft(at: obtained) / 2)
        refresh = credentials.expiration - margin * (1 + jitter / 10)
        retry = obtained
    }

    /// The same, not to be renewed again before `date`.
    func retried(notBefore date: Date) -> Self {
        var session = self
        session.retry = date
        return session
    }

    /// The same, as it is known at `now`: of a clock that was set back since, only the new time counts.
    func known(at now: Date) -> Self {
        var session = self
        session.obtained = min(obtained, now)
        return session
    }

    /// Whether it still works: a helper that prints an expired session makes SDKs fail in ways nobody understands.
    func isUsable(at now: Date) -> Bool {
        now < expiration
    }

    /// When the next is asked for, if somebody needs one then.
    var nextRefresh: Date {
        min(expiration, max(refresh, min(retry, obtained + 86_400)))
    }

    /// What it holds; nil never, since each field was checked when it was read.
    var credentials: SessionCredentials? {
        try? ProcessOutput(parsing: Data(output.reveal().utf8)).credentials
    }

    /// Whether it is handed out without asking the server; not when the clock was set back since.
    func isFresh(at now: Date) -> Bool {
        isUsable(at: now) && now > obtained - 300 && (now < refresh || now < min(retry, obtained + 86_400))
    }
}

/// The file: one line of JSON in exactly one form, so that a hit needs no JSON library. Anything else is no cache.
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
