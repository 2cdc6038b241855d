public import BursarFoundation
public import BursarHTTP
import BursarModel

/// CloudWatch Logs: events put into a group, and a group deleted that nobody needs any more.
///
/// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/
public struct LogsClient: Sendable {
    let connection: AWSServiceClient

    /// A client of one region.
    ///
    /// - Parameters:
    ///   - region: where the log group is.
    ///   - credentials: who calls.
    ///   - endpoints: overrides of `AWS_ENDPOINT_URL_CLOUDWATCH_LOGS` and `AWS_ENDPOINT_URL`.
    ///   - clientContext: transport and clock.
    ///   - retries: how often a call is tried.
    ///   - limits: of each try.
    /// - Throws: ``EndpointError``.
    public init(
        region: String,
        credentials: any CredentialProvider,
        endpoints: EndpointResolver,
        clientContext: AWSClientContext,
        retries: RetryRules = RetryRules(),
        limits: TransferLimits = TransferLimits()
    ) throws(EndpointError) {
        connection = AWSServiceClient(
            service: .logs,
            endpoint: try endpoints.endpoint(for: .logs, region: region),
            credentials: credentials,
            clientContext: clientContext,
            limits: limits,
            retries: retries
        )
    }

    /// Deletes a log group with all it holds; one that is gone already is no error.
    ///
    /// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func deleteLogGroup(_ name: String) async throws {
        try Self.check(group: name)
        do {
            _ = try await send("DeleteLogGroup", ["logGroupName": name])
        } catch AWSError.refused(let refusal) where refusal.isMissingLog {
            // A call that was sent twice finds it gone.
        }
    }

    /// Makes a stream in a log group; one that is there already is no error.
    ///
    /// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func createLogStream(_ stream: String, in group: String) async throws {
        try Self.check(group: group)
        try Self.check(stream: stream)
        do {
            _ = try await send("CreateLogStream", ["logGroupName": group, "logStreamName": stream])
        } catch AWSError.refused(let refusal) where refusal.code == "ResourceAlreadyExistsException" {
            // Somebody else was faster, or the call was sent twice.
        }
    }

    /// Puts one event into a stream, which is made where it is missing.
    ///
    /// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
    ///
    /// - Parameters:
    ///   - message: at most a KiB short of 1 MiB in UTF-8.
    ///   - date: when it happened; not more than 14 days ago, nor 2 hours from now.
    ///   - stream: its name; no colon or asterisk.
    ///   - group: the log group's name.
    /// - Throws: ``AWSError``, also where AWS takes the call and not the event; what the credential provider throws, or
    ///   `CancellationError`.
    public func put(_ message: String, at date: Date, into stream: String, of group: String) async throws {
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

        /// Which events were too old, too new or expired: of one event, that one.
        struct Rejection: Decodable {}
    }

    private func send(_ operation: String, _ body: some Encodable) async throws -> HTTPClientResponse {
        var call = AWSRequest(operation, .post, "/", json: try JSONEncoder().encode(body))
        call.headers = [
            ("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", "Logs_20140328.\(operation)"),
        ]
        return try await connection.send(call)
    }

    private static func check(group: String) throws(AWSError) {
        guard isGroupName(group) else { throw .invalidParameter(service: .logs, field: "logGroupName") }
    }

    /// Whether a log group may have this name.
    public static func isGroupName(_ name: String) -> Bool {
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
    /// Whether there is no such log group, or no such stream in it.
    fileprivate var isMissingLog: Bool { code == "ResourceNotFoundException" }
}
