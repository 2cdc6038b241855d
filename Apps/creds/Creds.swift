import ArgumentParser
import BursarConsole
import BursarModel

/// The researcher's program: the root command.
struct Creds: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "creds",
        abstract: "Short-lived AWS credentials for Amazon Bedrock, renewed by themselves.",
        discussion: """
            Set up once, with the address and the key from your operator:

              creds install --url https://bursar.example.org

            From then on the AWS CLI, boto3 and every other SDK ask by themselves: use them with \
            --profile temp-bedrock, or set AWS_PROFILE=temp-bedrock. When something doesn't work:

              creds doctor
            """,
        version: Version.current,
        groupedSubcommands: [
            CommandGroup(name: "Setup", subcommands: [Install.self, Uninstall.self, Completions.self]),
            CommandGroup(name: "Everyday", subcommands: [Process.self, Token.self, Env.self, Exec.self]),
            CommandGroup(name: "Endpoint", subcommands: [Serve.self, Proxy.self]),
            CommandGroup(
                name: "Diagnostic",
                subcommands: [Doctor.self, Status.self, WhoAmI.self, Models.self, ShowToken.self, Refresh.self]
            ),
        ]
    )
}

/// A command that receives its collaborators from the place where the program starts.
protocol CredsCommand: ParsableCommand {
    mutating func run(_ context: CredsContext) async throws
}

/// The `--profile` option, the same for every command.
struct ProfileOption: ParsableArguments {
    @Option(
        name: .customLong("profile"),
        help: ArgumentHelp("The profile of ~/.aws/config. (default: \(ProfileName.standard))", valueName: "profile"),
        completion: .names { _ in Self.installed.map(\.description) },
        transform: Self.parse
    )
    var name = ProfileName.standard

    private static var installed: [ProfileName] { (try? CredsContext.live().profiles())?.names() ?? [] }

    private static func parse(_ text: String) throws -> ProfileName {
        do {
            return try ProfileName(parsing: text)
        } catch {
            throw ValidationError(error.description)
        }
    }
}
