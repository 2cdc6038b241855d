import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import BursarFiles
import BursarModel
import Storage
import SystemPackage

struct RotateIAMKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Replace a business unit's key: make the new one, later delete the old.",
        discussion: """
            Both keys work until --finish, so that the system can change over in between.
            The new key is tried before it is handed over. --finish deletes the old one
            only when the new one has been used, or is in --key-file and AWS takes it.

            Examples:
              admin iam rotate payments --key-file payments-new.env
              admin iam rotate payments --finish --yes
              admin iam rotate payments --finish --key-file payments-new.env --yes
            """
    )

    @OptionGroup(title: "The record") var shared: SharedOptions
    @OptionGroup(title: "AWS") var aws: AWSOptions
    @Argument(help: "The business unit.")
    var businessUnit: BusinessUnit
    @Flag(help: "Delete the old key.")
    var finish = false
    @OptionGroup(title: "Where the key goes, or with --finish where it is") var delivery: AccessKeyDelivery
    @Flag(help: "Don't ask.")
    var yes = false

    func validate() throws {
        guard !finish || delivery.secretsManager == nil else {
            throw ValidationError("--secrets-manager goes with a new key, not with --finish")
        }
    }

    func run() async throws {
        try await aws.run(recordingIn: shared) { account in
            if !finish { try delivery.check() }
            _ = try await account.introduce()
            let user = try await account.existingUser(businessUnit)
            let keys = try await account.iam.accessKeys(user: user.name)
            if finish { try await finish(user, keys, account) } else { try await start(user, keys, account) }
        }
    }

    private func start(_ user: LongTermUser, _ keys: [IAMAccessKey], _ account: AWSAccount) async throws {
        guard let old = keys.first else {
            throw UserFacingError(
                "\(user.name) has no key",
                hint: "admin iam create \(user.unit) --owner E-MAIL makes one"
            )
        }
        guard keys.count < IAMClient.mostAccessKeys else { throw AWSAccount.twoKeys(user) }
        account.warnOfLongTerm()
        try await account.makeKey(for: user, delivery) { key, isStopped in
            let credentials = AWSCredentials(accessKeyID: key.id, secretAccessKey: key.secret)
            let waits = [1, 2, 4, 8, 8].map { Duration.seconds($0) }
            try await account.prove(key.id, credentials, waits: waits, isStopped: isStopped)
        }
        account.terminal.note("AWS takes the new key; the old one, \(MaskedKeyID(old.id)), still works")
        account.terminal.note("when the system uses the new one: admin iam rotate \(user.unit) --finish")
    }

    private func finish(_ user: LongTermUser, _ keys: [IAMAccessKey], _ account: AWSAccount) async throws {
        guard keys.count == 2, let old = keys.first, let new = keys.last else {
            throw UserFacingError(
                "\(user.name) has \(keys.count == 1 ? "one key" : "no keys"), so there is nothing to finish",
                hint: "admin iam rotate \(user.unit) makes the new one"
            )
        }
        guard new.isActive else {
            throw UserFacingError(
                "the newer key \(MaskedKeyID(new.id)) is inactive",
                hint: "admin iam show \(user.unit)"
            )
        }
        try await checkUse(of: new, user, account)
        let use = try await account.iam.lastUse(ofAccessKey: old.id)
        let message =
            use.date.map { "last used \(Timestamp.string($0))\(use.service.map { " for \($0)" } ?? "")" }
            ?? "never used"
        account.terminal.note("the old key \(MaskedKeyID(old.id)): \(message)")
        try Confirmation(isGiven: yes).ask("delete the old key \(MaskedKeyID(old.id)) of \(user.name) for good?")
        try await account.delete(old.id, of: user)
        account.terminal.note("deleted \(MaskedKeyID(old.id)); \(MaskedKeyID(new.id)) is the one that works")
    }

    /// Checks that the new key works, so that the system is never left without one.
    private func checkUse(of new: IAMAccessKey, _ user: LongTermUser, _ account: AWSAccount) async throws {
        guard let file = delivery.keyFile else {
            let use = try await account.iam.lastUse(ofAccessKey: new.id)
            // admin's own test of the key, GetCallerIdentity, counts as a use of sts.
            guard use.date == nil || use.service == "sts" else { return }
            throw UserFacingError(
                "the new key \(MaskedKeyID(new.id)) has not been used yet, as far as IAM knows, which may lag by hours",
                hint: "put it in place first, or prove it: admin iam rotate \(user.unit) --finish --key-file FILE"
            )
        }
        let bytes = try PrivateFile.read(FilePath(file), limit: 64 << 10)
        guard let credentials = KeyFormat.read(bytes) else {
            throw UserFacingError("\(file) holds no key", hint: "give the file that admin iam rotate wrote")
        }
        guard credentials.accessKeyID == new.id else {
            throw UserFacingError("\(file) holds another key than the newer one, \(MaskedKeyID(new.id))")
        }
        try await account.prove(new.id, credentials, waits: [])
    }
}
