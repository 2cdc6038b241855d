import BursarConsole
import Testing

@testable import Enrollment

/// A researcher's details, as they are typed or copied.
struct ResearcherFieldsTests {
    private static let option = UserFacingError.Place.option("--email")

    @Test(arguments: [
        "ada@example.edu", " ada@example.edu ", "Ada <ada@example.edu>", "\"Lovelace, Ada\" <ada@example.edu>",
        "<ada@example.edu>", "mailto:ada@example.edu", "MAILTO:ada@example.edu?subject=x", "mailto:%61da@example.edu",
        "ada@example.edu%20",
    ])
    func `an address is taken as spreadsheets and mail programs write it`(_ text: String) throws {
        #expect(try ResearcherFields.email(text, Self.option) == "ada@example.edu")
    }

    @Test(arguments: [
        "", "ada", "@example.edu", "ada@", "a@b@c", "ada lovelace@example.edu", "<ada@example.edu", "a<b@c>d",
        "ada@example.edu\nbob@example.edu", "ada:x@example.edu", "ada@example.edu\u{202E}",
    ])
    func `what is no address is refused`(_ text: String) {
        #expect(throws: UserFacingError.self) { try ResearcherFields.email(text, Self.option) }
    }

    @Test func `the name beside an address is a name`() {
        #expect(Mailbox("\"Ada\" <ada@example.edu>")?.name == "Ada")
        #expect(Mailbox("<ada@example.edu>")?.name == nil)
        #expect(Mailbox("ada@example.edu")?.name == nil)
    }

    @Test(arguments: ["", " ", "two\nlines", "a\u{7}b", "a\u{2028}b", String(repeating: "x", count: 257)])
    func `a detail is one line that isn't empty`(_ text: String) {
        #expect(throws: UserFacingError.self) { try ResearcherFields.line(text, .option("--name")) }
    }

    @Test(arguments: ["a", "ada b", "ada/b", String(repeating: "x", count: 65)])
    func `a handle that AWS would refuse is misuse, with what one is made of`(_ text: String) throws {
        let error = try #require(throws: UserFacingError.self) { try ResearcherFields.handle(text) }
        #expect(error.exitCode == 64 && error.hint?.contains("2 to 64") == true)
    }
}
