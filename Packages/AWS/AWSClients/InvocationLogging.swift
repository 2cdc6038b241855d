import AWSAuth
import BursarFoundation
import BursarHTTP

/// The configuration of Bedrock's model invocation logging, of which an account has one in each region.
///
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_LoggingConfig.html
package struct InvocationLogging: Sendable, Equatable {
    /// A log group, and the role that Bedrock writes with.
    package struct LogGroupTarget: Sendable, Equatable, Codable {
        package var name: String
        package var roleARN: String
        /// The bucket for bodies that are too large for an event.
        package var largeBodies: BucketTarget?

        package init(name: String, roleARN: String, largeBodies: BucketTarget? = nil) {
            self.name = name
            self.roleARN = roleARN
            self.largeBodies = largeBodies
        }

        private enum CodingKeys: String, CodingKey {
            case name = "logGroupName"
            case roleARN = "roleArn"
            case largeBodies = "largeDataDeliveryS3Config"
        }
    }

    /// A bucket, and the beginning of its objects' names.
    package struct BucketTarget: Sendable, Equatable, Codable {
        package var name: String
        package var prefix: String?

        package init(name: String, prefix: String? = nil) {
            self.name = name
            self.prefix = prefix
        }

        private enum CodingKeys: String, CodingKey {
            case name = "bucketName"
            case prefix = "keyPrefix"
        }
    }

    /// A kind of prompts and answers that a record holds unless its flag is off.
    package enum Body: String, Sendable, CaseIterable, Codable {
        case text, image, embedding, video, audio

        /// The name of its flag.
        package var flag: String { "\(rawValue)DataDeliveryEnabled" }
    }

    package var logGroup: LogGroupTarget?
    package var bucket: BucketTarget?
    /// The bodies that aren't known to be off, in the order of ``Body``.
    ///
    /// A flag that AWS leaves out counts as on: what is sent without one is logged with bodies.
    package var bodies: [Body]

    package init(logGroup: LogGroupTarget? = nil, bucket: BucketTarget? = nil, bodies: [Body] = []) {
        self.logGroup = logGroup
        self.bucket = bucket
        self.bodies = bodies
    }
}

extension InvocationLogging: Codable {
    private enum TargetKeys: String, CodingKey {
        case logGroup = "cloudWatchConfig"
        case bucket = "s3Config"
    }

    private struct Flag: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ body: Body) {
            stringValue = body.flag
        }

        init?(stringValue: String) {
            self.stringValue = stringValue
        }

        init?(intValue: Int) {
            return nil
        }
    }

    package init(from decoder: any Decoder) throws {
        let targets = try decoder.container(keyedBy: TargetKeys.self)
        logGroup = try targets.decodeIfPresent(LogGroupTarget.self, forKey: .logGroup)
        bucket = try targets.decodeIfPresent(BucketTarget.self, forKey: .bucket)
        let flags = try decoder.container(keyedBy: Flag.self)
        bodies = try Body.allCases.filter { try flags.decodeIfPresent(Bool.self, forKey: Flag($0)) ?? true }
    }

    /// Every flag is sent, since AWS takes one that is missing for true.
    package func encode(to encoder: any Encoder) throws {
        var targets = encoder.container(keyedBy: TargetKeys.self)
        try targets.encodeIfPresent(logGroup, forKey: .logGroup)
        try targets.encodeIfPresent(bucket, forKey: .bucket)
        var flags = encoder.container(keyedBy: Flag.self)
        for body in Body.allCases { try flags.encode(bodies.contains(body), forKey: Flag(body)) }
    }
}

extension BedrockClient {
    private static let loggingTarget = "/logging/modelinvocations"

    private struct LoggingBody: Codable {
        let loggingConfig: InvocationLogging?
    }

    /// Returns the region's configuration; nil where logging is off.
    ///
    /// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetModelInvocationLoggingConfiguration.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func invocationLogging() async throws -> InvocationLogging? {
        let response = try await client.send(
            AWSRequest("GetModelInvocationLoggingConfiguration", .get, Self.loggingTarget)
        )
        let found = try JSONResponse.decode(LoggingBody.self, response, service: .bedrock).loggingConfig
        guard let found, found.logGroup != nil || found.bucket != nil else { return nil }
        return found
    }

    /// Replaces the region's configuration, whosever it is.
    ///
    /// Bedrock tries the role out, and answers `ValidationException` when it can't write with it.
    /// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_PutModelInvocationLoggingConfiguration.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func putInvocationLogging(_ configuration: InvocationLogging) async throws {
        if let logGroup = configuration.logGroup {
            guard LogsClient.isGroupName(logGroup.name) else {
                throw AWSError.invalidParameter(service: .bedrock, field: "logGroupName")
            }
            guard logGroup.roleARN.hasPrefix("arn:"), logGroup.roleARN.contains(":role/"),
                logGroup.roleARN.utf8.count <= 2048
            else { throw AWSError.invalidParameter(service: .bedrock, field: "roleArn") }
        }
        let body = try JSONEncoder().encode(LoggingBody(loggingConfig: configuration))
        _ = try await client.send(
            AWSRequest("PutModelInvocationLoggingConfiguration", .put, Self.loggingTarget, json: body)
        )
    }

    /// Switches the region's logging off, whosever configuration it is.
    ///
    /// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_DeleteModelInvocationLoggingConfiguration.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func deleteInvocationLogging() async throws {
        _ = try await client.send(
            AWSRequest("DeleteModelInvocationLoggingConfiguration", .delete, Self.loggingTarget)
        )
    }
}
