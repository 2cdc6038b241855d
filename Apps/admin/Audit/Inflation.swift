import BursarConsole
import CZlib

/// Unpacks gzip while it is read, one member after another, as `gunzip` does.
///
/// What comes out is handed on in pieces, so neither a long file nor one that unpacks to more than there is room for
/// takes more memory than a piece.
final class Inflation {
    /// What gzip begins with.
    static let mark: [UInt8] = [0x1F, 0x8B]

    enum ParseError: Error {
        /// Not gzip, damaged, or cut off.
        case damaged
        case noMemory
    }

    private static let piece = 256 << 10
    /// 15 bits of window, as gzip has at most, and 16 for gzip's own frame.
    private static let window: CInt = 15 + 16

    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 16)
    /// Whether a member has begun and not ended.
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

    /// Takes the next bytes, and hands over what they unpack to.
    func append(_ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        // zlib's type has no const; it doesn't write there.
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        )
        stream.pointee.avail_in = UInt32(bytes.count)
        while stream.pointee.avail_in > 0, !isPadding {
            if !isWithin {
                // Zeros after a member are padding, as tapes have it.
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

    /// To be called at the end of the file.
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
            // There is nothing more to do with what was given, unless it can't be done.
            case Z_BUF_ERROR where stream.pointee.avail_in == 0: return
            case Z_MEM_ERROR: throw ParseError.noMemory
            default: throw ParseError.damaged
            }
        } while stream.pointee.avail_out == 0 || stream.pointee.avail_in > 0
    }
}
