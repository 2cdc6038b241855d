import BursarCore
import FoundationEssentials
import TestSupport
import Testing

@Suite struct ReadmeTests {
    @Test func `the README's first page is what a person sees`() async throws {
        let world = try World()
        let page = try String(contentsOfFile: Checkout.root + "README.md", encoding: .utf8)
        let steps = try #require(Transcript.blocks(ofMarkdown: page).first).steps
        let firstOnServer = try #require(steps.firstIndex { $0.command.hasPrefix("creds ") })
        for step in steps[..<firstOnServer] {
            try await run(step, in: world, names: try keyID(in: world).map { ["7c3kq9x2mzpa": $0] } ?? [:])
        }
        let id = try #require(try keyID(in: world))
        try await world.withMoto { aws in
            try await world.serve(aws) { server in
                let names = ["https://bursar.example.edu": server.url, "7c3kq9x2mzpa": id]
                let client = ["AWS_ENDPOINT_URL": aws["AWS_ENDPOINT_URL"] ?? "", "AWS_DEFAULT_REGION": "us-east-1"]
                for step in steps[firstOnServer...] {
                    try await run(step, in: world, names: names, client)
                    if step.command.contains("revoke") { try await obeyed(id, by: server.url, world) }
                }
            }
        }
    }

    private func run(
        _ step: Transcript.Step,
        in world: World,
        names: [String: String],
        _ settings: [String: String] = [:]
    ) async throws {
        let path = Checkout.program("") + ":" + Checkout.root + ".venv/bin:/usr/bin:/bin"
        let shell = ["-c", "cd \"$HOME\" && { \(step.replacing(names).command); } 2>&1"]
        let outcome = try await world.run("/bin/sh", shell, settings.merging(["PATH": path]) { $1 })
        let known = try keyID(in: world).map { ["7c3kq9x2mzpa": $0] } ?? [:]
        #expect(step.replacing(names.merging(known) { $1 }).differences(from: outcome.output) == [])
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
        try await world.wait(for: "the revocation") { try await world.refusal(url + "/whoami", key: key.text) != nil }
    }
}
