package import BursarModel

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads one secret from stdin: typed or pasted without an echo on a terminal, else everything up to the end.
package enum SecretInput {
    /// The secret as it came, at most `limit` bytes, its line end included when it was piped.
    package static func read(prompt: String, limit: Int = 16 << 10) throws(UserFacingError) -> Secret<String> {
        let bytes = try bytes(prompt: prompt, limit: limit)
        guard let text = String(validating: bytes.reveal(), as: UTF8.self) else {
            throw UserFacingError("standard input is not UTF-8 text")
        }
        return Secret(text)
    }

    /// The same, in any encoding.
    package static func bytes(prompt: String, limit: Int = 16 << 10) throws(UserFacingError) -> Secret<[UInt8]> {
        guard StandardStream.input.isTerminal else { return Secret(try piped(limit: limit)) }
        try StandardStream.errors.write(Redaction.keys(in: prompt))
        let typed = try withoutEcho { () throws(UserFacingError) in try self.typed(limit: limit) }
        try StandardStream.errors.write("\n")
        return Secret(typed)
    }

    private static func piped(limit: Int) throws(UserFacingError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let byte = next() {
            guard bytes.count < limit else {
                throw UserFacingError("more than \(limit) bytes came from standard input")
            }
            bytes.append(byte)
        }
        return bytes
    }

    /// One line, edited here: with the terminal's own editing off, no signal can end us while the echo is off.
    private static func typed(limit: Int) throws(UserFacingError) -> [UInt8] {
        var line = LineEditor(limit: limit)
        while let byte = next() {
            if try line.take(byte) { break }
        }
        return line.bytes
    }

    private static func next() -> UInt8? {
        var byte: UInt8 = 0
        while true {
            let count = Self.read(&byte)
            if count == 1 { return byte }
            if count == 0 || errno != EINTR { return nil }
        }
    }

    private static func read(_ byte: inout UInt8) -> Int {
        #if canImport(Glibc)
        Glibc.read(StandardStream.input.rawValue, &byte, 1)
        #elseif canImport(Musl)
        Musl.read(StandardStream.input.rawValue, &byte, 1)
        #else
        Darwin.read(StandardStream.input.rawValue, &byte, 1)
        #endif
    }

    private static func withoutEcho<Result>(_ body: () throws(UserFacingError) -> Result) throws(UserFacingError)
        -> Result
    {
        var before = termios()
        guard tcgetattr(StandardStream.input.rawValue, &before) == 0 else {
            throw UserFacingError("the terminal does not say how it is set", hint: "pipe the secret in instead")
        }
        var quiet = before
        quiet.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        tcsetattr(StandardStream.input.rawValue, TCSAFLUSH, &quiet)
        defer { tcsetattr(StandardStream.input.rawValue, TCSAFLUSH, &before) }
        return try body()
    }
}

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
