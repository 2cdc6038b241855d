import BursarConsole
import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The terminal's alternate screen, with unbuffered keys; the previous screen is restored however the program ends.
final class FullScreen {
    private static let enter = "\u{1B}[?1049h\u{1B}[?25l"
    private static let leave = "\u{1B}[?25h\u{1B}[?1049l"
    private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    private var before = termios()
    private let sources: [any DispatchSourceSignal]
    private let isEnded: Ended

    /// True once a signal has requested the end.
    private final class Ended: Sendable {
        let value = Mutex(false)
    }

    /// Returns nil unless both standard input and standard output are a terminal.
    init?() {
        guard StandardStream.input.isTerminal, StandardStream.output.isTerminal,
            tcgetattr(StandardStream.input.rawValue, &before) == 0
        else { return nil }
        let ended = Ended()
        isEnded = ended
        sources = Self.signals.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { ended.value.withLock { $0 = true } }
            source.resume()
            return source
        }
        var raw = before
        raw.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        tcsetattr(StandardStream.input.rawValue, TCSAFLUSH, &raw)
        try? StandardStream.output.write(Self.enter)
    }

    /// Restores the terminal.
    ///
    /// Call once, also after an error.
    func close() {
        try? StandardStream.output.write(Self.leave)
        tcsetattr(StandardStream.input.rawValue, TCSAFLUSH, &before)
        for source in sources { source.cancel() }
    }

    func draw(_ lines: [String], _ decoration: Decoration) throws(UserFacingError) {
        let lines = lines.map { ControlText.lines($0, decoration) }
        try StandardStream.output.write("\u{1B}[H" + lines.joined(separator: "\u{1B}[K\r\n") + "\u{1B}[K\u{1B}[J")
    }

    /// Waits for a tenth of a second at most; returns false at the end: `q`, Ctrl-C, Ctrl-D, a signal, or a lost
    /// terminal.
    func goesOn() -> Bool {
        if isEnded.value.withLock({ $0 }) { return false }
        var input = pollfd(fd: StandardStream.input.rawValue, events: Int16(POLLIN), revents: 0)
        guard poll(&input, 1, 100) > 0 else { return true }
        var keys = [UInt8](repeating: 0, count: 64)
        let count = read(StandardStream.input.rawValue, &keys, keys.count)
        guard count > 0 else { return false }
        let ends: [UInt8] = [UInt8(ascii: "q"), UInt8(ascii: "Q"), 0x03, 0x04]
        return !keys.prefix(count).contains(where: ends.contains)
    }
}
