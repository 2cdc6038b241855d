/// What the chain's head was once, as somebody kept it elsewhere: the number of a record, and its hash.
package struct ChainAnchor: Sendable, Hashable, Comparable {
    package let sequence: Int64
    /// The hash as four numbers, so that a year of them stays small.
    private let words: SIMD4<UInt64>

    /// - Precondition: 32 bytes.
    init(sequence: Int64, hash: [UInt8]) {
        precondition(hash.count == 32, "a hash of \(hash.count) bytes")
        self.sequence = sequence
        var words = SIMD4<UInt64>()
        for (index, byte) in hash.enumerated() { words[index / 8] = words[index / 8] << 8 | UInt64(byte) }
        self.words = words
    }

    /// nil unless `hash` is 64 hexadecimal digits and the number is none below 0.
    package init?(sequence: Int64, hash: some StringProtocol) {
        guard sequence >= 0, hash.utf8.count == 64 else { return nil }
        var words = SIMD4<UInt64>()
        for (index, digit) in hash.utf8.enumerated() {
            guard let value = Self.value(of: digit) else { return nil }
            words[index / 16] = words[index / 16] << 4 | value
        }
        self.sequence = sequence
        self.words = words
    }

    /// 64 hexadecimal digits.
    package var hash: String {
        (0..<4).map { index in
            let digits = String(words[index], radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.sequence < right.sequence
    }

    private static func value(of digit: UInt8) -> UInt64? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(digit - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(digit - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(digit - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
