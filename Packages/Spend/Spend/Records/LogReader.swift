#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads an invocation log as a stream of lines, in chunks of any size and bounded memory.
package struct LogReader {
    /// The number of the last line, from 1.
    package private(set) var number = 0
    /// The line that the last chunk ended in.
    private var rest: [UInt8] = []
    /// True if that line is longer than any record, and the rest of it is skipped.
    private var isTooLong = false

    package init() {}

    /// Reads the next bytes.
    ///
    /// - Parameters:
    ///   - bytes: the bytes, valid during the call.
    ///   - take: receives each line that ends in them, with its own bytes for the hash of what is quarantined.
    package mutating func append(
        _ bytes: UnsafeRawBufferPointer,
        _ take: (LogLine, UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        var start = 0
        while let lineEnd = Self.lineEnd(in: bytes, from: start) {
            let line = UnsafeRawBufferPointer(rebasing: bytes[start..<lineEnd])
            start = lineEnd + 1
            if rest.isEmpty, !isTooLong {
                number += 1
                try take(LogScanner.line(line), line)
            } else {
                keep(line)
                try end(take)
            }
        }
        keep(UnsafeRawBufferPointer(rebasing: bytes[start...]))
    }

    private static func lineEnd(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = bytes.baseAddress, start < bytes.count,
            let found = memchr(base + start, CInt(UInt8(ascii: "\n")), bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// Ends the input; the last line needs no line end.
    package mutating func finish(_ take: (LogLine, UnsafeRawBufferPointer) throws -> Void) rethrows {
        guard !rest.isEmpty || isTooLong else { return }
        try end(take)
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
        guard !isTooLong else { return }
        isTooLong = rest.count + bytes.count > LogScanner.longest
        if !isTooLong { rest.append(contentsOf: bytes) }
    }

    private mutating func end(_ take: (LogLine, UnsafeRawBufferPointer) throws -> Void) rethrows {
        number += 1
        defer {
            rest.removeAll(keepingCapacity: true)
            isTooLong = false
        }
        try rest.withUnsafeBytes { line in
            try take(isTooLong ? .quarantined(.tooLong) : LogScanner.line(line), line)
        }
    }
}
