import BursarConsole
import BursarFoundation
import Logging
import ServerSettings
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

    /// Text on a terminal and JSON elsewhere, unless `format` says.
    init(level: Logger.Level, format: LogFormat?, now: @escaping @Sendable () -> Date) {
        let format = format ?? (StandardStream.errors.isTerminal ? .text : .json)
        let clock = LogClock(now: now)
        let writer = LogWriter(
            dropNotice: { count in
                LogLine(
                    time: clock.now(),
                    level: .warning,
                    message: "log lines were dropped: whoever reads the log is too slow",
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

    /// Waits until the last lines are written, but not for ever.
    func finish() {
        writer.flush(within: .seconds(2))
    }

    /// Blocks while nobody reads; what can't be written at all is lost, since there is nobody left to tell.
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
