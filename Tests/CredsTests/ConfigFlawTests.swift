import Testing

@testable import creds

struct ConfigFlawTests {
    @Test(arguments: [
        ("k = v\n", 1, ConfigFlaw.Kind.noSection),
        ("# c\n\n  k = v\n[a]\n", 3, .noSection),
        ("\u{FEFF}[a]\n", 1, .noSection),
        ("[]\n", 1, .noSection),
        ("[a]\nk = 1\n[b]\n[a]\n", 4, .sectionTwice),
        ("[a]\r\n\r\n[a] # more\r\n", 3, .sectionTwice),
        ("[a]\nk = 1\nK: 2\n", 3, .optionTwice),
        ("[DEFAULT]\nk = 1\n[DEFAULT]\nk = 2\n", 4, .optionTwice),
        ("[a]\nk\n", 2, .noValue),
        ("[a]\n= v\n", 2, .noValue),
        ("[a]\n\u{FEFF}[b]\n", 2, .noValue),
        ("[a]\ns3 =\n  x = 1\n  y\n", 4, .noValue),
        ("[a]\rk\r", 2, .noValue),
    ])
    func `the first line that botocore refuses is found`(file: String, line: Int, kind: ConfigFlaw.Kind) {
        #expect(ConfigFlaw.first(in: Array(file.utf8)) == ConfigFlaw(line: line, kind: kind))
    }

    @Test(arguments: [
        "", "# c\n", "[a]\nk = 1\n[b]\nk = 1\n", "[DEFAULT]\n[DEFAULT]\n", "[a]\n[a ]\n",
        "[default]\n[profile default]\n",
        "[a]\nk = v\n  more\n\n  [a]\n", "[a]\ns3 =\n  x = 1\n  # y\n", "[a]\nk =\n", "[a]\n\u{A0}\n",
        "[a]\ncafe\u{301} = 1\ncafé = 2\n",
    ])
    func `what botocore reads is no flaw`(file: String) {
        #expect(ConfigFlaw.first(in: Array(file.utf8)) == nil)
    }

    @Test func `a file has to be UTF-8`() {
        #expect(ConfigFlaw.first(in: [0x23, 0xFF]) == ConfigFlaw(line: nil, kind: .notUTF8))
    }
}
