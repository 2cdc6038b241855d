import BursarFoundation
import Testing

@testable import admin

/// The note about the last moment at which an ended session can have been used.
@Suite struct SessionLastUseTests {
    private let start = Date(timeIntervalSince1970: 1_767_225_600)

    private func said(_ newestEnd: Date?) -> String {
        SessionEnding.lastUse(inForceSince: start, newestEnd: newestEnd).joined(separator: "\n")
    }

    @Test func `both moments are printed as times, in UTC, with what is a guess`() {
        let said = said(start.addingTimeInterval(3600))
        #expect(said.contains("in force since 2026-01-01T00:00:00Z (UTC)"), "\(said)")
        #expect(said.contains("can have been used at about 2026-01-01T00:05:00Z"), "\(said)")
        #expect(said.contains("nothing proves") && said.contains("at the latest at 2026-01-01T01:00:00Z"), "\(said)")
    }

    @Test func `a session that ends sooner than a deny spreads is used no longer than it lives`() {
        let said = said(start.addingTimeInterval(60))
        #expect(said.contains("at about 2026-01-01T00:01:00Z") && !said.contains("00:05:00Z"), "\(said)")
    }

    @Test func `sessions that were over before the deny weren't ended by it`() {
        #expect(said(nil).hasSuffix("none of them was alive any more"))
        let over = said(start.addingTimeInterval(-60))
        #expect(over.contains("the newest ended by itself at 2025-12-31T23:59:00Z"), "\(over)")
        #expect(!over.contains("can have been used"))
    }
}
