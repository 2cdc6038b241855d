/// Numbers as digits and letters, most significant first, padded to a fixed length.
///
/// The alphabet is `0–9A–Za–z`: nothing that a shell, a URL or a double click would split.
package enum Base62 {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// The big-endian number in `bytes`, in `length` digits.
    ///
    /// - Precondition: the number fits: 43 digits hold 32 bytes, 6 hold 4.
    package static func encode(_ bytes: some Sequence<UInt8>, length: Int) -> String {
        var digits = [UInt8](repeating: 0, count: length)
        for byte in bytes {
            var carry = Int(byte)
            for index in digits.indices.reversed() {
                carry += Int(digits[index]) << 8
                digits[index] = UInt8(carry % 62)
                carry /= 62
            }
            precondition(carry == 0, "the number needs more than \(length) digits")
        }
        return String(decoding: digits.map { alphabet[Int($0)] }, as: UTF8.self)
    }

    /// Digits drawn from `generator`.
    package static func random(length: Int, using generator: inout some RandomNumberGenerator) -> String {
        String(decoding: (0..<length).map { _ in alphabet[Int.random(in: 0..<62, using: &generator)] }, as: UTF8.self)
    }

    /// Whether each byte is a digit of this alphabet.
    package static func isValid(_ bytes: ArraySlice<UInt8>) -> Bool {
        for byte in bytes where !byte.isASCIILetterOrDigit { return false }
        return true
    }
}
