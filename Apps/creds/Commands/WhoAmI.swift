import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarHTTP
import BursarModel

/// Shows the server's record of the key.
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
        let response: WhoAmIResponse
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
            response = try await BursarClient(server: stored.server, transport: context.transport).whoami(key: key.text)
        } catch {
            throw CredsErrorMessages(profile: profile.name, server: stored.server).problem(error)
        }
        let identity = Identity(name: profile.name, server: stored.server, response: response)
        switch format {
        case .table: try context.terminal.print(identity.table(at: context.now()).text(context.terminal.output))
        case .json: try context.terminal.print(JSONText.line(identity.fields))
        }
    }
}

/// The researcher, key and address, as the profile's server reports them.
struct Identity {
    let name: ProfileName
    let server: ServerURL
    let response: WhoAmIResponse

    func table(at now: Date) -> KeyValueTable {
        let end = Timestamp.date(response.keyExpires).map { RelativeTime(until: $0, at: now).description }
        return KeyValueTable([
            ("researcher", response.researcher), ("key", response.keyID), ("key ends", end ?? response.keyExpires),
            ("address", response.address), ("server", server.description), ("profile", name.description),
        ])
    }

    /// The fields of the JSON output.
    var fields: Fields {
        Fields(
            profile: name.description,
            server: server.description,
            researcher: response.researcher,
            keyID: response.keyID,
            keyExpires: response.keyExpires,
            address: response.address
        )
    }

    struct Fields: Codable, Equatable {
        let profile: String
        let server: String
        let researcher: String
        let keyID: String
        let keyExpires: String
        let address: String
    }
}
