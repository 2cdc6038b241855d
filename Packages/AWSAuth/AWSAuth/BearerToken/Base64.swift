/// Base64 with the standard alphabet and padding, straight into a string.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// `prefix`, which is ASCII, and after it `bytes` encoded.
    static func encode(_ bytes: [UInt8], after prefix: String) -> String {
        let count = prefix.utf8.count + (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: count) { buffer in
            var position = 0
            for byte in prefix.utf8 {
                buffer[position] = byte
                position += 1
            }
            alphabet.withUnsafeBufferPointer { alphabet in
                var index = 0
                while index < bytes.count {
                    let left = bytes.count - index
                    let second = left > 1 ? bytes[index + 1] : 0
                    let third = left > 2 ? bytes[index + 2] : 0
                    let group = UInt32(bytes[index]) << 16 | UInt32(second) << 8 | UInt32(third)
                    let padding = UInt8(ascii: "=")
                    buffer[position] = alphabet[Int(group >> 18)]
                    buffer[position + 1] = alphabet[Int(group >> 12 & 63)]
                    buffer[position + 2] = left > 1 ? alphabet[Int(group >> 6 & 63)] : padding
                    buffer[position + 3] = left > 2 ? alphabet[Int(group & 63)] : padding
                    position += 4
                    index += 3
                }
            }
            return position
        }
    }
}
