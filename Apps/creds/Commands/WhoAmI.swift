import ArgumentParser
import BursarCore
import Console
import Transport

/// What the server knows of the key.
struct WhoAmI: CredsCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami",
        abstract: "Show whose key this is, when it ends, and your address as the server sees it."
    )

    @OptionGroup var profile: ProfileOption
    @Option(help: "How to print it.")
    var format = SheetFormat.table

    func run(_ context: Context) async throws {
        let stored: StoredProfile
        let answer: WhoAmIAnswer
        do {
            guard let profile = try context.profiles().load(profile.name) else {
                throw Wording(profile: profile.name).notInstalled
            }
            stored = profile
        } catch {
            throw Wording(profile: profile.name).problem(error)
        }
        do {
            let key = try await stored.key.key(within: KeySource.patience)
            answer = try await BursarClient(server: stored.server, transport: context.transport).whoami(key: key.text)
        } catch {
            throw Wording(profile: profile.name, server: stored.server).problem(error)
        }
        switch format {
        case .table: try context.terminal.print(sheet(answer, stored.server).text(context.terminal.output))
        case .json: try context.terminal.print(JSONText.line(answer))
        }
    }

    private func sheet(_ answer: WhoAmIAnswer, _ server: ServerURL) -> FactSheet {
        FactSheet([
            ("researcher", answer.researcher), ("key", answer.keyID), ("key ends", answer.keyExpires),
            ("address", answer.address), ("server", server.description), ("profile", profile.name.description),
        ])
    }
}
