import AWSAuth
import ArgumentParser
import BursarConsole
import BursarFiles
import BursarModel
import SystemPackage

/// Where a new key goes: standard output, a file, or Secrets Manager; never two of them.
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

    /// Before anything is made: whether a file can be there, and nothing is.
    func check() throws {
        if let keyFile { try KeyFile.check(FilePath(keyFile)) }
    }

    /// Hands the key over.
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
