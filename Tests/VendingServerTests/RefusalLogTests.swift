import BursarFoundation
import BursarModel
import Logging
import Synchronization
import TestSupport
import Testing
import Vending

@testable import vending_server

/// The log's lines about refusals, however many there are.
@Suite struct RefusalLogTests {
    private let lines = Lines()
    private let log: RefusalLog
    private let logger: Logger

    init() {
        let lines = lines
        logger = Logger(label: "test") { _ in lines }
        log = RefusalLog(logger: logger)
    }

    private func note(_ refusal: VendError, times: Int) {
        for _ in 0..<times { log.note(refusal, from: nil, request: logger) }
    }

    @Test func `the first five of a code are lines, the others one`() throws {
        note(VendError(.notFound), times: 100_000)
        note(VendError(.keyMissing), times: 5)
        #expect(lines.all.map(\.message) == Array(repeating: "refused", count: 10))
        log.sumUp()
        let sum = try #require(lines.all.last)
        #expect(lines.all.count == 11)
        #expect(sum == Lines.Line(level: .info, message: "refused again", error: "not_found", key: "-", times: "99995"))
        log.sumUp()
        #expect(lines.all.count == 11)
        note(VendError(.notFound), times: 1)
        #expect(lines.all.count == 12)
    }

    @Test func `ids that are only claimed can't make more lines`() throws {
        for number in 0..<2000 {
            let id = try #require(KeyID(String(1_000_000_000_000 + number).suffix(12).description))
            note(VendError(.keyInvalid, number.isMultiple(of: 2) ? .unknown(id) : .unproven(id)), times: 1)
        }
        log.sumUp()
        #expect(lines.all.count == 6)
        #expect(lines.all.last?.times == "1995")
        #expect(lines.all.last?.key == "-")
    }

    @Test func `nobody's flood hides another key's refusal, nor a canary's alarm`() throws {
        let ada = try #require(Handle("ada"))
        let id = try #require(KeyID("0123456789ab"))
        let other = try #require(KeyID("0123456789ac"))
        note(VendError(.rateLimited, .proven(id, ada)), times: 1000)
        note(VendError(.keyInvalid), times: 1000)
        note(VendError(.rateLimited, .proven(other, ada)), times: 1)
        note(VendError(.keyInvalid, .canary(other, ada)), times: 1)
        #expect(lines.all.count == 12)
        #expect(lines.all[10].key == other.description)
        #expect(lines.all[11].message == "canary used")
        #expect(lines.all[11].level == .error)
        note(VendError(.keyInvalid, .canary(other, ada)), times: 9)
        log.sumUp()
        let alarm = try #require(lines.all.last { $0.message == "canary used again" })
        #expect(alarm.level == .error && alarm.key == other.description && alarm.times == "5")
    }

    @Test func `what is refused because of us is an error, and summed up too`() {
        note(VendError(.busy), times: 50)
        log.sumUp()
        #expect(lines.all.map(\.level) == Array(repeating: .error, count: 6))
    }

    @Test func `a flood at the real server is a handful of lines`() async throws {
        let real = try RealServer()
        try await real.serve(["BURSAR_LOG_FORMAT": "text"]) { server in
            let script = """
                import http.client, sys
                client = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=600)
                for _ in range(1000):
                    client.request("GET", "/x")
                    client.getresponse().read()
                """
            let flood = try await real.run("/usr/bin/env", ["python3", "-c", script, "\(server.port)"])
            try #require(flood.isSuccess, "\(flood.errors)")
            server.stop()
            var refused = 0
            var sums: [Int] = []
            for await line in server.lines {
                if line.contains(" info refused again ") {
                    sums.append(try #require(line.firstMatch(of: /times=(\d+)/).flatMap { Int($0.1) }))
                } else if line.contains(" info refused ") {
                    refused += 1
                }
            }
            // Ten seconds may end once or twice meanwhile.
            #expect(refused < 100)
            #expect(refused + sums.reduce(0, +) == 1000)
        }
    }
}

/// A log that keeps its lines.
private final class Lines: LogHandler, Sendable {
    struct Line: Equatable, Sendable {
        var level: Logger.Level
        var message: String
        var error: String?
        var key: String?
        var times: String?
    }

    private let lines = Mutex<[Line]>([])

    var all: [Line] { lines.withLock { $0 } }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let fields = event.metadata ?? [:]
        lines.withLock {
            $0.append(
                Line(
                    level: event.level,
                    message: event.message.description,
                    error: fields["error"]?.description,
                    key: fields["key"]?.description,
                    times: fields["times"]?.description
                )
            )
        }
    }
}
