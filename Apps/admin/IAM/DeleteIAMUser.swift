import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import BursarModel

struct DeleteIAMUser: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a business unit's IAM user with its keys, or one key.",
        discussion: """
            What uses the key stops at once. A deletion that was interrupted goes on when
            it is run again.

            Examples:
              admin iam delete payments
              admin iam delete payments --key older --yes
              admin iam delete payments --key AKIAIOSF…MPLE --yes
            """
    )

    @OptionGroup(title: "The record") var shared: SharedOptions
    @OptionGroup(title: "AWS") var aws: AWSOptions
    @Argument(help: "The business unit.")
    var businessUnit: BusinessUnit
    @Option(help: ArgumentHelp("Only this key: older, newer, or its id as admin iam show has it.", valueName: "key"))
    var key: String?
    @Flag(help: "Don't ask.")
    var yes = false

    func run() async throws {
        try await aws.run(recordingIn: shared) { account in
            _ = try await account.introduce()
            let user = try await account.existingUser(businessUnit)
            let keys = try await account.iam.accessKeys(user: user.name)
            if let key {
                try await delete(try AccessKeyChoice.key(key, of: user, among: keys), user, account)
            } else {
                try await delete(user, keys, account)
            }
        }
    }

    private func delete(_ key: IAMAccessKey, _ user: LongTermUser, _ account: AWSAccount) async throws {
        try await tellUse(of: key, account)
        try Confirmation(isGiven: yes).ask("delete the key \(MaskedKeyID(key.id)) of \(user.name) for good?")
        try await account.delete(key.id, of: user)
        account.terminal.note("deleted the key \(MaskedKeyID(key.id)) of \(user.name)")
    }

    private func delete(_ user: LongTermUser, _ keys: [IAMAccessKey], _ account: AWSAccount) async throws {
        for key in keys { try await tellUse(of: key, account) }
        let count = keys.count == 1 ? "1 key" : "\(keys.count) keys"
        try Confirmation(isGiven: yes).ask("delete the user \(user.name) and its \(count) for good?")
        do {
            for key in keys { try await account.delete(key.id, of: user) }
            for policy in try await account.iam.policies(of: .user(user.name)) {
                try await account.iam.deletePolicy(policy, of: .user(user.name))
                account.changes?.add("iam:DeleteUserPolicy \(policy) of \(user.name)")
            }
            for policy in try await account.iam.attachedPolicies(of: .user(user.name)) {
                try await account.iam.detachPolicy(arn: policy.arn, from: .user(user.name))
                account.changes?.add("iam:DetachUserPolicy \(policy.arn) of \(user.name)")
            }
            try await account.iam.deleteUser(user.name)
            account.changes?.add("iam:DeleteUser \(user.name)")
        } catch {
            account.terminal.note(
                "\(user.name) is still there, perhaps without its keys; the same command again goes on"
            )
            throw error
        }
        account.terminal.note("deleted the user \(user.name) and its \(count)")
    }

    private func tellUse(of key: IAMAccessKey, _ account: AWSAccount) async throws {
        let use = try await account.iam.lastUse(ofAccessKey: key.id)
        account.terminal.note(
            "\(MaskedKeyID(key.id)): \(use.date.map { "last used \(Timestamp.string($0))" } ?? "never used")"
        )
    }
}
