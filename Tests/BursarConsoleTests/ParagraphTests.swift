import Testing

@testable import BursarConsole

struct ParagraphTests {
    static let text = "keys under [temp-bedrock] in ~/.aws/credentials win over the profile; delete the section"

    @Test(arguments: [
        (nil, 24, 24, text),
        (200, 24, 24, text),
        (
            80, 24, 24,
            """
            keys under [temp-bedrock] in ~/.aws/credentials win over
                                    the profile; delete the section
            """
        ),
        (
            56, 0, 4,
            """
            keys under [temp-bedrock] in ~/.aws/credentials win over
                the profile; delete the section
            """
        ),
        // Where the indentation would leave less than thirty columns, it is two.
        (
            40, 2, 24,
            """
            keys under [temp-bedrock] in
              ~/.aws/credentials win over the
              profile; delete the section
            """
        ),
    ])
    func `long text is broken at blanks, with a hanging indentation`(
        width: Int?,
        first: Int,
        hanging: Int,
        shown: String
    ) {
        #expect(Paragraph.wrapped(Self.text, width: width, first: first, hanging: hanging) == shown)
    }

    @Test(arguments: [20, 33, 40, 61, 80, 100], ["a b c", text, "  two  blanks ", "", "日本語 の 文 で す 日本語 の 文 で す"])
    func `no line is longer than the terminal, and no word is lost`(width: Int, text: String) {
        let shown = Paragraph.wrapped(text, width: width, first: 3, hanging: 3)
        let lines = shown.split(separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() where line.contains(" ") {
            let words = line.split(separator: " ")
            #expect(DisplayWidth.of(line) + (number == 0 ? 3 : 0) <= width || words.count == 1, "\(line)")
        }
        #expect(shown.split { $0 == " " || $0 == "\n" } == text.split(separator: " "))
    }

    @Test func `a path that has no room stays whole`() {
        let path = "/home/" + String(repeating: "a", count: 60)
        #expect(Paragraph.wrapped("there is no \(path) here", width: 40) == "there is no\n\(path)\nhere")
    }

    @Test(arguments: [
        ("in /home/ada/.aws/config runs /home/ada/bin/creds", "in ~/.aws/config runs ~/bin/creds", false),
        ("/home/ada: not a folder", "~: not a folder", false), ("(/home/ada/x)", "(~/x)", false),
        ("/home/adam/.aws", "/home/adam/.aws", false), ("/backup/home/ada/x", "/backup/home/ada/x", false),
        ("x=/home/ada/y", "x=/home/ada/y", false), ("it's in /home/ada/y", "it's in ~/y", false),
        ("chmod 600 /home/ada/x", "chmod 600 ~/x", true),
        ("chmod 600 '/home/ada/a b'", "chmod 600 '/home/ada/a b'", true),
        ("sh -c 'cat /home/ada/x'", "sh -c 'cat /home/ada/x'", true),
        ("\"${EDITOR:-vi}\" +3 /home/ada/x", "\"${EDITOR:-vi}\" +3 ~/x", true),
    ])
    func `paths of home are shown as people know them`(text: String, shown: String, isCommand: Bool) {
        #expect(HomePath.shown(text, home: "/home/ada", isCommand: isCommand) == shown)
    }

    @Test(arguments: [nil, "", "/", "relative", "/home/ada/"])
    func `a home that is no folder changes nothing`(home: String?) {
        #expect(HomePath.shown("/home/ada/x and /", home: home) == "/home/ada/x and /")
    }
}
