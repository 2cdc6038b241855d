import BursarModel
import Vending

/// A key's terms as its row holds them, unread.
struct StoredRestrictions: Sendable {
    let allowed: String?
    let models: String?
    let dailyLimit: Int?
    let rate: Int?
    let sessionSeconds: Int?

    /// A condition that can't be read must not count as none, so it makes the whole key unreadable.
    func read() throws(UnreadableKeyError) -> KeyRestrictions {
        KeyRestrictions(
            allowed: try Self.read(allowed) { try? AddressList(parsing: $0) },
            models: try Self.read(models) { ModelList($0) },
            dailyLimit: dailyLimit,
            rate: try Self.read(rate) { RequestRate(perSecond: $0) },
            sessionDuration: try Self.read(sessionSeconds) { SessionDuration(seconds: $0) }
        )
    }

    private static func read<Stored, Value>(
        _ stored: Stored?,
        _ parse: (Stored) -> Value?
    ) throws(UnreadableKeyError) -> Value? {
        guard let stored else { return nil }
        guard let value = parse(stored) else { throw UnreadableKeyError() }
        return value
    }
}
