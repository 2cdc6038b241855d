import Testing

@testable import BursarInput

/// gzip, decompressed as a stream.
struct InflationTests {
    /// `chain`, compressed by `gzip`.
    private static let member: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4B, 0xCE, 0x48, 0xCC, 0xCC, 0x03,
        0x00, 0xCA, 0x18, 0x02, 0xB1, 0x05, 0x00, 0x00, 0x00,
    ]

    private func inflated(_ bytes: [UInt8], pieces: Int = .max) throws -> String {
        let inflation = try Inflation()
        var output: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            try Array(rest.prefix(pieces)).withUnsafeBytes { piece in
                try inflation.append(piece) { output += $0 }
            }
            rest = rest.dropFirst(min(pieces, rest.count))
        }
        try inflation.finish()
        return String(decoding: output, as: UTF8.self)
    }

    @Test(arguments: [1, 7, Int.max])
    func `members follow one another, wherever they are cut while they are read`(_ pieces: Int) throws {
        #expect(try inflated(Self.member, pieces: pieces) == "chain")
        #expect(try inflated(Self.member + Self.member, pieces: pieces) == "chainchain")
    }

    @Test func `zeros after a member are padding`() throws {
        #expect(try inflated(Self.member + [0, 0, 0]) == "chain")
    }

    @Test(arguments: [1, 12, 20])
    func `a member that is cut off is refused`(_ length: Int) {
        #expect(throws: Inflation.ParseError.damaged) { try inflated(Array(Self.member.prefix(length))) }
    }

    @Test(arguments: [0, 3, 12, 18])
    func `a member with a wrong byte is refused`(_ index: Int) {
        var bytes = Self.member
        bytes[index] ^= 0xFF
        #expect(throws: Inflation.ParseError.damaged) { try inflated(bytes) }
    }

    @Test func `something else after a member is refused`() {
        #expect(throws: Inflation.ParseError.damaged) { try inflated(Self.member + Array("chain".utf8)) }
    }
}
