import BursarConsole
import BursarFoundation
import BursarModel
import ServerSettings
import Storage

/// When a key is to end, within what the settings allow.
struct KeyExpiry {
    /// From issue to end, unless something else is asked for.
    private static let usual = TimeInterval(90 * 86_400)

    let rules: KeyRules
    let now: Date

    init(_ context: AdminContext) throws(UserFacingError) {
        rules = try KeyRules(context.reader)
        now = context.now
    }

    private var maximum: TimeInterval { TimeInterval(rules.maximumLife.seconds) }

    /// The end of a key that is issued now; `text` is a length of time, or the last day.
    func ofNewKey(_ text: String?, _ name: UserFacingError.Place) throws(UserFacingError) -> Date {
        guard let text else { return now.addingTimeInterval(min(Self.usual, maximum)) }
        let end = try ExpiryParser.moment(text, name, from: now)
        try check(end, name, issued: now)
        return end
    }

    /// A new end for a key that there is; measured from its issue, so that no key becomes older than any may.
    func check(_ end: Date, _ name: UserFacingError.Place, issued: Date) throws(UserFacingError) {
        guard end.timeIntervalSince(issued) <= maximum else {
            let hint = issued == now ? nil : "issue another: admin keys rotate"
            throw UserFacingError(
                "\(name) is \(Timestamp.string(end)), and a key may live \(rules.maximumLife) at most",
                hint: hint ?? "the setting is \(Setting.maximumKeyLife.environmentName)"
            )
        }
    }

    /// The end of a key that takes another's place: it is to live as long.
    func ofReplacement(for key: ListedKey) -> Date {
        now.addingTimeInterval(min(key.expires.timeIntervalSince(key.created), maximum))
    }
}
