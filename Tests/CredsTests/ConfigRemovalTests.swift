import TestSupport
import Testing

@testable import creds

struct ConfigRemovalTests {
    let before = "[default]\nregion = x"
    let edit: ConfigEdit

    init() throws {
        edit = try ConfigEdit.install(ConfigEditTests.entry, in: Array(before.utf8), record: nil, replaces: false)
    }

    @Test func `what others added after our section stays, on a line of its own`() {
        let removal = remove(from: edit.content + Array("[profile b]\nregion = y\n".utf8))
        #expect(removal.text == before + "\n[profile b]\nregion = y\n")
        #expect(removal.outcome == .whole)
    }

    @Test func `an option that was added to Bursar's section stays, with a note`() {
        let file = text.replacing("process --profile temp-bedrock\n", with: "process --profile temp-bedrock\n")
            .replacing("[profile temp-bedrock]\n", with: "[profile temp-bedrock]\noutput = json\n")
        let removal = remove(from: Array(file.utf8))
        #expect(removal.text == before + "\n\n[profile temp-bedrock]\noutput = json\n")
        #expect(removal.outcome == .partly)
    }

    @Test(arguments: [
        "region = us-west-2\n", "\n# mine\nregion = us-west-2\n", "  more = of the command\n",
    ])
    func `lines that were added below Bursar's section never join the one above`(lines: String) {
        let removal = remove(from: edit.content + Array(lines.utf8))
        #expect(removal.text == before + "\n\n[profile temp-bedrock]\n" + lines)
        #expect(removal.outcome == .partly)
    }

    @Test func `a section of Bursar's that was moved is taken out whole`() {
        let removal = remove(from: Array((ConfigEditTests.section + "[default]\nregion = x\n").utf8))
        #expect(removal.text == "[default]\nregion = x\n")
        #expect(removal.outcome == .partly)
    }

    @Test(arguments: [
        "", "[default]\nregion = x\n", "[profile temp-bedrock]\nrole_arn = y\n",
        "# [profile temp-bedrock]\n# credential_process = /bin/creds process --profile temp-bedrock\n",
        ConfigEditTests.section + ConfigEditTests.section.replacing("=", with: " = "),
    ])
    func `a file without our lines, or with more than one such section, stays`(file: String) {
        let removal = remove(from: Array(file.utf8))
        #expect(removal.text == file)
        #expect(removal.outcome == .nothingFound)
    }

    /// Every file made of these parts, in any order, with each line end, and with or without the last one.
    @Test(arguments: 0..<300)
    func `uninstalling what was installed leaves the file as it was`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let parts = [
            "[default]\n", "[profile a b]\n", "region = us-east-1\n", "  nested = 1\n", "# comment\n", "; comment\n",
            "\n", "   \n", "key\n", "[broken\n", "]\n", "k = %(x)s 100%\n", "[profile temp-bedrock2]\n", "ключ = 鍵\n",
            "credential_process = /bin/creds process --profile temp-bedrock\n", "[a]\n", "\u{FEFF}", "=\n",
        ]
        var file = (0..<Int.random(in: 0...12, using: &generator))
            .compactMap { _ in parts.randomElement(using: &generator) }.joined()
        file = [file, file.withCRLF, file.withCR, file.withMixedEnds].randomElement(using: &generator) ?? file
        if Bool.random(using: &generator), file.last?.isNewline == true { file.removeLast() }
        let edit = try ConfigEdit.install(
            ConfigEditTests.entry,
            in: Array(file.utf8),
            record: nil,
            replaces: false
        )
        #expect(edit.content.starts(with: Array(file.utf8)))
        #expect(remove(from: edit.content, edit.record).text == file)
    }

    private var text: String { String(decoding: edit.content, as: UTF8.self) }

    private func remove(from bytes: [UInt8], _ record: ConfigRecord? = nil) -> ConfigRemoval {
        ConfigRemoval(of: .standard, from: bytes, record: record ?? edit.record)
    }
}

extension ConfigRemoval {
    fileprivate var text: String { String(decoding: content, as: UTF8.self) }
}
