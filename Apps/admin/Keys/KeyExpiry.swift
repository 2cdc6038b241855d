import BursarConsole
import BursarFoundation
import BursarModel
import ServerSettings
import Storage

/// The expiry of a key, within the settings' limits.
struct KeyExpiry {
    /// The default lifetime.
    private static let usual = TimeInterval(90 * 86_400)

    let rules: KeyRules
    let now: Date

    init(_ context: AdminContext) throws(UserFacingError) {
        rules = try KeyRules(context.reader)
        now = context.now
    }

    private var maximum: TimeInterval { TimeInterval(rules.maximumLife.seconds) }

    /// Returns the expiry of a key that is issued now; `text` is a length of time, or the last day.
    func ofNewKey(_ text: String?, _ name: UserFacingError.Place) throws(UserFacingError) -> Date {
        guard let text else { return now.addingTimeInterval(min(Self.usual, maximum)) }
        let end = try ExpiryParser.moment(text, name, from: now)
        try check(end, name, issued: now)
        return end
    }

    /// Checks a new expiry of an existing key.
    ///
    /// The limit counts from its issue, so that no key outlives the maximum age.
    func check(_ end: Date, _ name: UserFacingError.Place, issued: Date) throws(UserFacingError) {
        guard end.timeIntervalSince(issued) <= maximum else {
            let hint = issued == now ? nil : "issue another: admin keys rotate"
            throw UserFacingError(
                "\(name) is \(Timestamp.string(end)), and a key may live \(rules.maximumLife) at most",
                hint: hint ?? "the setting is \(Setting.maximumKeyLife.environmentName)"
            )
        }
    }

    /// Returns the expiry of a replacement key, which gets its predecessor's lifetime.
    func ofReplacement(for key: ListedKey) -> Date {
        now.addingTimeInterval(min(key.expires.timeIntervalSince(key.created), maximum))
    }
}
