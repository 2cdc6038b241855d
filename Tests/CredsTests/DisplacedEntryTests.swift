import INIParser
import SystemPackage
import TestSupport
import Testing

@testable import creds

/// An older helper's entry in `~/.aws/credentials`: found, removed and restored.
struct DisplacedEntryTests {
    static let entry = "[temp-bedrock]\ncredential_process = /old/helper.py\n"

    @Test(arguments: [
        entry, "[a]\nk = v\n\n" + entry, "[temp-bedrock]\r\nregion = x\r\nCredential_Process: /old\r\n",
    ])
    func `an entry with nothing but a program is an older helper's`(file: String) {
        #expect(ConflictingEntry(over: .standard, in: document(file))?.kind == .helper)
    }

    @Test(arguments: [
        "aws_access_key_id = AKIA\n", "credential_process = /old\naws_secret_access_key = x\n", "role_arn = y\n",
    ])
    func `keys and roles are not`(lines: String) {
        #expect(ConflictingEntry(over: .standard, in: document("[temp-bedrock]\n" + lines))?.kind == .keys)
    }

    @Test(arguments: [
        "", "[temp-bedrock]\nregion = x\n", "[temp-bedrock2]\ncredential_process = x\n", "# \(entry)",
        "[profile temp-bedrock]\ncredential_process = x\n", "[a]\nk = v\n  \(entry)",
    ])
    func `what wouldn't win is nobody's`(file: String) {
        #expect(ConflictingEntry(over: .standard, in: document(file)) == nil)
    }

    @Test(arguments: [
        ("aws_access_key_id = AKIA\n", ["aws_access_key_id"]), ("credential_process = /old\n", ["credential_process"]),
        ("role_arn = x\nsource_profile = y\n", ["role_arn"]),
        ("sso_account_id = 1\nsso_role_name = R\n", ["sso_account_id", "sso_role_name"]),
    ])
    func `what [DEFAULT] says wins where the file has a section of the name`(lines: String, names: [String]) {
        let file = "[DEFAULT]\n\(lines)[temp-bedrock]\nregion = x\n"
        guard case .defaults(let defaults) = ConflictingEntry(over: .standard, in: document(file))?.kind else {
            Issue.record("\(file)")
            return
        }
        #expect(defaults.names == names)
        #expect(defaults.line == 2)
        #expect(ConflictingEntry(over: .standard, in: document("[DEFAULT]\n\(lines)[other]\n")) == nil)
    }

    @Test(arguments: [
        ("[temp-bedrock]\nregion = eu-west-1\n", "us-east-1", "[temp-bedrock]"),
        ("[DEFAULT]\nregion = eu-west-1\n[temp-bedrock]\n", "us-east-1", "[DEFAULT]"),
        ("[temp-bedrock]\rregion = eu-west-1\r", "us-east-1", "[temp-bedrock]"),
        ("[temp-bedrock]\nregion = us-east-1\n", "us-east-1", nil), ("[temp-bedrock]\nregion = x\n", nil, nil),
        ("[DEFAULT]\nregion = eu-west-1\n[other]\n", "us-east-1", nil), ("[temp-bedrock]\n", "us-east-1", nil),
    ])
    func `a region in the credentials file wins over another`(file: String, ours: String?, section: String?) {
        let rival = ConflictingRegion(over: ours, of: .standard, in: document(file))
        #expect(rival?.section == section)
        #expect(rival?.line == section.map { _ in 2 })
    }

    /// The rest of the file.
    @Test(arguments: [
        (entry, ""), ("[a]\nk = v\n\n\(entry)\n# end\n[b]\n", "[a]\nk = v\n\n\n# end\n[b]\n"),
        ("[temp-bedrock]\nk = x\n\(entry.dropFirst(15))  more\noutput = y", "[temp-bedrock]\nk = x\noutput = y"),
    ])
    func `no other line is taken`(file: String, rest: String) throws {
        let (entry, left) = try take(from: file)
        #expect(left == rest)
        #expect(putBack(entry, rest) == file)
    }

    /// A later change to the file, and the file with the entry restored.
    @Test(arguments: [
        ("[b]\n[a]\n", "[b]\n[a]\n\(entry)"),
        ("[a]\n[c]\n", "[a]\n\(entry)[c]\n"),
        ("[new]\n[a]\nk = 2\n[b]\n", "[new]\n[a]\nk = 2\n\(entry)[b]\n"),
        ("[a]\nk = 1\n[b]\nk = 3\n", "[a]\nk = 1\n[b]\nk = 3\n\(entry)"),
        ("[a]\n  k = 2", "[a]\n  k = 2\n\(entry)"), ("", entry),
        ("[a]\n[temp-bedrock]\naws_access_key_id = x\n", "[a]\n[temp-bedrock]\naws_access_key_id = x\n"),
        ("[a]\n\(entry)", "[a]\n\(entry)"),
    ])
    func `whatever else was changed stays, and the entry is no other section's`(now: String, after: String) throws {
        let (entry, _) = try take(from: "[a]\n\(Self.entry)[b]\n")
        #expect(putBack(entry, now) == after)
    }

    @Test(arguments: [
        ("[temp-bedrock]\noutput = y\n", "[temp-bedrock]\noutput = y\ncredential_process = /old\n"),
        ("[temp-bedrock]", "[temp-bedrock]\ncredential_process = /old\n"),
        ("[a]\n", "[a]\n[temp-bedrock]\ncredential_process = /old\n"),
        ("[a]", "[a]\n[temp-bedrock]\ncredential_process = /old\n"),
    ])
    func `an option goes back into its section`(now: String, after: String) throws {
        let (entry, left) = try take(from: "[temp-bedrock]\nregion = x\ncredential_process = /old\n")
        #expect(left == "[temp-bedrock]\nregion = x\n")
        #expect(putBack(entry, now) == after)
    }

    /// Every file made of these parts around the entry, with each line end, and with or without the last one.
    @Test(arguments: 0..<200)
    func `what was taken and put back leaves the file as it was`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let parts = [
            "[default]\n", "k = 1\n", "  nested\n", "# comment\n", "\n", "  \n", "[b]\n", "鍵 = é\n", "[temp\n",
        ]
        let makeText = {
            (0..<Int.random(in: 0...5, using: &generator))
                .compactMap { _ in parts.randomElement(using: &generator) }.joined()
        }
        var file = "[a]\n" + makeText() + Self.entry + makeText()
        file = [file, file.withCRLF, file.withCR, file.withMixedEnds].randomElement(using: &generator) ?? file
        if Bool.random(using: &generator) { file.removeLast() }
        guard ConflictingEntry(over: .standard, in: document(file)) != nil else { return }
        let (entry, left) = try take(from: file)
        #expect(left.utf8.count < file.utf8.count)
        #expect(ConflictingEntry(over: .standard, in: document(left)) == nil)
        #expect(putBack(entry, left) == file)
    }

    private func document(_ file: String) -> INIDocument {
        INIDocument(Array(file.utf8))
    }

    private func take(from file: String) throws -> (DisplacedEntry, left: String) {
        let rival = try #require(ConflictingEntry(over: .standard, in: document(file)))
        let takeOver = LegacyHelperMigration(rival, of: document(file), file: "/credentials")
        return (takeOver.entry, String(decoding: takeOver.after, as: UTF8.self))
    }

    private func putBack(_ entry: DisplacedEntry, _ file: String) -> String {
        String(decoding: entry.putBack(into: Array(file.utf8), for: .standard), as: UTF8.self)
    }
}
