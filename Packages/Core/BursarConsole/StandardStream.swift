#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// One of the three streams that a program starts with.
package enum StandardStream: CInt, Sendable {
    case input = 0
    case output = 1
    case errors = 2

    package var isTerminal: Bool {
        isatty(rawValue) == 1
    }

    /// Makes writes to a pipe without a reader fail with ``UserFacingError/readerGone``, instead of ending the program.
    package static func outliveReaders() {
        signal(SIGPIPE, SIG_IGN)
    }

    /// Writes everything, or says that it couldn't: a full disk, or a reader who has gone.
    package func write(_ text: String) throws(UserFacingError) {
        var text = text
        let failure = text.withUTF8 { bytes -> CInt? in
            var rest = UnsafeRawBufferPointer(bytes)
            while let start = rest.baseAddress, !rest.isEmpty {
                let count = Self.write(rawValue, start, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return count < 0 ? errno : EIO }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return nil
        }
        guard let failure else { return }
        throw failure == EPIPE ? .readerGone : UserFacingError("the output could not be written")
    }

    private static func write(_ descriptor: CInt, _ start: UnsafeRawPointer, _ count: Int) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, start, count)
        #elseif canImport(Musl)
        Musl.write(descriptor, start, count)
        #else
        Darwin.write(descriptor, start, count)
        #endif
    }
}
