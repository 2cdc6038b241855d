import BursarModel
import Testing

@Suite struct ResearcherKeyTests {
    /// A generator whose numbers are known.
    private struct Counting: RandomNumberGenerator {
        var state: UInt64 = 0

        mutating func next() -> UInt64 {
            state += 1
            return state &* 0x9E37_79B9_7F4A_7C15
        }
    }

    @Test func `a key reads back as it was made`() throws {
        var random = SystemRandomNumberGenerator()
        let key = ResearcherKey(using: &random)
        let parsed = try ResearcherKey(parsing: key.text.reveal())
        #expect(parsed.id == key.id)
        #expect(parsed.text.reveal() == key.text.reveal())
    }

    @Test func `a key has the form that secret scanners look for`() throws {
        var random = SystemRandomNumberGenerator()
        let text = ResearcherKey(using: &random).text.reveal()
        #expect(text.wholeMatch(of: /bursar_[0-9a-hjkmnp-tv-z]{12}_[0-9A-Za-z]{49}/) != nil)
        #expect(text.utf8.count == ResearcherKey.length)
    }

    @Test func `the same random numbers make the same key`() {
        var one = Counting()
        var other = Counting()
        #expect(ResearcherKey(using: &one).text.reveal() == ResearcherKey(using: &other).text.reveal())
    }

    @Test func `white space around a pasted key is not part of it`() throws {
        var random = SystemRandomNumberGenerator()
        let key = ResearcherKey(using: &random)
        #expect(try ResearcherKey(parsing: " \t\(key.text.reveal())\r\n").id == key.id)
    }

    @Test func `any single wrong character differs from a wrong key`() throws {
        var random = Counting()
        let text = Array(ResearcherKey(using: &random).text.reveal())
        for index in text.indices.dropFirst(20) {
            var mistyped = text
            mistyped[index] = mistyped[index] == "7" ? "8" : "7"
            #expect(throws: ResearcherKey.ParseError.mistyped) { try ResearcherKey(parsing: String(mistyped)) }
        }
    }

    @Test(arguments: [
        "", "bursar", "bursar__", "AKIAIOSFODNN7EXAMPLE",
        "bursar_7c3kq9x2mzpa_", "bursar_7c3kq9x2mzpa_abc",
        "bursar_7C3KQ9X2MZPA_" + String(repeating: "a", count: 49),
        "bursar_ilouilouilou_" + String(repeating: "a", count: 49),
        "vault__7c3kq9x2mzpa_" + String(repeating: "a", count: 49),
        "bursar_7c3kq9x2mzpa_" + String(repeating: "é", count: 24) + "a",
        "bursar_7c3kq9x2mzpa_" + String(repeating: "a", count: 4_900),
    ])
    func `what isn't a key is refused as such`(_ text: String) {
        #expect(throws: ResearcherKey.ParseError.notAKey) { try ResearcherKey(parsing: text) }
    }

    @Test(arguments: [("", 0 as UInt32), ("123456789", 0xCBF4_3926), ("bursar", 0x90A0_94A5)])
    func `the checksum is that of ISO 3309`(_ text: String, _ expected: UInt32) {
        #expect(CRC32.checksum(text.utf8) == expected)
    }

    @Test(arguments: [([0], 2, "00"), ([61], 2, "0z"), ([62], 2, "10"), ([0xFF, 0xFF, 0xFF, 0xFF], 6, "4gfFC3")])
    func `base62 writes the number with leading zeros`(_ bytes: [UInt8], _ length: Int, _ expected: String) {
        #expect(Base62.encode(bytes, length: length) == expected)
    }
}
