import INIParser
import Testing

/// Files read as the real botocore reads them, and its refusals where it refuses.
struct INIDocumentTests {
    /// Files as people have them, and as they break them; each is tried with LF, CR LF and CR.
    static let files: [String] = [
        // Layout
        "", "\n", "# c\n", "[a]\n", "[a]", "[a]\nb = c", "[a]\nb=c\n", "[a]\nb: c\n", "[a]\nb\t=\tc\n",
        "[a]\n\nb = c\n\n",
        "\n\n[a]\nb = c\n", "[a]\n  b = c\n", "  [a]\nb = c\n", "[a]\n    b = c\n  d = e\n", "[a]\nB = c\n",
        "[a]\nB C = d\n",
        "[a]\nb =\n", "[a]\nb:\n", "[a]\nb = c = d : e\n", "[a]\nb : c = d\n", "[a]\nb == c\n", "[a]\nb := c\n",
        // Comments
        "# x\n[a] trailing\n; y\n  b = c  \n", "[a]\nb = c # d\n", "[a]\nb = c ; d\n", "[a]\nb = #c\n", "[a]\n#b = c\n",
        "[a]\n  # b = c\nd = e\n", "[a]\nrem b = c\n", "[a]\nREM\n", "[a] # c\nb = d\n", "[a] # [c]\nb = d\n",
        "[a] ; c]\nb = d\n", "#[a]\nb = c\n",
        // Values that go on
        "[a]\nb = c\n  d\n", "[a]\nb = c\n  d\n\n  e\n", "[a]\nb = c\n # no\n  d\n", "[a]\nb = c\n  # no\n  d\n",
        "[a]\nb = c\n  d = e\n", "[a]\n  b = c\n d = e\n", "[a]\n  b = c\n    d = e\n", "[a]\nb = c\n\n\n",
        "[a]\nb = c\n \n  \n",
        "[a]\n  b = c\n  [d]\n", "[a]\nb = c\n  [d]\n", "[a]\nb = c\n[d]\n  e = f\n", "[a]\n b = c\n\td = e\n",
        "[a]\nb = c\n\u{3000}d\n", "[a]\nb = c\n\u{A0}\u{A0}d\n", "[a]\n  b\n", "[DEFAULT]\nb = c\n  d\n[a]\n",
        // Blocks
        "[a]\ns3 =\n  b = c\n", "[a]\ns3 =\n  b = c\n  d=e=f\n", "[a]\ns3 =\n\n  b = c\n",
        "[a]\ns3 =\n  # c\n  b = c\n",
        "[a]\ns3 =\n  b\n", "[a]\ns3 =\n  b: c\n", "[a]\ns3 =\n  = c\n", "[a]\ns3 =\n  B = c\n  b = d\n  b = e\n",
        "[a]\ns3 = x\n  b = c\n", "[a]\ns3 =\n  b = c\n    d = e\n", "[a]\ns3 =\n  b = c\u{1C}d = e\n",
        "[a]\ns3 =\n  b = c\u{2028}d\n", "[DEFAULT]\ns3 =\n  b\n", "[DEFAULT]\ns3 =\n  b\n[a]\n",
        "[DEFAULT]\ns3 =\n  b\n[a]\ns3 = x\n",
        "[DEFAULT]\ns3 =\n  b\n[a]\ns3 = x\n[c]\n",
        // Sections
        "[]\n", "[]]\n", "[[]\n", "[[]]\n", "[a]b]\n", "[a]]\n", "[ a ]\n", "[a\n", "a]\n", "[a]\n[b]\n", "[a]\n[a]\n",
        "[a]\n[a ]\n", "[a]\n[A]\n", "[a]\nb = c\n[d]\nb = c\n[a]\n", "[a]\n\u{FEFF}[b]\n",
        "[caf\u{E9}]\n[cafe\u{301}]\n",
        // [DEFAULT]
        "[DEFAULT]\n", "[DEFAULT]\nb = c\n[a]\n", "[DEFAULT]\nb = c\n[a]\nb = d\n", "[a]\n[DEFAULT]\nb = c\n",
        "[DEFAULT]\n[DEFAULT]\n", "[DEFAULT]\nb = c\n[DEFAULT]\nb = d\n", "[DEFAULT]\nb = c\n[a]\n[DEFAULT]\nd = e\n",
        "[DEFAULT ]\nb = c\n[a]\n", "[default]\nb = c\n[a]\n", "[Default]\nb = c\n[a]\n", "[ DEFAULT]\nb = c\n",
        "[DEFAULT]\nB = c\n[a]\nb = d\n", "[DEFAULT]\nregion = x\n[default]\n[profile a]\n[sso-session b]\n",
        // What comes twice
        "[a]\nb = c\nb = d\n", "[a]\nb = c\nB: d\n", "[a]\nb = c\n[d]\nb = e\n",
        "[a]\ncafe\u{301} = 1\ncaf\u{E9} = 2\n",
        "[a]\nÉ = 1\né = 2\n", "[a]\nΑΣ = 1\nας = 2\n", "[a]\nΑΣ = 1\nασ = 2\n", "[a]\nΑΣΑ = 1\nασα = 2\n",
        "[a]\nΣ = 1\nσ = 2\n",
        "[a]\nΑΣ\u{301} = 1\nας\u{301} = 2\n", "[a]\nİ = 1\ni\u{307} = 2\n", "[a]\nẞ = 1\nß = 2\n",
        // What is neither
        "b = c\n", "  b = c\n", "# x\nb = c\n[a]\n", "word\n", "[a]\nword\n", "[a]\n= c\n", "[a]\n: c\n", "[a]\n=\n",
        "[a]\nb = c\nword\n",
        "[a]\nb = c\nword\n  more\n", "[a]\n= c\n  more\n", "export AWS_REGION=x\n", "{\"a\": 1}\n", "a:\n  b: c\n",
        // Byte order marks, NUL and what editors leave
        "\u{FEFF}", "\u{FEFF}[a]\n", "\u{FEFF}\n[a]\n", "\u{FEFF}# c\n[a]\n", "[a]\n\u{FEFF}b = c\n",
        "[a]\nb = \u{FEFF}c\n",
        "[a]\nb = c\0d\n", "[a\0]\n", "\0\n", "[a]\n\0\n", "[a]\n\u{200B}b = c\n", "[a]\nb\u{A0}=\u{A0}c\n",
        "[a]\nb = \u{2003}c\u{2003}\n", "[a]\nb = c\u{1F}\n", "[a]\n\u{A0}\n", "[a]\nb = c\u{85}d\n",
        "[a]\nb = c\u{0B}\nd = e\n",
        "[a]\nb = c\u{0C}d = e\n", "[a]\u{2028}b = c\n", "[a]\n\u{1C}\n", "[a]\n\u{1E}b = c\n", "\u{1A}",
        "[a]\nb = c\n\u{1A}",
        "[a]\nb = “c”\n", "[a]\nb = 🎈\n🎈 = c\n", "[東京]\n地域 = 京都\n",
        // Names of sections
        "[default]\nb = c\n", "[profile default]\nb = c\n", "[default]\nb = c\n[profile default]\nd = e\n",
        "[profile a]\n",
        "[profile \"a\"]\n", "[profile 'a b']\n", "[profile a b]\n", "[profile]\n", "[profile ]\n", "[ profile a]\n",
        "[profile  a ]\n",
        "[profile\ta]\n", "[profiles a]\n", "[profilea b]\n", "[profile\u{301} a]\n", "[profile 'a]\n",
        "[profile a\\ b]\n",
        "[profile \"a\\\"b\"]\n", "[profile #a]\n", "[profile a]\n[profile \"a\"]\nb = c\n", "[Profile a]\n",
        "[profile \u{A0}a]\n",
        "[sso-session a]\n", "[sso-session 'a b']\n", "[sso-sessions a]\n", "[services a]\n", "[services-x a]\n",
        "[preview]\n",
        "[plugins]\n", "[profile a]\nsso_session = b\n[sso-session b]\nsso_region = us-east-1\n", "[profile [a]]\n",
        "[profile caf\u{E9}]\n[profile cafe\u{301}]\n", "[profile ' ']\n", "[profile '']\n",
        // Values that look like more
        "[a]\nb = %(c)s\n", "[a]\nb = ${c}\n", "[a]\nb = \"c\"\n", "[a]\nb = c\\\n", "[a]\nb = c\\\n  d\n",
        "[a]\nb = [c]\n", "[a]\n%b = 1%\n",
    ]

    private static let bytes: [[UInt8]] =
        files.flatMap { file in
            ["\n", "\r\n", "\r"].map { Array(file.replacing("\n", with: $0).utf8) }
        } + [
            [0xFF, 0xFE, 0x5B, 0x00], [0xFE, 0xFF, 0x00, 0x5B], [0x5B, 0xFF, 0x5D],
            [0x5B, 0x61, 0x5D, 0x0A, 0x23, 0xE9, 0x0A],
            [0x5B, 0x61, 0x5D, 0x0A, 0xED, 0xA0, 0x80], [0x5B, 0x61, 0x5D, 0x0A, 0xC0, 0xAF, 0x3D, 0x31],
            [0xF4, 0x90, 0x80, 0x80],
            [0x5B, 0x00, 0x61, 0x00, 0x5D, 0x00, 0x0A, 0x00], Array("[a]\r\n\n\rb = c\r\r\n  d\n\r\ne = f\r".utf8),
            Array("[a]\nb = c\r  d\r\n\te\n".utf8),
        ]

    @Test(.enabled(if: BotocoreReading.isThere))
    func `each file is read as botocore reads it`() async throws {
        let readings = try await BotocoreReading.of(Self.bytes)
        #expect(readings.count == Self.bytes.count && readings.count > 450)
        for reading in readings { hold(reading) }
    }

    @Test(.enabled(if: BotocoreReading.isThere), arguments: 0..<4)
    func `made-up files are read as botocore reads them`(seed: Int) async throws {
        let readings = try await BotocoreReading.ofMadeUpFiles(seed: seed, count: 3000)
        #expect(readings.count { $0.sections != nil } > 1000)
        #expect(readings.count { $0.names?.profiles.isEmpty == false } > 300)
        for reading in readings { hold(reading) }
    }

    private func hold(_ reading: BotocoreReading) {
        let document = INIDocument(reading.bytes)
        let text = String(decoding: reading.bytes, as: UTF8.self).debugDescription
        #expect(BotocoreReading.ours(document) == reading.sections, "\(text): \(String(describing: document.error))")
        if let names = reading.names { #expect(BotocoreReading.Names(document) == names, "\(text)") }
    }

    @Test(arguments: [
        ("k = v\n", 1, INIError.Kind.noSection), ("# c\n\n  k = v\n[a]\n", 3, .noSection), ("[]\n", 1, .noSection),
        ("\u{FEFF}[a]\n", 1, .byteOrderMark), ("\u{FEFF}# c\r\n[a]\r\n", 1, .byteOrderMark),
        ("[a]\n\u{FEFF}[b]\n", 2, .byteOrderMark),
        ("[a]\nk = 1\n[b]\n[a]\n", 4, .sectionTwice), ("[a]\r\n\r\n[a] # more\r\n", 3, .sectionTwice),
        ("[a]\rk = 1\r[a]\r", 3, .sectionTwice), ("[a]\nk = 1\nK: 2\n", 3, .optionTwice),
        ("[DEFAULT]\nk = 1\n[DEFAULT]\nk = 2\n", 4, .optionTwice), ("[a]\nk\n", 2, .noValue),
        ("[a]\n= v\n", 2, .noValue),
        ("[a]\ns3 =\n  x = 1\n  y\n", 4, .noValue), ("[DEFAULT]\ns3 =\n  y\n[a]\n", 3, .noValue),
        ("[a]\rk\r", 2, .noValue),
        ("[a]\ns3 =\n  y\n[a]\n", 3, .noValue), ("[a]\n[a]\ns3 =\n  y\n", 2, .sectionTwice),
    ])
    func `the first line that botocore refuses is named`(file: String, line: Int, kind: INIError.Kind) {
        #expect(INIDocument(Array(file.utf8)).error == INIError(line: line, kind))
    }

    @Test(
        arguments: [
            ([0x23, 0xFF], INIError.Kind.notUTF8), ([0xFF, 0xFE, 0x5B, 0x00], .utf16),
            ([0xFE, 0xFF, 0x00, 0x5B], .utf16),
        ] as [([UInt8], INIError.Kind)]
    )
    func `bytes that are no UTF-8 are recognized`(bytes: [UInt8], kind: INIError.Kind) {
        #expect(INIDocument(bytes).error == INIError(line: nil, kind))
    }

    @Test(.timeLimit(.minutes(5)), arguments: [(300_000, 0), (100_000, 100_000), (1, 300_000)])
    func `a file of a hundred thousand sections is read in time`(sections: Int, defaults: Int) {
        let common = (0..<defaults).map { "a\($0)=\n" }.joined()
        let text = "[DEFAULT]\n" + common + (0..<sections).map { "[\($0)]\n" }.joined()
        let document = INIDocument(Array(text.utf8))
        #expect(document.sections.count == sections)
        #expect((document.sections.last?["a7"] != nil) == (defaults > 0))
    }

    @Test func `a block of a hundred thousand lines, and a line of a million signs, are read in time`() {
        let block = "[a]\ns3 =\n" + (0..<100_000).map { "  k\($0) = v\n" }.joined()
        guard case .nested(let nested) = INIDocument(Array(block.utf8)).sections[0]["s3"]?.value else {
            Issue.record("no block")
            return
        }
        #expect(nested.count == 100_000)
        let line = String(repeating: "[", count: 1_000_000)
        #expect(INIDocument(Array(line.utf8)).error == INIError(line: 1, .noSection))
    }

    @Test(arguments: [
        ("a b  c", ["a", "b", "c"]), ("'a b' \"c d\"", ["a b", "c d"]),
        (#"a\ b "c\"d\e" '\f'"#, ["a b", #"c"d\e"#, #"\f"#]),
        ("''", [""]), ("a''b", ["ab"]), ("", []), ("# a", ["#", "a"]), ("~/x $HOME", ["~/x", "$HOME"]),
    ])
    func `commands are split as a shell would`(text: String, words: [String]) throws {
        #expect(try ShellWords.split(text) == words)
    }

    @Test(arguments: ["'a", "\"a", "a\\"])
    func `a command that ends inside quotes is refused`(text: String) {
        #expect(throws: ShellWords.ParseError.self) { try ShellWords.split(text) }
    }
}
