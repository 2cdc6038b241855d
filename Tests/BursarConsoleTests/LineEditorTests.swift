import Testing

@testable import BursarConsole

struct LineEditorTests {
    @Test(arguments: [
        ("key\r", "key"), ("key\n", "key"), ("kez\u{7F}y\r", "key"), ("old\u{15}key\r", "key"), ("é\u{8}e\r", "e"),
        ("\u{7F}\r", ""), ("key\u{4}", "key"),
    ])
    func `keys edit the line until it ends`(typed: String, line: String) throws {
        var result = LineEditor(limit: 10)
        let ends = try typed.utf8.map { try result.take($0) }
        #expect(ends.last == true)
        #expect(ends.dropLast().allSatisfy { !$0 })
        #expect(result.bytes == Array(line.utf8))
    }

    @Test(arguments: ["ab\u{3}", "\u{4}"])
    func `stopping is an error`(typed: String) {
        var line = LineEditor(limit: 10)
        #expect(throws: UserFacingError.self) {
            for byte in typed.utf8 { _ = try line.take(byte) }
        }
    }

    @Test func `a line has a limit`() throws {
        var line = LineEditor(limit: 1)
        _ = try line.take(0x61)
        #expect(throws: UserFacingError.self) { _ = try line.take(0x61) }
    }
}
