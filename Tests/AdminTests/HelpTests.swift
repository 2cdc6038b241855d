import BursarFoundation
import TestSupport
import Testing

/// The help of `admin`.
@Suite struct HelpTests {
    /// A command, as ArgumentParser describes it to tools.
    private struct Command: Decodable {
        let commandName: String
        let abstract: String?
        let discussion: String?
        let subcommands: [Command]?
        let arguments: [Argument]?
    }

    private struct Argument: Decodable {
        let kind: String
        let valueName: String?
        let abstract: String?
        let shouldDisplay: Bool
    }

    private struct Dump: Decodable {
        let command: Command
    }

    private func admin(_ words: String...) async throws -> Program.Outcome {
        let environment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"]
        return try await Program(Checkout.program("admin"), environment: environment).run(words)
    }

    /// Commands that do something, by their names from `admin` on.
    private func leaves() async throws -> [(name: String, command: Command)] {
        func leaves(_ command: Command, _ path: String) -> [(name: String, command: Command)] {
            let name = path.isEmpty ? command.commandName : path + " " + command.commandName
            let below = (command.subcommands ?? []).filter { $0.commandName != "help" }
            return below.isEmpty ? [(name, command)] : below.flatMap { leaves($0, name) }
        }
        let text = try await admin("--experimental-dump-help").output
        return leaves(try JSONDecoder().decode(Dump.self, from: Data(text.utf8)).command, "")
    }

    @Test func `every command says in one line what it does, and shows how`() async throws {
        let commands = try await leaves()
        #expect(commands.count > 10)
        for (name, command) in commands {
            let abstract = command.abstract ?? ""
            #expect(abstract.hasSuffix(".") && !abstract.contains("\n") && abstract.count <= 90, "\(name)")
            #expect(command.discussion?.contains(" \(name)") == true, "\(name) has no example")
            // ArgumentParser breaks longer lines once more, in mid-command too.
            let lines = (command.discussion ?? "").split(separator: "\n")
            #expect(lines.allSatisfy { $0.count <= 80 }, "\(name)")
        }
    }

    @Test func `every option and argument is explained`() async throws {
        for (name, command) in try await leaves() {
            for argument in command.arguments ?? [] where argument.shouldDisplay {
                #expect(argument.abstract?.isEmpty == false, "\(name): \(argument.valueName ?? argument.kind)")
            }
        }
    }

    @Test(arguments: [
        ("keys list --nonsense", "unknown option '--nonsense'", "admin keys list --help"),
        ("keys revoke", "missing expected argument '--reason <reason>'", "admin keys revoke --help"),
        ("keys list --format xml", "'xml' is invalid", "admin keys list --help"),
        ("--nonsense", "unknown option '--nonsense'", "admin --help"),
        ("provision for ada --format json", "--format goes with --dry-run", "admin provision --help"),
    ])
    func `misuse exits with 64, and says where help is`(
        _ line: String,
        _ problem: String,
        _ hint: String
    ) async throws {
        let words = line.split(separator: " ").map { String($0) }
        let outcome = try await Program(Checkout.program("admin"), environment: ["PATH": "/usr/bin:/bin"]).run(words)
        #expect(outcome.exitCode == 64)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("admin: error: "))
        #expect(outcome.errors.contains(problem), "\(outcome.errors)")
        #expect(outcome.errors.hasSuffix("\nadmin: hint: \(hint)\n"), "\(outcome.errors)")
    }
}
