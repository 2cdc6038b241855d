import BursarCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Gathers an answer as it arrives, and stops it when it grows too large.
struct ResponseCollector {
    /// Bytes of all header lines of one transfer, interim answers too.
    static let headerLimit = 64 << 10

    let bodyLimit: Int
    private(set) var headers: [(name: String, value: String)] = []
    private(set) var body = Data()
    /// Set when a limit has passed.
    private(set) var isTooLarge = false
    private var headerBytes = 0
    private var headIsComplete = false

    init(bodyLimit: Int) {
        self.bodyLimit = bodyLimit
    }

    /// Takes one line of the head, its line end included; false when the transfer has to stop.
    ///
    /// A status line starts anew, so that interim answers (1xx) leave nothing behind; trailers are dropped.
    mutating func addHeaderLine(_ bytes: some Collection<UInt8>) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Self.headerLimit else {
            isTooLarge = true
            return false
        }
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            headers = []
            headIsComplete = false
        } else if line == "\r\n" || line == "\n" {
            headIsComplete = true
        } else if !headIsComplete, let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...]
            headers.append((String(line[..<colon]), String(value.trimmingASCIIWhitespace())))
        }
        return true
    }

    /// Takes bytes of the body; false when the transfer has to stop.
    mutating func addBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= bodyLimit - body.count else {
            isTooLarge = true
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }
}
