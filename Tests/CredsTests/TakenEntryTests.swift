import SystemPackage
import Testing

@testable import creds

/// An older helper's entry in `~/.aws/credentials`: found, taken out, and put back.
struct TakenEntryTests {
    static let entry = "[temp-bedrock]\ncredential_process = /old/helper.py\n"

    @Test(arguments: [
        entry, "[a]\nk = v\n\n" + entry, "[temp-bedrock]\r\nregion = x\r\nCredential_Process: /old\r\n",
    ])
    func `an entry with nothing but a program is an older helper's`(file: String) {
        #expect(RivalEntry(over: .standard, in: document(file))?.kind == .helper)
    }

    @Test(arguments: [
        "aws_access_key_id = AKIA\n", "credential_process = /old\naws_secret_access_key = x\n", "role_arn = y\n",
    ])
    func `keys and roles are not`(lines: String) {
        #expect(RivalEntry(over: .standard, in: document("[temp-bedrock]\n" + lines))?.kind == .keys)
    }

    @Test(arguments: [
        "", "[temp-bedrock]\nregion = x\n", "[temp-bedrock2]\ncredential_process = x\n", "# \(entry)",
        "[profile temp-bedrock]\ncredential_process = x\n", "[a]\nk = v\n  \(entry)",
    ])
    func `what wouldn't win is nobody's`(file: String) {
        #expect(RivalEntry(over: .standard, in: document(file)) == nil)
    }

    /// What is left of the file.
    @Test(arguments: [
        (entry, ""), ("[a]\nk = v\n\n\(entry)\n# end\n[b]\n", "[a]\nk = v\n\n\n# end\n[b]\n"),
        ("[temp-bedrock]\nk = x\n\(entry.dropFirst(15))  more\noutput = y", "[temp-bedrock]\nk = x\noutput = y"),
    ])
    func `no other line is taken`(file: String, rest: String) throws {
        let (entry, left) = try take(from: file)
        #expect(left == rest)
        #expect(putBack(entry, rest) == file)
    }

    /// How the file was changed since, and what it is with the entry in it again.
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

    /// Every file that these parts make around the entry, with each line end, the last cut off or not.
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
        if Bool.random(using: &generator) { file = file.withCRLF }
        if Bool.random(using: &generator) { file.removeLast() }
        guard RivalEntry(over: .standard, in: document(file)) != nil else { return }
        let (entry, left) = try take(from: file)
        #expect(left.utf8.count < file.utf8.count)
        #expect(RivalEntry(over: .standard, in: document(left)) == nil)
        #expect(putBack(entry, left) == file)
    }

    private func document(_ file: String) -> INIDocument {
        INIDocument(Array(file.utf8))
    }

    private func take(from file: String) throws -> (TakenEntry, left: String) {
        let rival = try #require(RivalEntry(over: .standard, in: document(file)))
        let takeOver = TakeOver(rival, of: Array(file.utf8), file: "/credentials")
        return (takeOver.entry, String(decoding: takeOver.after, as: UTF8.self))
    }

    private func putBack(_ entry: TakenEntry, _ file: String) -> String {
        String(decoding: entry.putBack(into: Array(file.utf8), for: .standard), as: UTF8.self)
    }
}
