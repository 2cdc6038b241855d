import BursarFoundation
import BursarModel
import Logging
import ServerSettings
import Synchronization

/// Turns events into lines for a ``LogWriter``.
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
        // Most lines have fields of their own only, and lines are many.
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

/// The time as log lines carry it: RFC 3339, UTC, milliseconds.
final class LogClock: Sendable {
    private let date: @Sendable () -> Date
    /// A second is worded once, not once a line.
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
