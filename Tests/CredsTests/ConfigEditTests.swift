import Testing

@testable import creds

struct ConfigEditTests {
    static let entry = ProfileEntry(name: .standard, command: "/bin/creds process --profile temp-bedrock", region: nil)
    static let section = """
        [profile temp-bedrock]
        credential_process = /bin/creds process --profile temp-bedrock

        """

    /// Typical files, and the text that an install adds to each.
    static let additions: [(before: String, added: String)] = [
        ("", section),
        ("[default]\nregion = us-east-1\n", "\n" + section),
        ("[default]\nregion = us-east-1", "\n\n" + section),
        ("[default]\r\nregion = x\r\n", "\r\n" + section.withCRLF),
        ("[default]\r\nregion = x", "\r\n\r\n" + section.withCRLF),
        ("[default]\rregion = x\r", "\r" + section.withCR),
        ("[default]\rregion = x", "\r\r" + section.withCR),
        ("[default]\nregion = x\r", "\n" + section),
        ("[DEFAULT]\nregion = x\naws_access_key_id = y\nsource_profile = z\n", "\n" + section),
        ("# comment only\n", "\n" + section),
        ("; comment with no line end", "\n\n" + section),
        ("\n\n\n", "\n" + section),
        ("[default]\nx = 100%\n%(y)s = z\n", "\n" + section),
        ("[profile élève]\nregion = 東京\n", "\n" + section),
        ("\u{FEFF}[default]\nregion = x\n", "\n" + section),
        ("[a]\nk=1\n[a]\nk=2\n", "\n" + section),
        ("[profile temp-bedrock-2]\nregion = x\n", "\n" + section),
        ("# [profile temp-bedrock]\n# credential_process = x\n", "\n" + section),
        ("[sso-session temp-bedrock]\nsso_region = x\n", "\n" + section),
        ("[temp-bedrock]\nregion = x\n", "\n" + section),
        ("[default]\ns3 =\n  max_queue_size = 1\n  [profile temp-bedrock] = 2\n", "\n" + section),
    ]

    @Test(arguments: additions)
    func `a section is added at the end, and nothing else changes`(before: String, added: String) throws {
        let edit = try ConfigEdit.install(Self.entry, in: Array(before.utf8), record: nil, replaces: false)
        #expect(String(decoding: edit.content, as: UTF8.self) == before + added)
        let removal = ConfigRemoval(of: .standard, from: edit.content, record: edit.record)
        #expect(removal.content == Array(before.utf8))
        #expect(removal.outcome == .whole)
    }

    @Test func `bytes that aren't UTF-8 stay`() throws {
        let before: [UInt8] = Array("# ".utf8) + [0xFF, 0xFE, 0x0A]
        let edit = try ConfigEdit.install(Self.entry, in: before, record: nil, replaces: false)
        #expect(edit.content.starts(with: before))
        #expect(ConfigRemoval(of: .standard, from: edit.content, record: edit.record).content == before)
    }

    @Test(arguments: [
        section,
        "[profile temp-bedrock]\noutput = json\nCredential_Process=/bin/creds process --profile temp-bedrock\n",
        "[profile \"temp-bedrock\"]\ncredential_process : /bin/creds process --profile temp-bedrock\nregion = x\n",
        "[profile   temp-bedrock] # mine\n  credential_process = /bin/creds process --profile temp-bedrock\n",
    ])
    func `what says the same already stays as it is`(file: String) throws {
        let edit = try ConfigEdit.install(Self.entry, in: Array(file.utf8), record: nil, replaces: false)
        #expect(edit.content == Array(file.utf8))
    }

    @Test(arguments: [
        "[profile temp-bedrock]\nregion = us-east-1\n",
        "[profile temp-bedrock]\ncredential_process = /other\n",
        "[profile 'temp-bedrock']\nrole_arn = x\n",
        "[ profile temp-bedrock ]\n", "[profiles temp-bedrock]\nregion = x\n",
        "[default]\r[profile temp-bedrock]\rregion = eu-west-1\r",
        section + "role_arn = arn:aws:iam::1:role/x\n",
    ])
    func `a section with other contents is refused`(file: String) {
        #expect(throws: ConfigEdit.EditError.otherContents) {
            try ConfigEdit.install(Self.entry, in: Array(file.utf8), record: nil, replaces: false)
        }
    }

    @Test(arguments: [true, false])
    func `a section that is there twice is refused, also to be replaced`(replaces: Bool) {
        let file = Array((Self.section + Self.section).utf8)
        #expect(throws: ConfigEdit.EditError.duplicateSection) {
            try ConfigEdit.install(Self.entry, in: file, record: nil, replaces: replaces)
        }
    }

    @Test func `replacing puts the section where the other was, and uninstalling puts the other back`() throws {
        let other = "[profile temp-bedrock]\naws_access_key_id = x\n  # inside\nregion = y\n"
        let before = "[default]\n\n\(other)\n# about b\n[profile b]\nregion = z"
        let edit = try ConfigEdit.install(Self.entry, in: Array(before.utf8), record: nil, replaces: true)
        #expect(
            String(decoding: edit.content, as: UTF8.self)
                == "[default]\n\n\(Self.section)\n# about b\n[profile b]\nregion = z"
        )
        let removal = ConfigRemoval(of: .standard, from: edit.content, record: edit.record)
        #expect(removal.content == Array(before.utf8))
        #expect(removal.outcome == .whole)
    }

    @Test func `Bursar's own section is written again without a question, and still comes out whole`() throws {
        let before = Array("[default]\nregion = x".utf8)
        let first = try ConfigEdit.install(Self.entry, in: before, record: nil, replaces: false)
        let moved = ProfileEntry(name: .standard, command: "/opt/creds process", region: "us-west-2")
        let second = try ConfigEdit.install(moved, in: first.content, record: first.record, replaces: false)
        #expect(String(decoding: second.content, as: UTF8.self).contains("credential_process = /opt/creds process\n"))
        #expect(ConfigRemoval(of: .standard, from: second.content, record: second.record).content == before)
    }

    @Test func `another region is another content`() {
        let file = Array("[profile temp-bedrock]\ncredential_process = \(Self.entry.command)\nregion = a\n".utf8)
        let entry = ProfileEntry(name: .standard, command: Self.entry.command, region: "b")
        #expect(throws: ConfigEdit.EditError.otherContents) {
            try ConfigEdit.install(entry, in: file, record: nil, replaces: false)
        }
    }

    /// AWSFilesTests tests the effect of each on botocore.
    @Test(arguments: [
        ("sso_account_id = 1\nsso_role_name = R\n", ["sso_account_id", "sso_role_name"]),
        ("role_arn = x\nsource_profile = y\n", ["role_arn"]),
        ("web_identity_token_file = x\n", ["web_identity_token_file"]),
        ("login_session = x\n", ["login_session"]),
    ])
    func `[DEFAULT] that would win over Bursar's section is refused, whatever may be replaced`(
        lines: String,
        names: [String]
    )
        throws
    {
        for replaces in [true, false] {
            for file in [
                "[DEFAULT]\n\(lines)", "[a]\n[DEFAULT]\n\(lines)[b]\n", "[DEFAULT]\n\(lines)[profile temp-bedrock]\n",
            ] {
                let refusal = #expect(throws: ConfigEdit.EditError.self) {
                    try ConfigEdit.install(Self.entry, in: Array(file.utf8), record: nil, replaces: replaces)
                }
                guard case .defaultsWin(let defaults) = refusal else {
                    #expect(refusal == .otherContents && !replaces, "\(file)")
                    continue
                }
                #expect(defaults.names == names)
                #expect(defaults.line == (file.hasPrefix("[a]") ? 3 : 2))
            }
        }
    }

    @Test(arguments: ["[default]\nregion = x\n", "[profile default]\nregion = x\n"])
    func `both spellings of the default profile are seen`(file: String) throws {
        let entry = ProfileEntry(name: try ProfileName(parsing: "default"), command: "/bin/creds", region: nil)
        #expect(throws: ConfigEdit.EditError.otherContents) {
            try ConfigEdit.install(entry, in: Array(file.utf8), record: nil, replaces: false)
        }
        let edit = try ConfigEdit.install(entry, in: [], record: nil, replaces: false)
        #expect(edit.content.starts(with: Array("[default]\n".utf8)))
    }
}

extension String {
    var withCRLF: String {
        split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
    }

    /// The text with the line ends of old Mac programs, and of some of today that copy from them.
    var withCR: String {
        split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r")
    }

    /// The text with line ends of all three kinds.
    var withMixedEnds: String {
        let ends = ["\n", "\r", "\r\n"]
        return split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .reduce(into: "") { $0 += ($1.offset == 0 ? "" : ends[$1.offset % 3]) + $1.element }
    }
}
