import ArgumentParser
import BursarConsole
import BursarModel

/// The `credential_process`: stdout is JSON or nothing.
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
        let session = try await VendedSession(profile.name, context).session()
        try context.terminal.print(session.output.reveal())
    }
}
