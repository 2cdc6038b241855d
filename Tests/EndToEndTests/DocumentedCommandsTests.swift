import FoundationEssentials
import TestSupport
import Testing

/// The commands that the pages show: none of them may be one that `admin` doesn't know.
@Suite struct DocumentedCommandsTests {
    private static func pages() throws -> [String] {
        let docs = Checkout.root + "Docs"
        let names = try FileManager.default.subpathsOfDirectory(atPath: docs).filter { $0.hasSuffix(".md") }
        return [Checkout.root + "README.md"] + names.sorted().map { "\(docs)/\($0)" }
    }

    /// Lines of code blocks that begin with `admin`, continued lines joined.
    private static func commands(in page: String) throws -> [String] {
        let text = try String(contentsOfFile: page, encoding: .utf8).replacing("\\\n", with: " ")
        var isCode = false
        var commands: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") { isCode.toggle() }
            let command = line.hasPrefix("$ ") ? line.dropFirst(2) : line
            guard isCode, command.hasPrefix("admin ") else { continue }
            // A word that stands for another: HANDLE, ID, …
            commands.append(String(command).replacing("…", with: "x"))
        }
        return commands
    }

    @Test func `admin understands every command that a page shows`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let path = Checkout.program("") + ":/usr/bin:/bin"
        var count = 0
        for page in try Self.pages() {
            for command in try Self.commands(in: page) {
                let shell = ["-c", "cd \"$HOME\" && { \(command); } </dev/null"]
                let outcome = try await world.run("/bin/sh", shell, ["PATH": path])
                #expect(outcome.exitCode != 64, "\(page): \(command): \(outcome.errors)")
                #expect(!outcome.errors.contains("Usage: admin"), "\(page): \(command)")
                count += 1
            }
        }
        #expect(count > 5)
    }
}
