import ArgumentParser
import BursarCore
import Console
import Transport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the server knows of the key.
struct WhoAmI: CredsCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami",
        abstract: "Show whose key this is, when it ends, and your address as the server sees it."
    )

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table
        case json
    }

    @OptionGroup var profile: ProfileOption
    @Option(help: "How to print it.")
    var format = Format.table

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
        case .table: try context.terminal.print(table(answer, stored.server, context.terminal.output))
        case .json: try context.terminal.print(Self.json(answer))
        }
    }

    private func table(_ answer: WhoAmIAnswer, _ server: ServerURL, _ decoration: Decoration) -> String {
        let rows = [
            ("researcher", answer.researcher), ("key", answer.keyID), ("key ends", answer.keyExpires),
            ("address", answer.address), ("server", server.description), ("profile", profile.name.description),
        ]
        return rows.map { name, value in
            let blanks = String(repeating: " ", count: 12 - name.utf8.count)
            return decoration.bold(name) + blanks + ControlText.visible(value)
        }.joined(separator: "\n")
    }

    private static func json(_ answer: WhoAmIAnswer) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(answer), as: UTF8.self)
    }
}
