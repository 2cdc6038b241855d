import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The researcher's guide, tried.
struct GuideTests {
    private static let page = Checkout.root + "Docs/researcher-guide.md"

    @Test func `what the guide shows is what a person sees`() async throws {
        let page = try String(contentsOfFile: Self.page, encoding: .utf8)
        var shown = Transcript(parsing: "")
        shown.steps = Transcript.blocks(ofMarkdown: page).flatMap(\.steps)
        try #require(shown.steps.count > 10)
        shown.steps[0].preface = ["## bedrock"]
        let played = try await Playback(home: Home("ada-")).play(shown, input: Home.key)
        for (now, said) in zip(played.steps, shown.steps) {
            #expect(said.differences(from: now.lines.joined(separator: "\n")) == [])
            #expect(now.exitCode == said.exitCode, "\(now)")
        }
    }

    @Test func `each option that the guide names is one of its command's`() async throws {
        let page = try String(contentsOfFile: Self.page, encoding: .utf8)
        let lines = page.matches(of: /`[^`\n]*creds ([a-z][a-z-]+)([^`\n]*)`/)
        #expect(lines.count > 20)
        for line in lines {
            let help = try await Home().creds("help", String(line.1))
            #expect(help.output.contains("USAGE: creds \(line.1)"), "\(line.0)")
            // What follows `--` is another program's.
            let own = line.2.split(separator: " -- ", omittingEmptySubsequences: false).first ?? ""
            for option in own.matches(of: /--[a-z][a-z-]*/) { #expect(help.output.contains(option.0), "\(line.0)") }
        }
    }
}
