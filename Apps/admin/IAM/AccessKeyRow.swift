import AWSAuth
import BursarConsole
import BursarFoundation
import BursarModel

/// A long-term key as lists show it.
struct AccessKeyRow: TableRow {
    static let columns: [Table.Column] = [
        .init("user"), .init("key"), .init("state"), .init("created"), .init("age", .right), .init("last used"),
        .init("service"),
        .init("owner"),
    ]

    let user: String
    let owner: String?
    let key: String
    let state: String
    let created: String
    let ageDays: Int
    let lastUsed: String?
    let service: String?
    let region: String?

    init(_ key: IAMAccessKey, of user: LongTermUser, use: AccessKeyUse, at date: Date) {
        self.user = user.name
        owner = user.owner
        self.key = MaskedKeyID(key.id).description
        state = key.isActive ? "active" : "inactive"
        created = Timestamp.string(key.created)
        ageDays = Self.age(of: key, at: date) / 86_400
        lastUsed = use.date.map { Timestamp.string($0) }
        service = use.service
        region = use.region
    }

    var cells: [String] {
        [user, key, state, created, "\(ageDays)d", lastUsed ?? "never", service ?? "", owner ?? ""]
    }

    /// Seconds since it was made.
    static func age(of key: IAMAccessKey, at date: Date) -> Int {
        Int(max(0, date.timeIntervalSince(key.created)))
    }
}
