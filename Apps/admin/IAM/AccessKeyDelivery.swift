import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import BursarFiles
import BursarFoundation
import BursarModel
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

/// The formats of a long-term key, which is shown once.
enum KeyFormat: String, CaseIterable, ExpressibleByArgument {
    /// `NAME=VALUE` lines, for an environment file.
    case env = "env"
    case json = "json"
    /// A section for ~/.aws/credentials, and its region.
    case awsConfigure = "aws-configure"

    private enum Variable: String, CodingKey, CaseIterable {
        case accessKeyID = "AWS_ACCESS_KEY_ID"
        case secretAccessKey = "AWS_SECRET_ACCESS_KEY"
        case region = "AWS_REGION"
    }

    func text(_ key: NewAccessKey, user: String, region: String) throws -> Secret<String> {
        let values: [(Variable, String)] = [
            (.accessKeyID, key.id), (.secretAccessKey, key.secret.reveal()), (.region, region),
        ]
        switch self {
        case .env: return Secret(values.map { "\($0.rawValue)=\($1)" }.joined(separator: "\n"))
        case .awsConfigure:
            let names: [Variable: String] = [.region: "region"]
            let lines = values.map { "\(names[$0] ?? $0.rawValue.lowercased()) = \($1)" }
            return Secret((["[\(user)]"] + lines).joined(separator: "\n"))
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            let pairs = Dictionary(uniqueKeysWithValues: values.map { ($0.rawValue, $1) })
            return Secret(String(decoding: try encoder.encode(pairs), as: UTF8.self))
        }
    }

    /// Parses a key in any of the three formats; nil when it is none.
    static func read(_ bytes: [UInt8]) -> AWSCredentials? {
        let pairs = (try? JSONDecoder().decode([String: String].self, from: Data(bytes))) ?? lines(bytes)
        guard let id = pairs[Variable.accessKeyID.rawValue], let secret = pairs[Variable.secretAccessKey.rawValue],
            CredentialField.accessKeyID.accepts(id), CredentialField.secretAccessKey.accepts(secret)
        else { return nil }
        return AWSCredentials(accessKeyID: id, secretAccessKey: Secret(secret))
    }

    private static func lines(_ bytes: [UInt8]) -> [String: String] {
        var pairs: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let sides = line.split(separator: "=", maxSplits: 1).map { String($0.trimmingASCIIWhitespace()) }
            if sides.count == 2 { pairs[sides[0].uppercased()] = sides[1] }
        }
        return pairs
    }
}
