import BursarFoundation
import TestSupport
import Testing

/// The researcher's guide, run from its first page to its last.
struct GuideTests {
    private static let pages = ["README", "cluster", "tools", "everyday"].map { "Docs/researcher-guide/\($0).md" }

    @Test func `what the guide shows is what a person sees`() async throws {
        var shown = Transcript(parsing: "")
        shown.steps = try Self.pages.flatMap { try Page($0).blocks }.flatMap(Self.steps)
        try #require(shown.steps.count > 10)
        shown.steps[0].preface = ["## bedrock"]
        let played = try await Playback(home: Home("ada-")).play(shown, input: Home.key)
        for (now, said) in zip(played.steps, shown.steps) {
            #expect(said.differences(from: now.lines.joined(separator: "\n")) == [])
            #expect(now.exitCode == said.exitCode, "\(now)")
        }
    }

    /// Commands with their output; Python is run, and answers as the command before it did.
    private static func steps(of block: Page.Block) -> [Transcript.Step] {
        guard block.language == "python" else {
            guard block.lines.first?.hasPrefix("$ ") == true else { return [] }
            return Transcript(parsing: block.lines.joined(separator: "\n")).steps
        }
        let program = block.lines.joined(separator: "\n")
        return Transcript(parsing: "$ python\nok").steps.map { step in
            var step = step
            step.command = "python - <<'END'\n\(program)\nEND"
            return step
        }
    }
}
