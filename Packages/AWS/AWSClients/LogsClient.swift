package import AWSAuth
package import BursarFoundation
package import BursarHTTP
import BursarModel

/// A client of CloudWatch Logs: log groups, and the events in them.
///
/// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/
package struct LogsClient: AWSClient {
    package static let service = AWSService.logs
    /// The limits for pages of events, of 1 MB each before JSON escapes what is JSON itself.
    package static let pageLimits = TransferLimits(total: .seconds(60), stall: .seconds(20), body: 8 << 20)
    private let client: AWSServiceClient

    package init(_ client: AWSServiceClient) {
        self.client = client
    }

    /// Deletes a log group with its events; a missing one is no error.
    ///
    /// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func deleteLogGroup(_ name: String) async throws {
        try Self.check(group: name)
        do {
            _ = try await send("DeleteLogGroup", ["logGroupName": name])
        } catch AWSError.refused(let refusal) where refusal.isMissingLog {
            // A call that was sent twice finds it gone.
        }
    }

    /// Creates a stream in a log group; an existing one is no error.
    ///
    /// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func createLogStream(_ stream: String, in group: String) async throws {
        try Self.check(group: group)
        try Self.check(stream: stream)
        do {
            _ = try await send("CreateLogStream", ["logGroupName": group, "logStreamName": stream])
        } catch AWSError.refused(let refusal) where refusal.code == "ResourceAlreadyExistsException" {
            // Another process was faster, or the call was sent twice.
        }
    }

    /// Puts one event into a stream, and creates the stream if it is missing.
    ///
    /// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
    ///
    /// - Parameters:
    ///   - message: at most a KiB short of 1 MiB in UTF-8.
    ///   - date: when it happened; not more than 14 days ago, nor 2 hours from now.
    ///   - stream: its name; no colon or asterisk.
    ///   - group: the log group's name.
    /// - Throws: ``AWSError``, also if AWS accepts the call but rejects the event; what the credential provider throws,
    ///   or `CancellationError`.
    package func put(_ message: String, at date: Date, into stream: String, of group: String) async throws {
        try Self.check(group: group)
        try Self.check(stream: stream)
        guard (1...Self.longestMessage).contains(message.utf8.count) else {
            throw AWSError.invalidParameter(service: .logs, field: "message")
        }
        let event = Event(timestamp: Int64((date.timeIntervalSince1970 * 1000).rounded()), message: message)
        let body = Events(logGroupName: group, logStreamName: stream, logEvents: [event])
        let response: HTTPClientResponse
        do {
            response = try await send("PutLogEvents", body)
        } catch AWSError.refused(let refusal) where refusal.isMissingLog {
            try await createLogStream(stream, in: group)
            response = try await send("PutLogEvents", body)
        }
        let outcome = try JSONResponse.decode(Outcome.self, response, service: .logs)
        guard outcome.rejectedLogEventsInfo == nil else {
            throw AWSError.invalidParameter(service: .logs, field: "timestamp")
        }
    }

    /// AWS's limit is 1 MiB with 26 bytes for each event.
    private static let longestMessage = (1 << 20) - 1024

    private struct Events: Encodable {
        let logGroupName: String
        let logStreamName: String
        let logEvents: [Event]
    }

    private struct Event: Encodable {
        let timestamp: Int64
        let message: String
    }

    private struct Outcome: Decodable {
        let rejectedLogEventsInfo: Rejection?

        /// The events that were too old, too new or expired; with one event, that one.
        struct Rejection: Decodable {}
    }

    func send(_ operation: String, _ body: some Encodable) async throws -> HTTPClientResponse {
        var call = AWSRequest(operation, .post, "/", json: try JSONEncoder().encode(body))
        call.headers = [
            ("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", "Logs_20140328.\(operation)"),
        ]
        return try await client.send(call)
    }

    static func check(group: String) throws(AWSError) {
        guard isGroupName(group) else { throw .invalidParameter(service: .logs, field: "logGroupName") }
    }

    /// Returns true if a log group may have this name.
    package static func isGroupName(_ name: String) -> Bool {
        (1...512).contains(name.utf8.count)
            && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_-/.#".utf8.contains($0) }
    }

    private static func check(stream: String) throws(AWSError) {
        guard (1...512).contains(stream.utf8.count), !stream.utf8.contains(where: { ":*".utf8.contains($0) }) else {
            throw .invalidParameter(service: .logs, field: "logStreamName")
        }
    }
}

extension AWSServiceError {
    /// True if the log group, or the stream in it, doesn't exist.
    package var isMissingLog: Bool { code == "ResourceNotFoundException" }
}
