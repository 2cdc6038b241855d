package import AWSAuth
package import AWSClients
package import BursarConsole

/// The clients of one region's invocation log.
package struct InvocationLogClients: Sendable {
    package let region: String
    package let bedrock: BedrockClient
    package let logs: LogsClient

    package init(region: String, bedrock: BedrockClient, logs: LogsClient) {
        self.region = region
        self.bedrock = bedrock
        self.logs = logs
    }

    /// Clients that retry throttled requests for half a minute: an account's other readers share the rate limit.
    ///
    /// - Throws: `EndpointError`.
    package init(
        in region: String,
        credentials: any CredentialProvider,
        endpoints: EndpointResolver,
        clientContext: AWSClientContext
    ) throws(EndpointError) {
        let retries = RetryRules(throttledAttempts: 60, longestPause: .seconds(5), deadline: .seconds(30))
        self.region = region
        bedrock = try BedrockClient(
            region: region,
            credentials: credentials,
            endpoints: endpoints,
            clientContext: clientContext,
            retries: retries
        )
        logs = try LogsClient(
            region: region,
            credentials: credentials,
            endpoints: endpoints,
            clientContext: clientContext,
            retries: retries,
            limits: LogsClient.pageLimits
        )
    }
}

/// A call about invocation logs that failed, and the region of it; nil for IAM, which has none.
package struct InvocationLogCallError: Error {
    package let region: String?
    package let cause: any Error

    /// Runs `call`, and names the region in its error; a cancellation, and an error that names it, stay as they are.
    static func naming<Value>(_ region: String?, _ call: () async throws -> Value) async throws -> Value {
        do {
            return try await call()
        } catch let error as CancellationError {
            throw error
        } catch let error as InvocationLogCallError {
            throw error
        } catch let error as UserFacingError {
            throw error
        } catch {
            throw InvocationLogCallError(region: region, cause: error)
        }
    }
}

/// Bedrock's model invocation logging in one region, as AWS has it.
package struct RegionLogging: Sendable, Equatable {
    package enum Owner: String, Sendable, Encodable {
        case bursar
        case other
    }

    package let region: String
    /// nil where logging is off.
    package var configuration: InvocationLogging?
    /// The log group of the configuration, else the one that Bursar's would name; nil if there is none of that name.
    package var group: LogGroup?

    package init(region: String, configuration: InvocationLogging? = nil, group: LogGroup? = nil) {
        self.region = region
        self.configuration = configuration
        self.group = group
    }

    /// The maker of the configuration, by the role and the log group that it names; nil where logging is off.
    package func owner(_ role: InvocationLogRole) -> Owner? {
        guard let configuration else { return nil }
        let isOwn =
            configuration.logGroup?.roleARN == role.arn && configuration.logGroup?.name == InvocationLogName.group
        return isOwn ? .bursar : .other
    }

    /// The reason why its log can't be read; nil where it can.
    package var unreadable: UnreadableLog? {
        guard let configuration else { return .off }
        guard let target = configuration.logGroup else { return .bucketOnly(configuration.bucket?.name ?? "") }
        guard configuration.bodies.isEmpty else { return .bodies(configuration.bodies) }
        guard let group else { return .missingGroup(target.name) }
        guard group.logClass == LogGroup.standard else { return .otherClass(group) }
        return nil
    }
}

extension RegionLogging {
    /// Reads the configuration and its log group.
    ///
    /// - Throws: ``InvocationLogCallError``, or `CancellationError`.
    package init(_ clients: InvocationLogClients) async throws {
        self = try await InvocationLogCallError.naming(clients.region) {
            let configuration = try await clients.bedrock.invocationLogging()
            let name: String? = configuration == nil ? InvocationLogName.group : configuration?.logGroup?.name
            var group: LogGroup?
            if let name { group = try await clients.logs.logGroup(name) }
            return RegionLogging(region: clients.region, configuration: configuration, group: group)
        }
    }
}

extension AWSAccount {
    /// Reads the logging of several regions at once, in their order.
    ///
    /// - Throws: `CancellationError`.
    package func logging(in regions: [String]) async throws -> [Result<RegionLogging, InvocationLogCallError>] {
        try await withThrowingTaskGroup(of: (Int, Result<RegionLogging, InvocationLogCallError>).self) { group in
            for (index, region) in regions.enumerated() {
                group.addTask {
                    do {
                        let clients = try await InvocationLogCallError.naming(region) {
                            try invocationLog(in: region)
                        }
                        return (index, .success(try await RegionLogging(clients)))
                    } catch let error as InvocationLogCallError {
                        return (index, .failure(error))
                    }
                }
            }
            var results: [(Int, Result<RegionLogging, InvocationLogCallError>)] = []
            for try await result in group { results.append(result) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}

/// The reason why a region's invocation log can't be read, or must not be.
package enum UnreadableLog: Error, Sendable, Equatable {
    case off
    /// Prompts and answers would be read.
    case bodies([InvocationLogging.Body])
    /// Records go to a bucket and to no log group.
    case bucketOnly(String)
    case missingGroup(String)
    case otherClass(LogGroup)
    /// The service answered with a page that it had answered with before.
    case repeatedPage

    package func problem(in region: String) -> UserFacingError {
        switch self {
        case .off:
            UserFacingError("\(region): calls aren't logged", hint: "admin spend setup --region \(region)")
        case .bodies(let bodies):
            UserFacingError(
                "\(region): the invocation log has prompts and answers, so it is not read: "
                    + "\(bodies.map(\.flag).joined(separator: ", ")) \(bodies.count == 1 ? "isn't" : "aren't") off",
                hint: "a log for spend has all five flags false; aws bedrock get-model-invocation-logging-configuration"
            )
        case .bucketOnly(let bucket):
            UserFacingError(
                "\(region): calls are logged into the bucket \(bucket) alone, which isn't read from here",
                hint: "aws s3 sync s3://\(bucket) FOLDER, then admin spend import FOLDER"
            )
        case .missingGroup(let name):
            UserFacingError(
                "\(region): the log group \(name), which the logging configuration names, doesn't exist",
                hint: "aws logs create-log-group --region \(region) --log-group-name \(name)"
            )
        case .otherClass(let group):
            UserFacingError(
                "\(region): the log group \(group.name) is of class \(group.logClass), whose events can't be read, "
                    + "and a group's class can't be changed",
                hint: "have it deleted, or the configuration name another group, of class \(LogGroup.standard)"
            )
        case .repeatedPage:
            UserFacingError(
                "\(region): CloudWatch Logs gave the same page twice, so the rest of the log was not read",
                hint: "run the same command again"
            )
        }
    }
}
