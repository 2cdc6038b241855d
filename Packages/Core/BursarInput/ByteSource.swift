import BursarConsole
import CZlib
import SystemPackage

/// A file, or standard input (`-`), read in chunks and decompressed if it is gzip.
package struct ByteSource {
    private static let piece = 256 << 10

    /// The name for messages.
    package let name: String
    private let path: FilePath?

    package init(_ argument: String) {
        name = argument == "-" ? "standard input" : argument
        path = argument == "-" ? nil : FilePath(argument)
    }

    /// Passes all bytes to `take`, chunk by chunk, and to `progress` the number of bytes of each as it stands in the file.
    ///
    /// - Throws: ``UserFacingError`` that names the file.
    package func read(
        progress: (Int) -> Void = { _ in },
        _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var inflation: Inflation?
        var isFirst = true
        do {
            try readAsIs { bytes in
                if isFirst, bytes.starts(with: Inflation.mark.prefix(bytes.count)) { inflation = try Inflation() }
                isFirst = false
                progress(bytes.count)
                if let inflation { try inflation.append(bytes, take) } else { try take(bytes) }
            }
            try inflation?.finish()
        } catch let fault as Inflation.ParseError {
            switch fault {
            case .damaged: throw UserFacingError("\(name) is damaged, or it is cut off", hint: "fetch it again")
            case .noMemory: throw UserFacingError("\(name) can't be unpacked: there is no memory left")
            }
        }
    }

    private func readAsIs(_ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        let descriptor = try open()
        defer { if path != nil { try? descriptor.close() } }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.piece, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count: Int
            do {
                count = try descriptor.read(into: buffer)
            } catch {
                throw unreadable(error)
            }
            guard count > 0 else { return }
            try take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    private func open() throws(UserFacingError) -> FileDescriptor {
        guard let path else { return .standardInput }
        do {
            return try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        } catch {
            throw unreadable(error)
        }
    }

    private func unreadable(_ error: any Error) -> UserFacingError {
        let cause = (error as? Errno)?.description.lowercased() ?? "it failed"
        return UserFacingError("\(name) can't be read: \(cause)")
    }
}

/// Decompresses gzip as a stream, one member after another, as `gunzip` does.
///
/// Output is passed on in chunks, so neither a long file nor a decompression bomb takes more memory than one chunk.
final class Inflation {
    /// The magic number of gzip.
    static let mark: [UInt8] = [0x1F, 0x8B]

    enum ParseError: Error {
        /// Not gzip, damaged, or truncated.
        case damaged
        case noMemory
    }

    private static let piece = 256 << 10
    /// A window of 15 bits, gzip's maximum, plus 16 for gzip's own framing.
    private static let window: CInt = 15 + 16

    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 16)
    /// True if a member has begun and not ended.
    private var isWithin = false
    private var isPadding = false

    init() throws(ParseError) {
        stream.initialize(to: z_stream())
        let size = CInt(MemoryLayout<z_stream>.size)
        guard inflateInit2_(stream, Self.window, ZLIB_VERSION, size) == Z_OK else { throw .noMemory }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        output.deallocate()
    }

    /// Decompresses the next bytes, and passes the output to `take`.
    func append(_ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        // zlib's type has no const; it doesn't write there.
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        )
        stream.pointee.avail_in = UInt32(bytes.count)
        while stream.pointee.avail_in > 0, !isPadding {
            if !isWithin {
                // Zeros after a member are padding, as on tapes.
                guard stream.pointee.next_in.pointee != 0 else {
                    isPadding = true
                    return
                }
                guard inflateReset(stream) == Z_OK else { throw ParseError.damaged }
                isWithin = true
            }
            try step(take)
        }
    }

    /// Ends the input.
    func finish() throws(ParseError) {
        guard !isWithin else { throw .damaged }
    }

    private func step(_ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        repeat {
            stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(Self.piece)
            let outcome = inflate(stream, Z_NO_FLUSH)
            let count = Self.piece - Int(stream.pointee.avail_out)
            if count > 0 { try take(UnsafeRawBufferPointer(rebasing: output[..<count])) }
            switch outcome {
            case Z_STREAM_END:
                isWithin = false
                return
            case Z_OK: break
            // All input was consumed; anything else is an error.
            case Z_BUF_ERROR where stream.pointee.avail_in == 0: return
            case Z_MEM_ERROR: throw ParseError.noMemory
            default: throw ParseError.damaged
            }
        } while stream.pointee.avail_out == 0 || stream.pointee.avail_in > 0
    }
}
