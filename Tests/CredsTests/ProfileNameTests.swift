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

    @Test(arguments: [
        ("/usr/bin/creds", "/usr/bin/creds"),
        ("/home/ada lovelace/creds", "'/home/ada lovelace/creds'"),
        ("/a'b", #"'/a'"'"'b'"#),
        ("/$HOME/`x`\\", #"'/$HOME/`x`\'"#),
        ("/élève", "'/élève'"),
        ("/a#b;c", "'/a#b;c'"),
    ])
    func `a path is quoted when it needs it`(path: String, word: String) {
        #expect(ShellWord.quote(path) == word)
    }

    @Test(arguments: ["", "/a\nb", "/a\u{7}b", "/a #b", "/a ;b"])
    func `a path that no quoting saves is refused`(path: String) {
        #expect(ShellWord.quote(path) == nil)
    }
}
