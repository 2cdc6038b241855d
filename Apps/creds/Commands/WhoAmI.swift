import ArgumentParser
import BursarConsole
import BursarHTTP
import BursarModel

/// What the server knows of the key.
struct WhoAmI: CredsCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami",
        abstract: "Show whose key this is, and your address.",
        discussion: """
              creds whoami

            Asks the server: whose key it is, when the key ends, and your address as the server sees it.

            --format json: {"profile", "server", "researcher", "keyID", "keyExpires", "address"}.
            """
    )

    @OptionGroup var profile: ProfileOption
    @Option(help: "How to print it.")
    var format = KeyValueFormat.table

    func run(_ context: CredsContext) async throws {
        let stored: StoredProfile
        let answer: WhoAmIResponse
        do {
            guard let profile = try context.profiles().load(profile.name) else {
                throw CredsErrorMessages(profile: profile.name).notInstalled
            }
            stored = profile
        } catch {
            throw CredsErrorMessages(profile: profile.name).problem(error)
        }
        do {
            let key = try await stored.key.key(within: KeySource.timeout)
            answer = try await BursarClient(server: stored.server, transport: context.transport).whoami(key: key.text)
        } catch {
            throw CredsErrorMessages(profile: profile.name, server: stored.server).problem(error)
        }
        let identity = Identity(name: profile.name, server: stored.server, answer: answer)
        switch format {
        case .table: try context.terminal.print(identity.sheet(at: context.now()).text(context.terminal.output))
        case .json: try context.terminal.print(JSONText.line(identity.fields))
        }
    }
}
