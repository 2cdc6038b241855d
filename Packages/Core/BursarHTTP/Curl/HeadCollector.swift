import BursarModel

/// Gathers the head of an answer as it arrives, and stops it when it grows too large.
struct HeadCollector {
    /// Bytes of all header lines of one transfer, interim answers and trailers too.
    static let limit = 64 << 10

    private(set) var headers: [(name: String, value: String)] = []
    /// Whether the empty line after the headers has come.
    private(set) var isComplete = false
    /// Set when the limit has passed.
    private(set) var isTooLarge = false
    private var bytes = 0

    /// Takes one line of the head, its line end included; false when the transfer has to stop.
    ///
    /// A status line starts anew, so that interim answers (1xx) leave nothing behind; trailers are dropped.
    mutating func add(_ line: some Collection<UInt8>) -> Bool {
        bytes += line.count
        guard bytes <= Self.limit else {
            isTooLarge = true
            return false
        }
        let line = String(decoding: line, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            headers = []
            isComplete = false
        } else if line == "\r\n" || line == "\n" {
            isComplete = true
        } else if !isComplete, let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...]
            headers.append((String(line[..<colon]), String(value.trimmingASCIIWhitespace())))
        }
        return true
    }
}
