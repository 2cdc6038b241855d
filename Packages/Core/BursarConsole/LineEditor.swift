/// A line as it is typed, with the keys that edit or end it.
struct LineEditor {
    private(set) var bytes: [UInt8] = []
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes one byte of the terminal; true when the line is complete.
    ///
    /// - Throws: when the person stopped it (Ctrl-C, or Ctrl-D on an empty line), or typed too much.
    mutating func take(_ byte: UInt8) throws(UserFacingError) -> Bool {
        switch byte {
        case 0x0A, 0x0D: return true
        case 0x03: throw UserFacingError("stopped; nothing was changed")
        case 0x04:
            guard !bytes.isEmpty else { throw UserFacingError("stopped; nothing was changed") }
            return true
        case 0x08, 0x7F: eraseCharacter()
        case 0x15: bytes = []
        default:
            guard bytes.count < limit else { throw UserFacingError("more than \(limit) bytes were typed") }
            bytes.append(byte)
        }
        return false
    }

    /// The last character, all bytes of its UTF-8.
    private mutating func eraseCharacter() {
        while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
    }
}
