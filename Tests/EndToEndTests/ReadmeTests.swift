import BursarFoundation
import BursarModel
import TestSupport
import Testing

/// The README's session and the tour, run as a reader would run them.
@Suite struct ReadmeTests {
    @Test(arguments: ["README.md", "Docs/tour.md"])
    func `the page's session works, and prints what the page shows`(_ name: String) async throws {
        let world = try World()
        let page = try Page(name)
        let steps = Transcript.blocks(ofMarkdown: page.text).flatMap(\.steps)
        let settings = Self.settings(of: try Page("Docs/tour.md"))
        try #require(settings.count == 2)
        if !steps.contains(where: { $0.command == "admin database init" }) {
            try await succeeded(world.admin("database init"))
        }
        let firstOnServer = try #require(steps.firstIndex { $0.command.hasPrefix("creds ") })
        for step in steps[..<firstOnServer] {
            try await run(step, in: world, names: try keyID(in: world).map { ["7c3kq9x2mzpa": $0] } ?? [:], settings)
        }
        let id = try #require(try keyID(in: world))
        try await world.withMoto { aws in
            try await world.serve(aws) { server in
                let names = ["https://bursar.example.edu": server.url, "7c3kq9x2mzpa": id]
                let client = settings.merging(["AWS_ENDPOINT_URL": aws["AWS_ENDPOINT_URL"] ?? ""]) { $1 }
                for step in steps[firstOnServer...] {
                    try await run(step, in: world, names: names, client)
                    if step.command.contains("revoke") { try await obeyed(id, by: server.url, world) }
                }
            }
        }
    }

    @Test func `both pages show the same session`() throws {
        let commands = try ["README.md", "Docs/tour.md"].map { name in
            Transcript.blocks(ofMarkdown: try Page(name).text).flatMap(\.steps).map(Self.command)
        }
        #expect(commands[0].allSatisfy(commands[1].contains))
        #expect(commands[0].count == 6)
    }

    /// Compares a step's output with its lines if it has some; no step warns or leaves a placeholder.
    private func run(
        _ step: Transcript.Step,
        in world: World,
        names: [String: String],
        _ settings: [String: String]
    ) async throws {
        let path = Checkout.program("") + ":" + Checkout.root + ".venv/bin:/usr/bin:/bin"
        let shell = ["-c", "cd \"$HOME\" && { \(step.replacing(names).command)\n } 2>&1"]
        let outcome = try await world.run("/bin/sh", shell, settings.merging(["PATH": path]) { $1 })
        #expect(!outcome.output.contains(/warning:|YOUR-/), "\(step): \(outcome.output)")
        guard !step.lines.isEmpty else {
            #expect(outcome.isSuccess, "\(step): \(outcome.output)")
            return
        }
        let known = try keyID(in: world).map { ["7c3kq9x2mzpa": $0] } ?? [:]
        #expect(step.replacing(names.merging(known) { $1 }).differences(from: outcome.output) == [])
    }

    /// The variables that the page exports before its session.
    private static func settings(of page: Page) -> [String: String] {
        let exports = page.blocks.flatMap(\.lines).filter { $0.hasPrefix("export ") }
        let pairs = exports.flatMap { $0.split(separator: " ").dropFirst() }
            .map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        return Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })
    }

    /// The command without its annotation.
    private static func command(_ step: Transcript.Step) -> String {
        step.command.replacing(/\s+#.*/, with: "")
    }

    private func key(in world: World) throws -> ResearcherKey? {
        guard let text = try? String(contentsOfFile: world.home + "/ada.key", encoding: .utf8) else { return nil }
        return try ResearcherKey(parsing: text)
    }

    private func keyID(in world: World) throws -> String? {
        try key(in: world)?.id.description
    }

    private func obeyed(_ id: String, by url: String, _ world: World) async throws {
        let key = try #require(try key(in: world))
        try await Waiting.until("the revocation") { try await world.refusal(url + "/whoami", key: key.text) != nil }
    }
}
