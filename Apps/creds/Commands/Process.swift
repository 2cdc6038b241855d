import ArgumentParser
import BursarConsole
import BursarModel

/// The `credential_process`: standard output is JSON or empty.
struct Process: CredsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print credentials for an SDK (credential_process).",
        discussion: """
              credential_process = /usr/local/bin/creds process --profile temp-bedrock

            That line of ~/.aws/config is what install writes. Answers from the cache while the session lives, else \
            asks the server; never longer than 10 s. Prints {"Version", "AccessKeyId", "SecretAccessKey", \
            "SessionToken", "Expiration"}, or nothing when it fails.
            """
    )

    @OptionGroup var profile: ProfileOption

    func run(_ context: CredsContext) async throws {
        let session = try await ProfileSession(profile.name, context).session()
        try context.terminal.print(session.output.reveal())
    }
}

/// The fast path of `creds process [--profile NAME]` with a fresh session, without the argument parser and the JSON
/// library.
///
/// Those take longer than all the rest. Any other case takes the general path, which also explains errors.
struct CacheHit {
    private let name: ProfileName

    /// Returns nil for any other command line.
    init?(_ words: [String]) {
        switch words {
        case ["process"]: name = .standard
        case _ where words.count == 3 && words[0] == "process" && words[1] == "--profile":
            guard let name = try? ProfileName(parsing: words[2]) else { return nil }
            self.name = name
        default: return nil
        }
    }

    func output(_ context: CredsContext) -> Secret<String>? {
        guard let id = try? context.profiles().cacheID(of: name), let cache = try? context.cache(id),
            let session = cache.read(), session.isFresh(at: context.now())
        else { return nil }
        return session.output
    }
}
