/// RFC 3986 percent-encoding, upper-case hex.
package enum PercentEncoding {
    /// Encodes everything but letters, digits, `-._~` and what `keeping` names.
    package static func encode(_ text: String, keeping kept: String = "") -> String {
        let kept = Array(kept.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            if isUnreserved(byte) || kept.contains(byte) {
                bytes.append(byte)
            } else {
                append(byte, to: &bytes)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends `text` encoded to a buffer.
    static func append(encoded text: some Collection<UInt8>, to bytes: inout [UInt8]) {
        let done: Void? = text.withContiguousStorageIfAvailable { append(encoded: $0, to: &bytes) }
        if done == nil { Array(text).withUnsafeBufferPointer { append(encoded: $0, to: &bytes) } }
    }

    /// From raw storage into raw storage: session tokens are a thousand bytes and more.
    private static func append(encoded text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        bytes += [UInt8](unsafeUninitializedCapacity: text.count * 3) { target, count in
            for byte in text {
                if isUnreserved(byte) {
                    target[count] = byte
                    count += 1
                } else {
                    target[count] = UInt8(ascii: "%")
                    target[count + 1] = Hex.upperDigit(byte >> 4)
                    target[count + 2] = Hex.upperDigit(byte & 15)
                    count += 3
                }
            }
        }
    }

    /// Undoes percent-encoding, and reads `+` as a blank when `plusIsSpace`; nil when it isn't UTF-8 afterwards.
    ///
    /// A `%` without two hex digits is kept, as in every browser and in Python.
    package static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String? {
        let source = Array(text.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(source.count)
        var index = 0
        while index < source.count {
            let byte = source[index]
            if byte == UInt8(ascii: "%"), index + 2 < source.count,
                let high = Hex.value(source[index + 1]), let low = Hex.value(source[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
                continue
            }
            bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
            index += 1
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func append(_ byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "%"))
        bytes.append(Hex.upperDigit(byte >> 4))
        bytes.append(Hex.upperDigit(byte & 15))
    }

    /// Letters, digits, `-._~`: bit 0 of `low` is NUL, bit 0 of `high` is `@`.
    private static func isUnreserved(_ byte: UInt8) -> Bool {
        let low: UInt64 = 0x03FF_6000_0000_0000
        let high: UInt64 = 0x47FF_FFFE_87FF_FFFE
        return byte < 128 && (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1
    }
}

enum Hex {
    static func string(_ bytes: some Sequence<UInt8>) -> String {
        var digits: [UInt8] = []
        append(bytes, to: &digits)
        return String(decoding: digits, as: UTF8.self)
    }

    static func append(_ bytes: some Sequence<UInt8>, to digits: inout [UInt8]) {
        for byte in bytes {
            digits.append(lowerDigit(byte >> 4))
            digits.append(lowerDigit(byte & 15))
        }
    }

    static func lowerDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }

    static func upperDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
    }

    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
