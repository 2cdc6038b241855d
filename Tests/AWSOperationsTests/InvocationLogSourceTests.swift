import AWSAuth
import AWSClients
import AWSTestSupport
import BursarConsole
import BursarFoundation
import BursarHTTP
import TestSupport
import Testing

@testable import AWSOperations

/// The records of a log, page after page, against recorded answers.
@Suite struct InvocationLogSourceTests {
    private static let window =
        Date(timeIntervalSince1970: 1_767_323_000)..<Date(timeIntervalSince1970: 1_767_323_600.5)

    private static let flags = ["text", "image", "embedding", "video", "audio"]

    private static func configuration(on flag: String? = nil, group: String = "/g") -> Recorded.Answer {
        let flags = flags.map { #""\#($0)DataDeliveryEnabled":\#($0 == flag)"# }.joined(separator: ",")
        return .init(
            body: #"{"loggingConfig":{"cloudWatchConfig":{"logGroupName":"\#(group)","roleArn":"arn:r"},\#(flags)}}"#
        )
    }

    private static func page(_ messages: [String], next: String? = nil, stream: String = InvocationLogName.stream)
        -> Recorded.Answer
    {
        let events = messages.map {
            #"{"logStreamName":"\#(stream)","timestamp":1767323001000,"message":"\#($0)","ingestionTime":1767323002000}"#
        }
        let token = next.map { #","nextToken":"\#($0)""# } ?? ""
        return .init(body: #"{"events":[\#(events.joined(separator: ","))]\#(token)}"#)
    }

    private static func refusal(_ code: String, status: Int = 400) -> Recorded.Answer {
        .init(status: status, headers: [("x-amzn-ErrorType", code)], body: "{}")
    }

    private func source(_ context: AWSClientContext) throws -> InvocationLogSource {
        let credentials = StaticCredentials(.example)
        let endpoints = EndpointResolver(environment: [:])
        return InvocationLogSource(
            InvocationLogClients(
                region: "us-east-1",
                bedrock: try BedrockClient(
                    region: "us-east-1",
                    credentials: credentials,
                    endpoints: endpoints,
                    clientContext: context
                ),
                logs: try LogsClient(
                    region: "us-east-1",
                    credentials: credentials,
                    endpoints: endpoints,
                    clientContext: context,
                    limits: LogsClient.pageLimits
                )
            )
        )
    }

    private func read(_ world: Recorded) async throws -> [[String]] {
        var pages: [[String]] = []
        for try await page in try source(world.clientContext()).pages(in: Self.window) {
            pages.append(page.map(\.message))
        }
        return pages
    }

    @Test func `short and empty pages are followed to the end`() async throws {
        let world = Recorded(
            Self.configuration(),
            Self.page([], next: "a"),
            Self.page(["1"], next: "b"),
            Self.page([], next: "c"),
            Self.page(["2", "3"])
        )
        #expect(try await read(world) == [["1"], ["2", "3"]])
        let bodies = world.requests.dropFirst().map { String(decoding: $0.body ?? Data(), as: UTF8.self) }
        #expect(bodies.count == 4)
        for body in bodies {
            #expect(body.contains(#""logGroupName":"\/g""#) && body.contains(#""startTime":1767323000000"#), "\(body)")
            #expect(body.contains(#""endTime":1767323600499"#), "the end of the window is excluded: \(body)")
        }
        #expect(bodies[3].contains(#""nextToken":"c""#))
    }

    @Test func `events of other streams aren't records`() async throws {
        let world = Recorded(
            Self.configuration(),
            Self.page(["other"], next: "a", stream: "app"),
            Self.page(["1"])
        )
        #expect(try await read(world) == [["1"]])
    }

    @Test(arguments: [1, 2, 3, 7])
    func `tokens that come again in a circle are noticed`(length: Int) async throws {
        var answers = [Self.configuration()]
        for index in 0..<200 {
            if index > 0, index.isMultiple(of: 50) { answers.append(Self.configuration()) }
            answers.append(Self.page([], next: "t\(index % length)"))
        }
        let world = Recorded(answers)
        await #expect(throws: UnreadableLog.repeatedPage) { try await read(world) }
        #expect(world.requests.count <= 4 * length + 4)
    }

    @Test func `a long chain of tokens is read to its end`() async throws {
        var answers: [Recorded.Answer] = []
        for index in 0..<120 {
            if index.isMultiple(of: 50) { answers.append(Self.configuration()) }
            answers.append(Self.page(["\(index)"], next: index == 119 ? nil : "t\(index)"))
        }
        #expect(try await read(Recorded(answers)).count == 120)
    }

    @Test(arguments: flags)
    func `nothing is read once prompts or answers are switched on`(flag: String) async throws {
        let world = Recorded(Self.configuration(on: flag), Self.page(["1"]))
        let error = await #expect(throws: UnreadableLog.self) { try await read(world) }
        #expect(error?.problem(in: "us-east-1").problem.contains("\(flag)DataDeliveryEnabled") == true)
        #expect(world.requests.count == 1)
    }

    @Test func `reading stops when they are switched on meanwhile`() async throws {
        var answers = [Self.configuration()]
        for index in 0..<50 { answers.append(Self.page(["\(index)"], next: "t\(index)")) }
        answers += [Self.configuration(on: "text"), Self.page(["secret"])]
        let world = Recorded(answers)
        await #expect(throws: UnreadableLog.bodies([.text])) { try await read(world) }
        #expect(world.requests.count == 52)
    }

    @Test(arguments: [
        (#"{}"#, UnreadableLog.off),
        (#"{"loggingConfig":{"s3Config":{"bucketName":"b"},"textDataDeliveryEnabled":false}}"#, .bucketOnly("b")),
    ])
    func `a log that isn't there is named`(_ body: String, _ reason: UnreadableLog) async throws {
        await #expect(throws: reason) { try await read(Recorded(.init(body: body))) }
    }

    @Test func `a log group that is gone is named`() async throws {
        let world = Recorded(Self.configuration(), Self.refusal("ResourceNotFoundException"))
        await #expect(throws: UnreadableLog.missingGroup("/g")) { try await read(world) }
    }

    @Test func `throttled calls are repeated after a pause`() async throws {
        let world = Recorded(
            Self.configuration(),
            Self.refusal("ThrottlingException"),
            Self.refusal("ThrottlingException"),
            Self.page(["1"])
        )
        #expect(try await read(world) == [["1"]])
        #expect(world.waited == [.seconds(1), .seconds(2)])
    }

    @Test(arguments: ["GetModelInvocationLoggingConfiguration", "FilterLogEvents"])
    func `a call that is denied is an error with its region`(operation: String) async throws {
        let denied = Self.refusal("AccessDeniedException", status: 403)
        let world = operation == "FilterLogEvents" ? Recorded(Self.configuration(), denied) : Recorded(denied)
        let error = await #expect(throws: InvocationLogCallError.self) { try await read(world) }
        #expect(error?.region == "us-east-1")
        guard case AWSError.refused(let refusal)? = error?.cause else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(refusal.operation == operation)
    }

    @Test func `a cancelled reader stops, and asks for no other page`() async throws {
        let endless = Recorded([Self.configuration()] + (0..<40).map { Self.page(["1"], next: "t\($0)") })
        let source = try source(endless.clientContext())
        let task = Task {
            for try await _ in source.pages(in: Self.window) {
                withUnsafeCurrentTask { $0?.cancel() }
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(endless.requests.count == 2)
    }

    @Test func `the newest record is the latest of all pages`() async throws {
        let world = Recorded(
            Self.configuration(),
            Self.page(["1"], next: "a"),
            .init(body: #"{"events":[{"timestamp":1767323005500,"message":"2"},{"timestamp":5,"message":"3"}]}"#)
        )
        let date = Date(timeIntervalSince1970: 1_767_323_100)
        let newest = try await source(world.clientContext()).newestRecord(before: date)
        #expect(newest == Date(timeIntervalSince1970: 1_767_323_005.5))
        let empty = Recorded(Self.configuration(), Self.page([]))
        #expect(try await source(empty.clientContext()).newestRecord(before: date) == nil)
    }
}

/// The windows that are read again: late records are met, and pauses leave no gap.
@Suite struct PullScheduleTests {
    private static let start = Date(timeIntervalSince1970: 1_767_323_045)

    @Test func `the first window goes back three days, and each minute has the last ten`() {
        var schedule = PullSchedule()
        let first = schedule.window(at: Self.start)
        #expect(first == Self.start.addingTimeInterval(-3 * 86_400)..<Self.start)
        // One that failed is due again, wherever it came to.
        #expect(
            schedule.window(at: Self.start.addingTimeInterval(5))?.lowerBound == first?.lowerBound.addingTimeInterval(5)
        )
        schedule.finish(Self.start.addingTimeInterval(-3 * 86_400)..<Self.start)
        #expect(schedule.window(at: Self.start.addingTimeInterval(59)) == nil)
        let minute = Self.start.addingTimeInterval(60)
        #expect(schedule.window(at: minute) == Self.start.addingTimeInterval(-600)..<minute)
    }

    @Test(arguments: [(60, 600), (3600, 4 * 3600), (86_400, 3 * 86_400)] as [(Double, Double)])
    func `each tier comes at its interval, and includes the narrower ones`(_ interval: Double, _ span: Double) throws {
        var schedule = PullSchedule()
        schedule.finish(try #require(schedule.window(at: Self.start)))
        for minute in 1...1500 {
            let date = Self.start.addingTimeInterval(Double(minute) * 60)
            let window = try #require(schedule.window(at: date))
            let isDue = (Double(minute) * 60).truncatingRemainder(dividingBy: interval) == 0
            if isDue { #expect(window.lowerBound <= date.addingTimeInterval(-span), "minute \(minute)") }
            schedule.finish(window)
        }
    }

    @Test func `after a pause nothing in between is left out`() throws {
        var schedule = PullSchedule()
        schedule.finish(try #require(schedule.window(at: Self.start)))
        let later = Self.start.addingTimeInterval(9 * 86_400)
        #expect(schedule.window(at: later) == Self.start.addingTimeInterval(-3 * 86_400)..<later)
    }

    @Test func `a clock that was set back stops nothing`() throws {
        var schedule = PullSchedule()
        schedule.finish(try #require(schedule.window(at: Self.start)))
        let earlier = Self.start.addingTimeInterval(-7 * 86_400)
        let window = try #require(schedule.window(at: earlier))
        #expect(window == earlier.addingTimeInterval(-3 * 86_400)..<earlier)
        schedule.finish(window)
        #expect(schedule.window(at: earlier.addingTimeInterval(30)) == nil)
        #expect(schedule.window(at: earlier.addingTimeInterval(60)) != nil)
    }

    @Test(arguments: 1...10)
    func `every record is met, however late it is, with failures and pauses in between`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        // Of its event, and of its delivery, in seconds: most within minutes, some hours, a few a day later.
        let records = (0..<400).map { _ -> (time: Double, delivered: Double) in
            let time = Double.random(in: 0..<5 * 86_400, using: &random)
            let delays = [180.0, 180, 180, 1500, 9000, 86_400]
            let delay = Double.random(in: 0..<(delays.randomElement(using: &random) ?? 180), using: &random)
            return (time, time + delay)
        }
        var underWay = records.sorted { $0.delivered > $1.delivered }
        var inLog: [Double] = []
        var schedule = PullSchedule()
        var now = 0.0
        while now < 9 * 86_400 {
            let date = Self.start.addingTimeInterval(now)
            while let record = underWay.last, record.delivered <= now {
                inLog.append(record.time)
                underWay.removeLast()
            }
            // A failed read has seen nothing.
            if let window = schedule.window(at: date), Int.random(in: 0..<10, using: &random) > 0 {
                inLog.removeAll { window.contains(Self.start.addingTimeInterval($0)) }
                schedule.finish(window)
            }
            let isPaused = Int.random(in: 0..<500, using: &random) == 0
            now += isPaused ? Double.random(in: 0..<86_400, using: &random) : 60
        }
        #expect(inLog.isEmpty && underWay.isEmpty)
        #expect(records.contains { $0.delivered - $0.time > 4 * 3600 }, "a cursor would have lost some")
    }
}
