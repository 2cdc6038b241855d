import BursarFoundation
import TestSupport
import Testing

/// The whole output of `creds`, recorded in `Transcripts/`; `REWRITE_TRANSCRIPTS=1` records it again.
struct TranscriptTests {
    private static let folder = Checkout.root + "Tests/CredsTests/Transcripts/"
    private static let isRewriting = ProcessInfo.processInfo.environment["REWRITE_TRANSCRIPTS"] != nil

    private static var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".txt") }.sorted()
    }

    @Test func `there are transcripts`() {
        #expect(Self.names.count >= 15)
    }

    @Test(arguments: names)
    func `what is on record is printed`(name: String) async throws {
        let recorded = Transcript(parsing: try String(contentsOfFile: Self.folder + name, encoding: .utf8))
        let played = try await Playback(home: Home("ada-")).play(recorded)
        guard !Self.isRewriting else {
            return try played.text.write(toFile: Self.folder + name, atomically: true, encoding: .utf8)
        }
        #expect(played.steps.count == recorded.steps.count)
        for (now, before) in zip(played.steps, recorded.steps) {
            #expect(now.lines == before.lines, "\(now)")
            #expect(now.exitCode == before.exitCode, "\(now)")
        }
    }
}
