import BursarConsole
import BursarFoundation
import BursarModel
import Logging
import ServerSettings
import Synchronization
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The server's log on stderr.
struct Log: Sendable {
    let logger: Logger
    private let writer: LogWriter

    /// Text on a terminal and JSON elsewhere, unless `format` overrides it.
    init(level: Logger.Level, format: LogFormat?, now: @escaping @Sendable () -> Date) {
        let format = format ?? (StandardStream.errors.isTerminal ? .text : .json)
        let clock = LogClock(now: now)
        let writer = LogWriter(
            dropNotice: { count in
                LogLine(
                    time: clock.now(),
                    level: .warning,
                    message: "log lines were dropped: the log's reader is too slow",
                    metadata: ["lines": "\(count)"]
                )
                .bytes(format)
            },
            write: Self.writeToStandardError
        )
        var logger = Logger(label: "vending-server") { _ in
            LineLogHandler(format: format, writer: writer, clock: clock)
        }
        logger.logLevel = level
        self.logger = logger
        self.writer = writer
    }

    /// Waits for the last lines to be written, within a time limit.
    func finish() {
        writer.flush(within: .seconds(2))
    }

    /// Blocks while the reader is slow; an unwritable line is lost, since no other output is left.
    @Sendable private static func writeToStandardError(_ bytes: [UInt8]) {
        let descriptor = FileDescriptor.standardError
        var rest = bytes[...]
        while !rest.isEmpty {
            do {
                rest = rest.dropFirst(try rest.withUnsafeBytes { try descriptor.write($0) })
            } catch Errno.wouldBlock {
                usleep(10_000)
            } catch {
                return
            }
        }
    }
}

/// Formats log events as lines for a ``LogWriter``.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    var metadataProvider: Logger.MetadataProvider?
    let format: LogFormat
    let writer: LogWriter
    let clock: LogClock

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        // Most lines have only their own fields, and lines are many.
        if let own = event.metadata { fields = fields.isEmpty ? own : fields.merging(own) { $1 } }
        if let error = event.error { fields["cause"] = "\(error)" }
        let line = LogLine(
            time: clock.now(),
            level: event.level,
            message: event.message.description,
            metadata: fields
        )
        writer.append(line.bytes(format), matters: event.level >= .notice)
    }
}

/// The timestamp of log lines: RFC 3339, UTC, milliseconds.
final class LogClock: Sendable {
    private let date: @Sendable () -> Date
    /// The text of the current second, formatted once and not for each line.
    private let second = Mutex<(number: Int, text: String)>((.min, ""))

    init(now date: @escaping @Sendable () -> Date) {
        self.date = date
    }

    func now() -> String {
        let milliseconds = Int((date().timeIntervalSince1970 * 1000).rounded(.down))
        let (number, fraction) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        let text = second.withLock { second in
            if second.number != number {
                let whole = Timestamp.string(Date(timeIntervalSince1970: TimeInterval(number)))
                second = (number, String(whole.dropLast()))
            }
            return second.text
        }
        let digits = String(1000 + fraction).dropFirst()
        return "\(text).\(digits)Z"
    }
}
