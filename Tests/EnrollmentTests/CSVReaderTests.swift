import Testing

@testable import Enrollment

/// RFC 4180, strictly.
@Suite struct CSVReaderTests {
    private func rows(_ text: String) throws(CSVError) -> [[String]] {
        try CSVReader.rows(of: Array(text.utf8), limit: 10).map { $0.map(\.text) }
    }

    @Test(arguments: [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]), ("\u{FEFF}a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
        ("\u{FEFF}\"a\",b\n\"1\",2\n", [["a", "b"], ["1", "2"]]),
        ("a,b\r\n\r\n1,2\r\n,\r\n", [["a", "b"], ["1", "2"]]),
        ("a,b\n\"say \"\"hi\"\", ok\",2", [["a", "b"], ["say \"hi\", ok", "2"]]),
        ("a,b\n\"one\r\ntwo\",2", [["a", "b"], ["one\r\ntwo", "2"]]), ("a,b\n1,", [["a", "b"], ["1", ""]]),
        ("a,b\n\"\",x", [["a", "b"], ["", "x"]]), ("a,b\n1,\u{301}x", [["a", "b"], ["1", "\u{301}x"]]), ("", []),
        ("a\n日本", [["a"], ["日本"]]), ("a;b\n1,5;2", [["a", "b"], ["1,5", "2"]]),
        ("a\tb\n1\t\n", [["a", "b"], ["1", ""]]),
        ("sep=;\r\na;b\r\n1;2\r\n", [["a", "b"], ["1", "2"]]),
        ("SEP=,\na,b\n1,2", [["a", "b"], ["1", "2"]]),
        ("a,b,,\n1,2,,\n3,4\n", [["a", "b"], ["1", "2"], ["3", "4"]]),
        ("\"a;x\",b\n1,2", [["a;x", "b"], ["1", "2"]]),
    ])
    func `fields are read as they were written`(_ text: String, _ expected: [[String]]) throws {
        #expect(try rows(text) == expected)
    }

    @Test(arguments: [
        ("a,b\n1,\"open\n2,3\n", 2, "a quote that is never closed"), ("a,b\n1,x\"y\n", 2, "a quote in the middle"),
        ("a,b\n\"1\"2,3\n", 2, "something behind the quote"), ("a,b\n1\n", 2, "1 fields where the first line has 2"),
        ("a\n1,2,3\n", 2, "3 fields where"), ("a,b\r1,2\r", 1, "neither LF nor CRLF"),
        ("a,b;c\n", 1, "more than one of comma, semicolon and tab"), ("sep=|\na|b", 1, "none of , ; and tab"),
        ("a,b,,\n1,2,3,\n", 2, "3 fields where the first line has 2"), ("sep=;\na;b\n1\n", 3, "1 fields where"),
        ("a,b\n\"x\ny\",\"z\"q\n", 3, "something behind the quote"), ("a\u{0}b", 1, "not UTF-8"),
    ])
    func `what could be meant in two ways is refused with its line`(_ text: String, _ line: Int, _ problem: String) {
        do throws(CSVError) {
            Issue.record("read as \(try rows(text))")
        } catch {
            #expect(error.line == line)
            #expect(error.problem.contains(problem))
        }
    }

    @Test(arguments: [[0xFF, 0xFE, 0x61, 0x00], [0x61, 0x2C, 0xE9, 0x0A]] as [[UInt8]])
    func `other encodings are refused`(_ bytes: [UInt8]) {
        #expect(throws: CSVError.self) { try CSVReader.rows(of: bytes, limit: 10) }
    }

    @Test func `rows, columns and fields have a limit`() throws {
        #expect(try rows(String(repeating: "a\n", count: 10)).count == 10)
        #expect(throws: CSVError.self) { try rows(String(repeating: "a\n", count: 11)) }
        #expect(throws: CSVError.self) { try rows(String(repeating: "a,", count: 64)) }
        #expect(throws: CSVError.self) { try rows(String(repeating: "a", count: 20_000)) }
    }

    @Test func `lines are counted through quoted line ends`() throws {
        let rows = try CSVReader.rows(of: Array("a,b\n\"x\ny\",z\n1,2".utf8), limit: 10)
        #expect(rows.map { $0.map(\.line) } == [[1, 1], [2, 3], [4, 4]])
    }
}
