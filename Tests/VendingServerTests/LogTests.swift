import BursarFoundation
import Dispatch
import Logging
import ServerSettings
import Synchronization
import Testing

@testable import vending_server

@Suite struct LogTests {
    private static func line(_ message: String, _ metadata: Logger.Metadata = [:]) -> LogLine {
        LogLine(time: "2026-01-02T03:04:05.006Z", level: .info, message: message, metadata: metadata)
    }

    private static func text(_ line: LogLine, _ format: LogFormat) -> String {
        String(decoding: line.bytes(format), as: UTF8.self)
    }

    @Test func `a line of JSON has the time, the level, the message and each field`() {
        let line = Self.line("vended", ["hb.request.id": "a1", "key": "k", "list": ["x", "y"], "map": ["a": "b"]])
        let start = #"{"time":"2026-01-02T03:04:05.006Z","level":"info","message":"vended","#
        let fields = #""requestID":"a1","key":"k","list":["x","y"],"map":{"a":"b"}}"#
        #expect(Self.text(line, .json) == start + fields + "\n")
    }

    @Test(arguments: ["a\nb", "\u{1B}[31m", "say \"no\"", "back\\slash", "\u{0}", "ünï", "\u{2028}", "\u{7F}", "/x"])
    func `whatever a field holds, a line stays one JSON object`(_ value: String) throws {
        let text = Self.text(Self.line(value, ["field": "\(value)"]), .json)
        #expect(text.utf8.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        let fields = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
        #expect(fields["field"] == value)
        #expect(fields["message"] == value)
    }

    @Test func `text is for people: pairs, quotes where a value has blanks, nothing that moves a cursor`() {
        let line = Self.line("refused", ["cause": "wrong secret", "key": "k\n\u{1B}[2J"])
        #expect(
            Self.text(line, .text)
                == #"2026-01-02T03:04:05.006Z info refused cause="wrong secret" key=k\u{A}\u{1B}[2J"# + "\n"
        )
    }

    @Test(arguments: LogFormat.allCases)
    func `a key never gets into a line`(_ format: LogFormat) {
        let key = "bursar_0123456789ab_" + String(repeating: "s", count: 49)
        let text = Self.text(Self.line(key, ["path": "/x?\(key)", "list": ["\(key)"]]), format)
        #expect(!text.contains("sss"))
        #expect(text.contains("bursar_0123456789ab_…"))
    }

    @Test func `a field can't pass for the time, the level or the message`() throws {
        let text = Self.text(Self.line("real", ["message": "false", "level": "x", "time": "y"]), .json)
        let fields = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
        #expect(fields["message"] == "real")
        #expect(fields["message_"] == "false")
    }

    @Test func `times have milliseconds`() {
        #expect(LogClock(now: { Date(timeIntervalSince1970: 1.0499) }).now() == "1970-01-01T00:00:01.049Z")
        #expect(LogClock(now: { Date(timeIntervalSince1970: 0.9999) }).now() == "1970-01-01T00:00:00.999Z")
    }

    @Test func `lines that matter are kept when others have filled the log`() {
        let hasBegun = DispatchSemaphore(value: 0)
        let gate = DispatchSemaphore(value: 0)
        let written = Mutex<[UInt8]>([])
        let writer = LogWriter(
            limit: 10,
            reserve: 12,
            dropNotice: { Array("-\($0)-".utf8) },
            write: { bytes in
                hasBegun.signal()
                gate.wait()
                written.withLock { $0 += bytes }
            }
        )
        writer.append(Array("first.".utf8))
        hasBegun.wait()
        for _ in 0..<5 { writer.append(Array("more.".utf8)) }
        writer.append(Array("alarm.".utf8), matters: true)
        writer.append(Array("more.".utf8))
        writer.append(Array("head..".utf8), matters: true)
        // Bounded all the same.
        writer.append(Array("alarm.".utf8), matters: true)
        for _ in 0..<8 { gate.signal() }
        #expect(writer.flush(within: .seconds(10)))
        #expect(String(decoding: written.withLock { $0 }, as: UTF8.self) == "first.more.more.alarm.head..-5-")
    }

    @Test(arguments: [
        (Logger.Level.info, false), (.notice, true), (.warning, true), (.error, true), (.critical, true),
    ])
    func `notices and above are lines that matter`(_ level: Logger.Level, _ isKept: Bool) {
        let gate = DispatchSemaphore(value: 0)
        let written = Mutex<[UInt8]>([])
        let writer = LogWriter(
            limit: 0,
            dropNotice: { _ in [] },
            write: { bytes in
                gate.wait()
                written.withLock { $0 += bytes }
            }
        )
        var logger = Logger(label: "test") { _ in
            LineLogHandler(format: .text, writer: writer, clock: LogClock(now: { Date() }))
        }
        logger.logLevel = .trace
        logger.log(level: level, "said")
        for _ in 0..<4 { gate.signal() }
        #expect(writer.flush(within: .seconds(10)))
        #expect(String(decoding: written.withLock { $0 }, as: UTF8.self).contains("said") == isKept)
    }

    @Test func `a reader who is stuck stops nobody: lines are dropped, and counted once there is room`() {
        let hasBegun = DispatchSemaphore(value: 0)
        let gate = DispatchSemaphore(value: 0)
        let written = Mutex<[UInt8]>([])
        let writer = LogWriter(
            limit: 10,
            dropNotice: { Array("-\($0)-".utf8) },
            write: { bytes in
                hasBegun.signal()
                gate.wait()
                written.withLock { $0 += bytes }
            }
        )
        writer.append(Array("first.".utf8))
        hasBegun.wait()
        #expect(!writer.flush(within: .zero))
        for _ in 0..<5 { writer.append(Array("more.".utf8)) }
        for _ in 0..<8 { gate.signal() }
        #expect(writer.flush(within: .seconds(10)))
        #expect(String(decoding: written.withLock { $0 }, as: UTF8.self) == "first.more.more.-3-")
    }
}
