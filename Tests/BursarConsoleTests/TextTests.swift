import Testing

@testable import BursarConsole

struct TextTests {
    @Test(arguments: [
        ("plain text: ключ, 鍵, 🔑", "plain text: ключ, 鍵, 🔑"),
        ("\u{1B}[31mred", #"\u{1B}[31mred"#),
        ("two\nlines\ttab", #"two\u{A}lines\u{9}tab"#),
        ("\u{9B}31m", #"\u{9B}31m"#),
        ("a\u{202E}b", #"a\u{202E}b"#),
        ("a\r\nb", #"a\u{D}\u{A}b"#),
    ])
    func `control and direction characters are written out`(text: String, shown: String) {
        #expect(ControlText.visible(text) == shown)
    }

    @Test(arguments: [
        ("a,b\r\nc\td\n", "a,b\r\nc\td\n"), ("\u{1B}[1mhead\u{1B}[0m\n", "\u{1B}[1mhead\u{1B}[0m\n"),
        ("\u{1B}]0;title\u{7}", #"\u{1B}]0;title\u{7}"#), ("\u{1B}[2J", #"\u{1B}[2J"#), ("a\rb", #"a\u{D}b"#),
        ("\u{9B}2J", #"\u{9B}2J"#), ("\u{1B}[1;31mx\u{1B}[8m", "\u{1B}[1;31mx" + #"\u{1B}[8m"#),
        ("a\u{202E}b", #"a\u{202E}b"#),
        ("\u{1B}", #"\u{1B}"#), ("\u{1B}[1", #"\u{1B}[1"#),
    ])
    func `a terminal gets lines, decoration and nothing else that steers it`(text: String, shown: String) {
        #expect(ControlText.lines(text, .colored) == shown)
        #expect(!ControlText.lines(text, .plain).contains("\u{1B}"))
    }

    @Test(arguments: [
        ("{\n  \"a\": \"ключ 🔑\"\n}", "{\n  \"a\": \"ключ 🔑\"\n}"), ("[\"\u{9B}31m\"]", #"["\u009b31m"]"#),
        ("[\"\u{202E}\"]", #"["\u202e"]"#), ("[\"\u{E0041}\"]", #"["\udb40\udc41"]"#),
    ])
    func `JSON says them in its own way`(json: String, shown: String) {
        #expect(ControlText.escaped(json: json) == shown)
    }

    @Test(arguments: [
        ("ada", 3), ("", 0), ("日本", 4), ("e\u{301}", 1), ("ﬁ", 1), ("한국", 4), ("🔑", 2), ("👩‍🔬", 2), ("❤️", 2),
        ("Ａ", 2), ("ｱ", 1), ("\u{200B}", 0), ("🇩🇪", 2),
    ])
    func `width is counted in columns`(text: String, width: Int) {
        #expect(DisplayWidth.of(text) == width)
    }

    @Test(arguments: [
        (true, [:], Decoration.colored),
        (false, [:], .plain),
        (true, ["NO_COLOR": "1"], .plain),
        (true, ["NO_COLOR": ""], .colored),
        (true, ["TERM": "dumb"], .plain),
        (true, ["TERM": "xterm-256color"], .colored),
    ])
    func `decoration is for terminals that want it`(
        isTerminal: Bool,
        environment: [String: String],
        expected: Decoration
    ) {
        #expect(Decoration(isTerminal: isTerminal, environment: environment) == expected)
    }

    @Test(arguments: ["y", "Y", "yes", " YES "])
    func `these are a yes`(answer: String) {
        #expect(Confirmation.isYes(answer))
    }

    @Test(arguments: ["", "n", "no", "yep", "y\u{301}"])
    func `everything else is a no`(answer: String) {
        #expect(!Confirmation.isYes(answer))
    }
}

struct ShellWordTests {
    @Test(arguments: [
        ("/usr/bin/creds", "/usr/bin/creds"),
        ("/home/ada lovelace/creds", "'/home/ada lovelace/creds'"),
        ("/a'b", #"'/a'"'"'b'"#),
        ("/$HOME/`x`\\", #"'/$HOME/`x`\'"#),
        ("/élève", "'/élève'"),
        ("/a#b;c", "'/a#b;c'"),
    ])
    func `a path is quoted for credential_process when it needs it`(path: String, word: String) {
        #expect(ShellWord.inCredentialProcess(path) == word)
    }

    @Test(arguments: ["", "/a\nb", "/a\u{7}b", "/a #b", "/a ;b"])
    func `a path that no quoting saves is refused`(path: String) {
        #expect(ShellWord.inCredentialProcess(path) == nil)
    }
}

@Suite struct NearestNameTests {
    private static let handles = ["r1401", "r1403", "ada", "r1402.m.longname", "adam"]

    @Test(arguments: [
        ("r1402", ["r1402.m.longname", "r1401", "r1403"]), ("AD", ["ada", "adam"]), ("adda", ["ada", "adam"]),
        ("", []), ("a", []), ("zzzzzz", []),
    ])
    func `names that begin with what was typed come first`(typed: String, near: [String]) {
        #expect(NearestName.some(of: Self.handles, near: typed, limit: 3) == near)
    }
}
