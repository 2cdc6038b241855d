import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import BursarModel
import Enrollment
import Reports

struct CheckIAMKeyAge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "age",
        abstract: "List the long-term keys, oldest first; exit 1 when one is too old.",
        discussion: """
            For a daily job: it says on standard error which keys are due.

            Examples:
              admin iam age
              admin iam age --warn 30d --format json
            """
    )

    @OptionGroup(title: "AWS") var aws: AWSOptions
    @Option(help: ArgumentHelp("The age from which a key is too old.", valueName: "time"))
    var warn = "90d"
    @Option(help: "table, json or csv.")
    var format = ListFormat.table

    func run() async throws {
        try await aws.run { account in
            let limit = try DurationParser.read(warn, .option("--warn"), hint: "write it as 90d")
            var keys: [(user: LongTermUser, key: IAMAccessKey)] = []
            for user in try await account.users() {
                keys += try await account.iam.accessKeys(user: user.name).map { (user, $0) }
            }
            keys.sort { $0.key.created < $1.key.created }
            var rows: [AccessKeyRow] = []
            for (user, key) in keys {
                let use = try await account.iam.lastUse(ofAccessKey: key.id)
                rows.append(AccessKeyRow(key, of: user, use: use, at: account.now()))
            }
            try RowOutput(rows: rows, whenEmpty: "there are no long-term keys")
                .print(as: format, on: account.terminal)
            let old = keys.filter { AccessKeyRow.age(of: $0.key, at: account.now()) >= limit.seconds }
            for (user, key) in old {
                account.terminal.warn(
                    UserFacingError(
                        "key \(MaskedKeyID(key.id)) of \(user.name) is \(limit) old or older",
                        hint: "admin iam rotate \(user.unit)"
                    )
                )
            }
            guard old.isEmpty else { throw ExitCode.failure }
        }
    }
}
