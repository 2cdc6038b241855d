import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import BursarModel
import Deployment

struct CreateIAMUser: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a business unit's IAM user and its key, shown once.",
        discussion: #"""
            Running it again makes nothing anew: it puts the owner right, and what the key
            may do where --models or --full says it; --extra-key asks for a second key
            (two are the most that AWS allows). A user of that name without our tags is
            left alone.

            Examples:
              admin iam create payments --owner ada@example.edu --key-file pay.env
              admin iam create payments --owner ada@example.edu --format json \
                --models 'anthropic.claude-*'
              admin iam create payments --owner ada@example.edu \
                --secrets-manager prod/payments/bedrock
            """#
    )

    @OptionGroup(title: "The record") var shared: SharedOptions
    @OptionGroup(title: "AWS") var aws: AWSOptions
    @Argument(help: "The business unit: letters, digits and hyphens.")
    var businessUnit: BusinessUnit
    @Option(help: "The e-mail address of the person who answers for the key.")
    var owner: String
    @Option(help: ArgumentHelp("Models it may invoke, as anthropic.claude-*; else all.", valueName: "pattern"))
    var models: [String] = []
    @Flag(help: "Attach AmazonBedrockFullAccess instead, which also lets it change and delete things.")
    var full = false
    @Flag(help: "Make a second key for a user who has one.")
    var extraKey = false
    @OptionGroup(title: "Where the key goes") var delivery: AccessKeyDelivery

    func validate() throws {
        guard EmailAddress.isValid(owner) else {
            throw ValidationError("--owner is not an e-mail address: it looks like ada@example.edu")
        }
        guard models.isEmpty || !full else { throw ValidationError("--models says nothing beside --full") }
    }

    func run() async throws {
        try await aws.run(recordingIn: shared) { account in
            let allowed = try modelList(account.terminal)
            try delivery.check()
            let operatorsOwn = try await account.introduce()
            try account.changes?.check()
            account.warnOfLongTerm()
            if let allowed { try await account.check(allowed) }
            var existing = try await account.user(businessUnit)
            let isNew = existing == nil
            let tags = LongTermUser.tags(businessUnit, owner: owner, createdBy: operatorsOwn.arn)
            let user: LongTermUser
            if let existing {
                user = existing
            } else {
                existing = try await make(tags, account)
                guard let existing else {
                    throw UserFacingError("the user was made without the tags that were asked for")
                }
                user = existing
            }
            do {
                try await complete(user, isNew: isNew, allowed, operatorsOwn, account)
            } catch {
                if isNew { account.terminal.note("made so far: the user \(user.name); the same command again goes on") }
                throw error
            }
        }
    }

    /// Corrects tags and policy, then makes a key where one is due.
    private func complete(
        _ user: LongTermUser,
        isNew: Bool,
        _ allowed: ModelList?,
        _ operatorsOwn: CallerIdentity,
        _ account: AWSAccount
    ) async throws {
        if !isNew, user.owner != owner {
            try await account.iam.tagUser(user.name, [IAMTag(key: LongTermUser.TagKey.owner.rawValue, value: owner)])
            account.changes?.add("iam:TagUser \(user.name)")
            account.terminal.note("owner of \(user.name) is now \(owner)")
        }
        try await grant(user, isNew: isNew, allowed, in: operatorsOwn.account, account)
        let keys = try await account.iam.accessKeys(user: user.name)
        if !keys.isEmpty, !extraKey {
            account.terminal.note("\(user.name) is there already, with \(keys.count) of 2 keys; none was made")
            account.terminal.note("to replace its key: admin iam rotate \(user.unit); for a second one: --extra-key")
            return
        }
        guard keys.count < IAMClient.mostAccessKeys else { throw AWSAccount.twoKeys(user) }
        try await account.makeKey(for: user, delivery)
        account.terminal.note("rotate it within 90 days: admin iam rotate \(user.unit)")
    }

    private func make(_ tags: [IAMTag], _ account: AWSAccount) async throws -> LongTermUser? {
        do {
            let user = try await account.iam.createUser(businessUnit.userName, tags: tags)
            account.changes?.add("iam:CreateUser \(user.name)")
            account.terminal.note("made the user \(user.name)")
            return LongTermUser(businessUnit, arn: user.arn, tags: tags)
        } catch AWSError.refused(let refusal) where refusal.code == "EntityAlreadyExists" {
            // Another operator made it a moment ago, or the names differ only in case.
            return try await account.user(businessUnit)
        }
    }

    /// Sets the user's permissions as requested; nothing is widened or left in place without a request.
    private func grant(
        _ user: LongTermUser,
        isNew: Bool,
        _ allowed: ModelList?,
        in operatorsAccount: String,
        _ account: AWSAccount
    ) async throws {
        let arn = "arn:\(account.partition.rawValue):iam::aws:policy/AmazonBedrockFullAccess"
        guard !full else {
            account.terminal.warn(
                UserFacingError("AmazonBedrockFullAccess also lets this key make, change and delete what is in Bedrock")
            )
            try await account.iam.attachPolicy(arn: arn, to: .user(user.name))
            account.changes?.add("iam:AttachUserPolicy \(arn) to \(user.name)")
            return
        }
        let attached = isNew ? [] : try await account.iam.attachedPolicies(of: .user(user.name))
        let isFull = attached.contains { $0.arn == arn }
        if !isNew, allowed == nil {
            let policies = try await account.iam.policies(of: .user(user.name))
            guard !isFull, !policies.contains(LongTermUser.policyName) else {
                return account.terminal.note("what \(user.name) may do stays as it is; --models changes it")
            }
        }
        let policy = AccessPolicy(partition: account.partition, account: operatorsAccount, models: allowed)
        let document = try policy.document.compact()
        try await account.iam.putPolicy(LongTermUser.policyName, document: document, of: .user(user.name))
        account.changes?.add("iam:PutUserPolicy \(LongTermUser.policyName) of \(user.name)")
        guard isFull else { return }
        try await account.iam.detachPolicy(arn: arn, from: .user(user.name))
        account.changes?.add("iam:DetachUserPolicy \(arn) of \(user.name)")
        account.terminal.note("took AmazonBedrockFullAccess away from \(user.name)")
    }

    private func modelList(_ terminal: Terminal) throws(UserFacingError) -> ModelList? {
        guard !models.isEmpty else { return nil }
        let list = try ModelsParser(models).read { terminal.warn($0) }
        let account = "123456789012"
        let size = try? AccessPolicy(partition: .govCloud, account: account, models: list).document.size()
        guard let size, size <= PolicyLimit.inlineOfUser else {
            throw UserFacingError(
                "these models make a policy longer than AWS takes (\(PolicyLimit.inlineOfUser) characters)",
                hint: "name fewer, or wider ones"
            )
        }
        return list
    }
}

extension BusinessUnit: ExpressibleByArgument {
    package init?(argument: String) {
        self.init(argument)
    }
}
