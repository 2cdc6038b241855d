import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Reports

struct ShowIAMUser: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a business unit's IAM user: tags, policies, keys and their use.",
        discussion: """
            IAM may learn of a use hours later.

            Examples:
              admin iam show payments
              admin iam show payments --format json
            """
    )

    @OptionGroup(title: "AWS") var aws: AWSOptions
    @Argument(help: "The business unit.")
    var businessUnit: BusinessUnit
    @Option(help: "table or json.")
    var format = KeyValueFormat.table

    func run() async throws {
        try await aws.run { account in
            let user = try await account.existingUser(businessUnit)
            let sheet = Sheet(
                user: user.name,
                arn: user.arn,
                tags: Dictionary(user.tags.map { ($0.key, $0.value) }) { first, _ in first },
                policies: try await account.iam.policies(of: .user(user.name)),
                attachedPolicies: try await account.iam.attachedPolicies(of: .user(user.name)).map(\.name),
                keys: try await account.keyRows(user)
            )
            try account.terminal.print(sheet, as: format)
            guard format == .table else { return }
            try RowOutput(rows: sheet.keys, whenEmpty: "no keys: admin iam create \(businessUnit) makes one")
                .print(as: .table, on: account.terminal)
        }
    }

    private struct Sheet: DetailSheet {
        let user: String
        let arn: String
        let tags: [String: String]
        let policies: [String]
        let attachedPolicies: [String]
        let keys: [AccessKeyRow]

        var details: KeyValueTable {
            let tags = tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            var details = KeyValueTable()
            details.add("user", user)
            details.add("arn", arn)
            details.add("tags", tags.joined(separator: " "))
            details.add("policies", (policies + attachedPolicies).joined(separator: " "))
            return details
        }
    }
}

extension AWSAccount {
    /// Returns a user's keys and their last use.
    func keyRows(_ user: LongTermUser) async throws -> [AccessKeyRow] {
        var rows: [AccessKeyRow] = []
        for key in try await iam.accessKeys(user: user.name) {
            rows.append(AccessKeyRow(key, of: user, use: try await iam.lastUse(ofAccessKey: key.id), at: now()))
        }
        return rows
    }
}

/// A row of a list of long-term keys.
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

    /// The age of a key, in seconds.
    static func age(of key: IAMAccessKey, at date: Date) -> Int {
        Int(max(0, date.timeIntervalSince(key.created)))
    }
}
