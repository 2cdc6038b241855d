import BursarFoundation
import TestSupport
import Testing

/// The words that comments, help, messages and docs do without.
@Suite struct CheckWordsTests {
    @Test(arguments: [
        ("Apps/creds/Leak.swift", "/// What there is to see."),
        ("Packages/Vending/Vending/Leak.swift", "    /// Whether it works."),
        ("Apps/admin/Leak.swift", "let message = \"the operator is told of it\""),
        ("Apps/admin/Leak.swift", "// It begins anew."),
        ("Docs/leak.md", "Somebody has to do it."),
        ("README.md", "It is ours."), ("Tests/CredsTests/Leak.swift", "/// What there is to see."),
        ("Tests/CredsTests/Leak.swift", "    @Test func `the caller is told of it`() {"),
        ("Tests/CredsTests/Leak.swift", "    func `a test with arguments begins anew`(n: Int) {"),
        ("Tests/CredsTests/Leak.swift", "    run()  // by whoever waits"),
    ])
    func `a word that is to be avoided fails the check, which names file, line and what to write`(
        _ file: String,
        _ line: String
    ) async throws {
        let outcome = try await check(file, line)
        #expect(outcome.exitCode == 1)
        #expect(outcome.output.contains("\(file):2: \""))
    }

    @Test(arguments: [
        ("Apps/creds/Leak.swift", "/// A snapshot, continued on the next line:\n/// What follows belongs to it."),
        ("Apps/creds/Leak.swift", "let ours = nobody(anew)"),
        ("Docs/leak.md", "The user `nobody` owns it."),
        ("Docs/leak.md", "```\nnobody\n```"), ("Tests/CredsTests/Leak.swift", "let user = \"somebody\""),
        ("Tests/CredsTests/Leak.swift", "    @Test func `a key that nobody holds`() {"),
    ])
    func `code, and lines that continue a sentence, pass`(_ file: String, _ lines: String) async throws {
        #expect(try await check(file, lines).exitCode == 0)
    }

    private func check(_ file: String, _ lines: String) async throws -> Program.Outcome {
        let world = try World()
        for folder in ["Packages", "Apps", "Docs", "Tests"] {
            try FileManager.default.createDirectory(
                atPath: world.home + "/" + folder,
                withIntermediateDirectories: true
            )
        }
        let path = world.home + "/" + file
        let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("\n\(lines)\n".utf8).write(to: URL(filePath: path))
        return try await world.run(Checkout.root + "Scripts/check-words", [world.home])
    }
}
