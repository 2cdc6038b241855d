import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import BursarFiles
import BursarModel
import Storage
import SystemPackage

/// The destination of a new key: standard output, a file, or Secrets Manager; exactly one of them.
struct AccessKeyDelivery: ParsableArguments {
    @Option(help: "How the key is written: env, json or aws-configure (for ~/.aws/credentials).")
    var format = KeyFormat.env
    @Option(
        help: ArgumentHelp("Write the key here (mode 0600) instead of printing it.", valueName: "file"),
        completion: .file(),
        transform: PathOption.read
    )
    var keyFile: String?
    @Option(help: ArgumentHelp("Put the key into this secret of Secrets Manager, as JSON.", valueName: "name"))
    var secretsManager: String?

    func validate() throws {
        guard keyFile == nil || secretsManager == nil else {
            throw ValidationError("--key-file and --secrets-manager can't both have the key")
        }
    }

    /// Checks, before anything is made, that the file can be created and doesn't exist.
    func check() throws {
        if let keyFile { try KeyFile.check(FilePath(keyFile)) }
    }

    /// Delivers the key.
    func deliver(_ key: NewAccessKey, of user: LongTermUser, _ account: AWSAccount) async throws {
        if let secretsManager {
            let value = try KeyFormat.json.text(key, user: user.name, region: account.region)
            try await account.secrets.put(secretsManager, value, tags: user.tags)
            account.changes?.add("secretsmanager:PutSecretValue \(secretsManager)")
            account.terminal.note("put into the secret \(secretsManager) of Secrets Manager")
            return
        }
        let text = try format.text(key, user: user.name, region: account.region)
        guard let keyFile else {
            do {
                return try account.terminal.print(text.reveal())
            } catch {
                throw UserFacingError("the key could not be printed", hint: "give it a file: --key-file FILE")
            }
        }
        try KeyFile.create(FilePath(keyFile), text.reveal() + "\n", at: account.now())
        account.terminal.note("wrote \(keyFile)")
    }
}

extension KeyFormat: ExpressibleByArgument {}

extension AWSAccount {
    /// Makes an access key and delivers it; a signal is held back until the key is delivered or deleted again.
    func makeKey(
        for user: LongTermUser,
        _ delivery: AccessKeyDelivery,
        check: (NewAccessKey, _ isStopped: () -> Bool) async throws -> Void = { _, _ in }
    ) async throws {
        try await StopSignals.flagging { interruption in
            try await makeKey(
                for: user,
                isStopped: { interruption.isRequested },
                check: { try await check($0) { interruption.isRequested } },
                deliver: { try await delivery.deliver($0, of: user, self) }
            )
        }
    }
}
