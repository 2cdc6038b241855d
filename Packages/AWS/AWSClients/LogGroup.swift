import AWSAuth

/// A log group of CloudWatch Logs.
///
/// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html
package struct LogGroup: Sendable, Equatable {
    /// The class that supports every call; a group's class never changes.
    package static let standard = "STANDARD"
    /// The days that a group may keep events for.
    package static let retentions = [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
    ]

    package let name: String
    /// `STANDARD`, `INFREQUENT_ACCESS` or `DELIVERY`.
    package let logClass: String
    /// In days; nil if events never expire.
    package let retention: Int?

    package init(name: String, logClass: String = Self.standard, retention: Int? = nil) {
        self.name = name
        self.logClass = logClass
        self.retention = retention
    }
}

extension LogGroup: Decodable {
    private enum CodingKeys: String, CodingKey {
        case name = "logGroupName"
        case logClass = "logGroupClass"
        case retention = "retentionInDays"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.decode(String.self, forKey: .name)
        // Groups had no class before there were several.
        logClass = try fields.decodeIfPresent(String.self, forKey: .logClass) ?? Self.standard
        retention = try fields.decodeIfPresent(Int.self, forKey: .retention)
    }
}

/// An event of a log group.
///
/// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilteredLogEvent.html
package struct LogEvent: Sendable, Equatable, Decodable {
    /// The stream that holds it.
    package let stream: String?
    /// UTC milliseconds since 1970, from the sender.
    package let time: Int64
    /// UTC milliseconds since 1970, when CloudWatch Logs received it.
    package let ingestionTime: Int64?
    /// As it was sent: for an invocation log, one record.
    package let message: String

    private enum CodingKeys: String, CodingKey {
        case stream = "logStreamName"
        case time = "timestamp"
        case ingestionTime = "ingestionTime"
        case message = "message"
    }
}

/// A page of events; it may be short, or empty, while others follow.
package struct LogEventPage: Sendable, Equatable {
    package let events: [LogEvent]
    /// The next page; nil for the last.
    package let next: String?
}

// MARK: Groups

extension LogsClient {
    /// The most pages of groups that are read, of 50 each.
    static let mostPages = 100

    /// Creates a log group of class ``LogGroup/standard``; an existing one, of any class, is no error.
    ///
    /// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func createLogGroup(_ name: String) async throws {
        try Self.check(group: name)
        do {
            _ = try await send("CreateLogGroup", ["logGroupName": name, "logGroupClass": LogGroup.standard])
        } catch AWSError.refused(let refusal) where refusal.code == "ResourceAlreadyExistsException" {
            // Another operator was faster, or the call was sent twice.
        }
    }

    /// Returns the log group of this name; nil if there is none.
    ///
    /// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func logGroup(_ name: String) async throws -> LogGroup? {
        struct Groups: Decodable {
            let logGroups: [LogGroup]?
            let nextToken: String?
        }
        try Self.check(group: name)
        var body = ["logGroupNamePrefix": name]
        for _ in 0..<Self.mostPages {
            let response = try await send("DescribeLogGroups", body)
            let page = try JSONResponse.decode(Groups.self, response, service: .logs)
            if let group = page.logGroups?.first(where: { $0.name == name }) { return group }
            guard let next = page.nextToken, !next.isEmpty, next != body["nextToken"] else { return nil }
            body["nextToken"] = next
        }
        return nil
    }

    /// Sets the time that a log group keeps its events for.
    ///
    /// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
    ///
    /// - Parameters:
    ///   - name: the log group's name.
    ///   - days: one of ``LogGroup/retentions``.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func putRetention(ofGroup name: String, days: Int) async throws {
        struct Retention: Encodable {
            let logGroupName: String
            let retentionInDays: Int
        }
        try Self.check(group: name)
        guard LogGroup.retentions.contains(days) else {
            throw AWSError.invalidParameter(service: .logs, field: "retentionInDays")
        }
        _ = try await send("PutRetentionPolicy", Retention(logGroupName: name, retentionInDays: days))
    }
}

// MARK: Events

extension LogsClient {
    /// Returns a page of a log group's events, by time.
    ///
    /// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
    ///
    /// - Parameters:
    ///   - group: the log group's name.
    ///   - window: the events' times, in UTC milliseconds since 1970; its end is excluded.
    ///   - token: ``LogEventPage/next`` of the page before; nil for the first.
    /// - Returns: the page.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func events(of group: String, in window: Range<Int64>, after token: String?) async throws -> LogEventPage {
        struct Query: Encodable {
            let logGroupName: String
            let startTime: Int64
            let endTime: Int64
            let nextToken: String?
        }
        struct Page: Decodable {
            let events: [LogEvent]?
            let nextToken: String?
        }
        try Self.check(group: group)
        guard window.lowerBound >= 0 else { throw AWSError.invalidParameter(service: .logs, field: "startTime") }
        guard !window.isEmpty else { return LogEventPage(events: [], next: nil) }
        // AWS includes the end.
        let query = Query(
            logGroupName: group,
            startTime: window.lowerBound,
            endTime: window.upperBound - 1,
            nextToken: token
        )
        let response = try await send("FilterLogEvents", query)
        let page = try JSONResponse.decode(Page.self, response, service: .logs)
        let next = page.nextToken.flatMap { $0.isEmpty ? nil : $0 }
        return LogEventPage(events: page.events ?? [], next: next)
    }
}
