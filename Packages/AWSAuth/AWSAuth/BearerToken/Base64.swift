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
            bytes.withUnsafeBufferPointer { bytes in
                alphabet.withUnsafeBufferPointer { alphabet in
                    let whole = bytes.count - bytes.count % 3
                    for index in stride(from: 0, to: whole, by: 3) {
                        let first = UInt32(bytes[index]) << 16
                        let group = first | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2])
                        buffer[position] = alphabet[Int(group >> 18)]
                        buffer[position + 1] = alphabet[Int(group >> 12 & 63)]
                        buffer[position + 2] = alphabet[Int(group >> 6 & 63)]
                        buffer[position + 3] = alphabet[Int(group & 63)]
                        position += 4
                    }
                    guard whole < bytes.count else { return }
                    let hasTwo = whole + 1 < bytes.count
                    let group = UInt32(bytes[whole]) << 16 | (hasTwo ? UInt32(bytes[whole + 1]) << 8 : 0)
                    buffer[position] = alphabet[Int(group >> 18)]
                    buffer[position + 1] = alphabet[Int(group >> 12 & 63)]
                    buffer[position + 2] = hasTwo ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "=")
                    buffer[position + 3] = UInt8(ascii: "=")
                    position += 4
                }
            }
            return position
        }
    }
}
