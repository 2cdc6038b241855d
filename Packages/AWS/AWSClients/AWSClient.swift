package import AWSAuth
package import BursarHTTP

/// The client of one AWS service: functions over an ``AWSServiceClient``, one for each operation.
package protocol AWSClient: Sendable {
    static var service: AWSService { get }
    /// The rules where the caller gives none.
    static var retries: RetryRules { get }
    /// The limits of each attempt where the caller gives none.
    static var limits: TransferLimits { get }

    init(_ client: AWSServiceClient)
}

extension AWSClient {
    package static var retries: RetryRules { RetryRules() }
    package static var limits: TransferLimits { TransferLimits() }

    /// A client of the service in one region.
    ///
    /// - Parameters:
    ///   - region: for a service with one endpoint per partition (IAM), any region of the partition.
    ///   - credentials: signs each call.
    ///   - endpoints: the overrides, `AWS_ENDPOINT_URL_…` and `AWS_ENDPOINT_URL`.
    ///   - clientContext: transport and clock.
    ///   - retries: how often a call is tried.
    ///   - limits: of each attempt.
    /// - Throws: ``EndpointError``.
    package init(
        region: String,
        credentials: any CredentialProvider,
        endpoints: EndpointResolver,
        clientContext: AWSClientContext,
        retries: RetryRules = Self.retries,
        limits: TransferLimits = Self.limits
    ) throws(EndpointError) {
        self.init(
            try AWSServiceClient(
                service: Self.service,
                region: region,
                credentials: credentials,
                endpoints: endpoints,
                clientContext: clientContext,
                retries: retries,
                limits: limits
            )
        )
    }
}

extension RegionSetting {
    /// The region of commands for which no option, variable or profile names one.
    package static let fallback = "us-east-1"
}
