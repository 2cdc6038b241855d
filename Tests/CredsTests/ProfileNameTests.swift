import Testing

@testable import creds

struct ProfileNameTests {
    @Test(arguments: ["temp-bedrock", "default", "a", "Team_1.prod@x+y:z%", String(repeating: "n", count: 128)])
    func `these are names that every SDK reads`(name: String) throws {
        #expect(try ProfileName(parsing: name).description == name)
    }

    @Test(arguments: [
        "", " ", "a b", "a]b", "[a", "a\nb", "a\tb", "a\u{1B}b", "\"a\"", "'a'", "a/b", "../a", "a\\b", "élève", "-a",
        "--yes", Home.key, "bursar_", "DEFAULT", "Default", "#a", ";a", "$HOME", String(repeating: "n", count: 129),
    ])
    func `these are refused`(name: String) {
        #expect(throws: ProfileName.ParseError.self) { try ProfileName(parsing: name) }
    }
}
