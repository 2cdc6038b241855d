import BursarCore
import Transport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// CloudWatch Logs, for the one thing that is done here: deleting a log group that nobody needs any more.
///
/// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/
public struct LogsClient: Sendable {
    let connection: ServiceConnection

    /// A client of one region.
    ///
    /// - Parameters:
    ///   - region: where the log group is.
    ///   - credentials: who calls.
    ///   - endpoints: overrides of `AWS_ENDPOINT_URL_CLOUDWATCH_LOGS` and `AWS_ENDPOINT_URL`.
    ///   - surroundings: transport and clock.
    /// - Throws: ``EndpointError``.
    public init(
        region: String,
        credentials: any CredentialProvider,
        endpoints: EndpointResolver,
        surroundings: Surroundings
    ) throws(EndpointError) {
        connection = ServiceConnection(
            service: .logs,
            endpoint: try endpoints.endpoint(for: .logs, region: region),
            credentials: credentials,
            surroundings: surroundings
        )
    }

    /// Deletes a log group with all it holds; one that is gone already is no error.
    ///
    /// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func deleteLogGroup(_ name: String) async throws {
        guard (1...512).contains(name.utf8.count),
            name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "_-/.#".utf8.contains($0) })
        else { throw AWSError.invalidParameter(service: .logs, field: "logGroupName") }
        var call = ServiceCall("DeleteLogGroup", .post, "/", json: try JSONEncoder().encode(["logGroupName": name]))
        call.headers = [
            ("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", "Logs_20140328.DeleteLogGroup"),
        ]
        do {
            _ = try await connection.send(call)
        } catch AWSError.refused(let refusal) where refusal.code == "ResourceNotFoundException" {
            // A call that was sent twice finds it gone.
        }
    }
}
