import INIParser
import TestSupport
import Testing

/// Changes to files that leave every other byte as it is.
struct INIEditTests {
    private static let parts = [
        "[default]", "[profile a b]", "region = us-east-1", "  nested = 1", "# comment", "; comment", "", "   ", "key",
        "[broken", "]", "k = %(x)s 100%", "[a]", "[DEFAULT]", "ключ = 鍵", "\u{FEFF}", "=", "s3 =", "\u{A0}", "[ ]",
        "[a]b]",
    ]

    /// A file of those parts, with each kind of line end or with several, the last cut off or not.
    private static func file(_ generator: inout SeededGenerator) -> [UInt8] {
        let ends = [["\n"], ["\r\n"], ["\r"], ["\n", "\r\n", "\r"]].randomElement(using: &generator) ?? []
        var lines = (0..<Int.random(in: 0...10, using: &generator)).flatMap { _ in
            [parts.randomElement(using: &generator), ends.randomElement(using: &generator)].compactMap(\.self)
        }
        if Bool.random(using: &generator) { _ = lines.popLast() }
        return Array(lines.joined().utf8)
    }

    @Test(arguments: 0..<400)
    func `what is appended and removed leaves the file as it was`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let before = Self.file(&generator)
        let document = INIDocument(before)
        let (content, added) = document.appending("[profile x]" + document.lineEnd + "k = v" + document.lineEnd)
        #expect(content.starts(with: before))
        let after = INIDocument(content)
        #expect(after.sections.last?.name == "profile x")
        #expect(after.sections.count == document.sections.count + 1)
        let place = content.range(of: added)
        #expect(place == before.count..<content.count)
        #expect(place.map { after.removing($0).bytes } == before)
    }

    @Test(arguments: 0..<400)
    func `a section that is replaced and put back leaves the file as it was`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let document = INIDocument(Self.file(&generator))
        guard let section = document.sections.randomElement(using: &generator) else { return }
        let text = "[profile x]" + document.lineEnd + "k = v" + document.lineEnd
        let content = document.replacing(section.range, with: text.utf8)
        let former = Array(document.bytes[section.range])
        let place = try #require(content.range(of: text))
        #expect(INIDocument(content).removing(place, puttingBack: former).bytes == document.bytes)
    }

    @Test(arguments: 0..<400)
    func `lines and sections cover the file without a gap or an overlap`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let document = INIDocument(Self.file(&generator))
        #expect(Array(document.bytes[...].lines.joined()) == document.bytes)
        for (section, next) in zip(document.sections, document.sections.dropFirst()) {
            #expect(section.range.upperBound <= next.range.lowerBound)
        }
        for section in document.sections {
            for option in section.options.values {
                #expect(section.range.lowerBound < option.range.lowerBound)
                #expect(option.range.upperBound <= section.range.upperBound)
            }
        }
    }

    @Test(arguments: [
        ("", "\n"), ("a", "\n"), ("a\n", "\n"), ("a\r\nb\n", "\r\n"), ("a\rb\n", "\r"), ("a\r", "\r"), ("\n\r", "\n"),
    ])
    func `a file's line end is that of its first line`(file: String, end: String) {
        #expect(Array(INIDocument(Array(file.utf8)).lineEnd.utf8) == Array(end.utf8))
    }

    @Test func `a line end is put where the text before had none, and only there`() {
        let document = INIDocument(Array("[a]\r[b]\rk = v".utf8))
        #expect(document.removing(4..<8).bytes == Array("[a]\rk = v".utf8))
        let joined = document.removing(4..<8, puttingBack: Array("x = y".utf8))
        #expect(joined.bytes == Array("[a]\rx = y\rk = v".utf8))
        #expect(joined.joint == 9..<10)
    }

    @Test(arguments: [(0, true), (1, false), (3, false), (4, false), (5, true), (6, true), (7, false), (8, true)])
    func `a place amid CR LF begins no line`(place: Int, begins: Bool) {
        #expect(INIDocument(Array("[a]\r\n\rb\n".utf8)).beginsLine(at: place) == begins)
    }
}
